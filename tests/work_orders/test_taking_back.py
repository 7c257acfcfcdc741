"""Undo at the counter: readings, the customer's yes and the hand-over are as if they had not been; what stays says why."""

from __future__ import annotations

from uuid import UUID

import pytest
from paying import PRICE, job
from replay_world import Trio, morning, named
from sqlalchemy import select

from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.records import EnvelopeRow
from app.kernel.rows import row_image
from app.kernel.standard import SaveRecord, Transition
from app.kernel.words import say
from app.parties.erasing import EraseCustomer
from app.parties.model import Vehicle
from app.payments.commands import AskPayment, RefundPayment, TakePayment
from app.payments.model import Payment
from app.quotes.commands import ConfirmQuote, PublishQuote, RejectQuote
from app.quotes.model import Quote
from app.work_orders.commands import AddService, AgreeOrder, CreateOrder
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import Delivery, HealthRecord, WorkOrder
from world import World


def undo_of(world: World, command: Command) -> Command:
    """Does it, and hands over what takes it back."""
    undo = command.undone_by(world.done(command).id)
    assert undo is not None
    return undo


def order_of(world: World, ident: UUID) -> WorkOrder:
    order: WorkOrder = world.get(WorkOrder, ident)
    return order


def agreed(world: World, ident: UUID) -> tuple[str | None, bool]:
    order = order_of(world, ident)
    return order.agreed_how or None, order.agreed_at is not None


def on_a_vehicle(world: World, odometer: int) -> tuple[UUID, UUID]:
    customer = world.save("customer", name="Anna Schubert")
    fields = {"customer_id": customer.hex, "model": "Tiger 900", "odometer": odometer}
    vehicle = world.save("vehicle", **fields)
    return world.done(CreateOrder(site=world.site, what="Chain", vehicle=vehicle)).row("work_order"), vehicle


# ------------------------------------------------------------------------------------------------------------- readings


def test_readings_typed_by_mistake_are_taken_back_with_the_odometer(world: World) -> None:
    order, vehicle = on_a_vehicle(world, 12_000)
    undo = undo_of(world, RecordHealth(order=order, odometer=21_000))
    assert world.get(Vehicle, vehicle).odometer == 21_000
    world.done(undo)
    assert world.get(Vehicle, vehicle).odometer == 12_000
    assert [one.retired for one in world.rows(HealthRecord)] == [True]
    world.done(undo)
    assert world.get(Vehicle, vehicle).odometer == 12_000, "a second undo changes nothing"


def test_what_was_read_since_stays_on_the_odometer(world: World) -> None:
    order, vehicle = on_a_vehicle(world, 12_000)
    undo = undo_of(world, RecordHealth(order=order, odometer=12_100))
    world.done(RecordHealth(order=order, odometer=12_300))
    world.done(undo)
    assert world.get(Vehicle, vehicle).odometer == 12_300


def test_readings_that_said_the_same_turn_nothing_back(world: World) -> None:
    order, vehicle = on_a_vehicle(world, 11_000)
    world.done(SaveRecord(entity="vehicle", id=vehicle, fields={"odometer": [11_000, 12_000]}))
    world.done(undo_of(world, RecordHealth(order=order, odometer=12_000)))
    assert world.get(Vehicle, vehicle).odometer == 12_000


def test_the_check_a_job_was_finished_on_is_replaced_first(world: World) -> None:
    order = job(world)
    (first,) = world.rows(HealthRecord)
    undo = RecordHealth(order=order, notes="All well").undone_by(first.id)
    assert undo is not None
    wrong = type(undo)(record=first.id)
    assert world.codes(wrong) == ["work_orders.finished_on_it"]
    world.done(RecordHealth(order=order, notes="Chain is loose"))
    world.done(wrong)
    assert [one.notes for one in world.rows(HealthRecord) if not one.retired] == ["Chain is loose"]


# --------------------------------------------------------------------------------------------------------------- the yes


def quoted(world: World) -> UUID:
    order = world.done(CreateOrder(site=world.site, what="Front brake")).row("work_order")
    world.done(AddService(order=order, what="Replace brake pads", rate=PRICE))
    return order


def test_a_yes_recorded_for_the_wrong_job_is_taken_back_and_its_quote_waits_again(world: World) -> None:
    order = quoted(world)
    quote = world.done(PublishQuote(order=order)).row("quote")
    before = row_image(order_of(world, order))
    undo = undo_of(world, AgreeOrder(order=order, how="By phone"))
    assert world.get(Quote, quote).state == "confirmed"
    world.done(undo)
    assert (world.get(Quote, quote).state, world.get(Quote, quote).decided_at) == ("published", None)
    after = row_image(order_of(world, order))
    assert {**after, "stamp": 0, "agreed_how": None} == {**before, "stamp": 0, "agreed_how": None}
    assert agreed(world, order) == (None, False)


def test_the_yes_before_it_counts_again(world: World) -> None:
    order = quoted(world)
    world.done(AgreeOrder(order=order, how="At the counter"))
    first = order_of(world, order).agreed_at
    world.done(undo_of(world, AgreeOrder(order=order, how="By phone")))
    assert (order_of(world, order).agreed_how, order_of(world, order).agreed_at) == ("At the counter", first)


def test_work_that_began_on_a_yes_keeps_it(world: World) -> None:
    order = quoted(world)
    world.done(Transition(entity="work_order", id=order, move="quote"))
    undo = undo_of(world, AgreeOrder(order=order, how="By phone"))
    world.done(Transition(entity="work_order", id=order, move="begin"))
    assert world.codes(undo) == ["quotes.begun_on_it"]
    assert agreed(world, order) == ("By phone", True)


def test_only_the_last_yes_is_taken_back(world: World) -> None:
    order = quoted(world)
    undo = undo_of(world, AgreeOrder(order=order, how="By phone"))
    world.done(AgreeOrder(order=order, how="At the counter"))
    assert world.codes(undo) == ["work_orders.another_yes"]
    assert world.codes(type(undo)(order=order, entry=order)) == ["work_orders.no_such_yes"]  # type: ignore[call-arg]


def test_how_an_erased_customer_had_agreed_is_not_kept_in_an_undo(world: World) -> None:
    customer = world.save("customer", name="Anna Schubert")
    order = world.done(CreateOrder(site=world.site, what="Chain", customer=customer)).row("work_order")
    world.done(AgreeOrder(order=order, how="Her son rang up"))
    world.done(undo_of(world, AgreeOrder(order=order, how="By post")))
    world.done(EraseCustomer(customer=customer, reason="Asked for it"))
    with world.session() as session:
        kept = session.scalars(select(EnvelopeRow.content)).all()
    assert not [one for one in kept if "Her son" in one]


# ---------------------------------------------------------------------------------------------------------- handing over


def checked(order: UUID, *, hand_over: bool = True) -> CheckDelivery:
    return CheckDelivery(order=order, explained=True, method="cash", amount=PRICE, hand_over=hand_over)


def test_a_vehicle_handed_over_by_mistake_stands_ready_again(world: World) -> None:
    order = job(world)
    world.done(undo_of(world, checked(order)))
    assert order_of(world, order).state == "READY"
    assert [one.retired for one in world.rows(Delivery)] == [True]
    assert world.codes(Transition(entity="work_order", id=order, move="deliver")) == ["work_orders.no_delivery"]
    assert world.app.ask("to_pay", world.actor).rows == []
    world.done(checked(order))
    assert order_of(world, order).state == "DELIVERED", "it is gone through once more"
    assert [one.retired for one in world.rows(Delivery)] == [False]


def test_a_checklist_alone_is_taken_back_alone(world: World) -> None:
    order = job(world)
    world.done(undo_of(world, checked(order, hand_over=False)))
    assert (order_of(world, order).state, [one.retired for one in world.rows(Delivery)]) == ("READY", [True])


def test_what_was_paid_in_part_stays_paid_and_what_was_closed_stays_closed(world: World) -> None:
    order = job(world)
    undo = undo_of(world, checked(order))
    world.done(TakePayment(order=order, channel="card", amount=Money(5_000)))
    world.done(undo)
    assert [one.amount for one in world.rows(Payment)] == [Money(5_000)]
    world.done(CheckDelivery(order=order, explained=True, method="cash", amount=Money(6_900), hand_over=True))
    world.done(TakePayment(order=order, channel="cash", amount=Money(6_900)))
    assert world.codes(undo) == ["work_orders.locked"]
    assert order_of(world, order).state == "CLOSED"


# --------------------------------------------------------------------------------------------------------- what stays


@pytest.mark.parametrize("kind", [PublishQuote, ConfirmQuote, RejectQuote, TakePayment, AskPayment, RefundPayment])
def test_what_is_never_taken_back_says_what_to_do_instead(kind: type[Command]) -> None:
    assert kind.undone_by is Command.undone_by
    assert "not taken back" in say(kind.final)
    assert say(kind.final).count(".") == 2, "what is so, and what to do"


# ---------------------------------------------------------------------------------------------------- at two terminals


@pytest.fixture
def trio() -> Trio:
    return morning()


def alike(trio: Trio) -> None:
    trio.quiesce()
    assert all(one.image() == trio.hub.image() for one in trio.terminals)
    assert trio.mishaps.told == []


def test_what_is_taken_back_at_one_terminal_is_so_everywhere(trio: Trio) -> None:
    ann, left = trio.person("Ann"), trio.left
    order = left.done(CreateOrder(site=named("site", "M"), what="Front brake"), ann).row("work_order")
    left.done(AddService(order=order, what="Replace brake pads", rate=PRICE), ann)
    left.done(PublishQuote(order=order), ann)
    trio.quiesce()
    for command in (AgreeOrder(order=order, how="By phone"), RecordHealth(order=order, notes="All well")):
        undo = command.undone_by(left.done(command, ann).id)
        assert undo is not None
        left.done(undo, ann)
    alike(trio)
    (quote,) = trio.right.all(Quote)
    assert (quote.state, trio.right.get(WorkOrder, order).agreed_at) == ("published", None)
    assert [one for machine in trio.machines for one in machine.all(HealthRecord) if not one.retired] == []


def test_a_hand_over_taken_back_while_another_terminal_takes_the_money_is_closed_and_asked_about(trio: Trio) -> None:
    ann, left = trio.person("Ann"), trio.left
    order = left.done(CreateOrder(site=named("site", "M"), what="Front brake"), ann).row("work_order")
    left.done(AddService(order=order, what="Replace brake pads", rate=PRICE), ann)
    for command in (
        Transition(entity="work_order", id=order, move="quote"),
        AgreeOrder(order=order, how="By phone"),
        Transition(entity="work_order", id=order, move="begin"),
        RecordHealth(order=order, notes="All well"),
        Transition(entity="work_order", id=order, move="finish"),
    ):
        left.done(command, ann)
    undo = checked(order).undone_by(left.done(checked(order), ann).id)
    assert undo is not None
    trio.quiesce()
    trio.right.done(TakePayment(order=order, channel="card", amount=PRICE), ann)
    trio.exchange(trio.right)
    left.done(undo, ann)
    alike(trio)
    assert trio.hub.get(WorkOrder, order).state == "CLOSED"
    assert [one.amount for one in trio.hub.all(Payment)] == [PRICE]
