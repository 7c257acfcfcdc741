"""Money at two terminals that do not know of each other: nothing is lost, a job closes once, what is too much is asked about."""

from __future__ import annotations

import random
from uuid import UUID

import pytest
from paying import PRICE
from replay_world import Machine, Trio, morning, named
from sqlalchemy import func, select

from app.kernel.money import Money
from app.kernel.records import ChangeRow, Discrepancy
from app.kernel.standard import Transition
from app.parts_issue.commands import IssuePart, ReturnPart
from app.payments.commands import RefundPayment, TakePayment
from app.payments.drawers import CountDrawer, OpenDrawer
from app.payments.model import Drawer, Payment
from app.work_orders.commands import AddService, AgreeOrder, CreateOrder
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import WorkOrder


@pytest.fixture
def trio() -> Trio:
    return morning()


def handed_over(trio: Trio, parts: int = 0) -> UUID:
    """A job of 119.00, and 9.00 for each part, that went its way at the left terminal, and is known everywhere."""
    ann = trio.person("Ann")
    left = trio.left
    order = left.done(CreateOrder(site=named("site", "M"), what="Front brake"), ann).row("work_order")
    left.done(AddService(order=order, what="Replace brake pads", rate=PRICE), ann)
    left.done(Transition(entity="work_order", id=order, move="quote"), ann)
    left.done(AgreeOrder(order=order, how="By phone"), ann)
    left.done(Transition(entity="work_order", id=order, move="begin"), ann)
    for _each in range(parts):
        left.done(IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), reason="Worn"), ann)
    left.done(RecordHealth(order=order, notes="All well"), ann)
    left.done(Transition(entity="work_order", id=order, move="finish"), ann)
    due = PRICE + Money(900) * parts
    left.done(CheckDelivery(order=order, explained=True, method="cash", amount=due, hand_over=True), ann)
    trio.quiesce()
    return order


def take(order: UUID, minor: int, channel: str = "card") -> TakePayment:
    return TakePayment(order=order, channel=channel, amount=Money(minor))


def states(trio: Trio, order: UUID) -> set[str]:
    return {str(one.get(WorkOrder, order).state) for one in trio.machines}


def amounts(machine: Machine) -> list[int]:
    return sorted(one.amount.minor for one in machine.all(Payment))


def alike(trio: Trio) -> None:
    first = trio.hub.image()
    for one in trio.terminals:
        assert one.image() == first
    assert trio.mishaps.told == []


def codes(trio: Trio) -> list[str]:
    return sorted(one.code for one in trio.hub.all(Discrepancy))


def test_a_payment_travels_to_the_hub_and_the_other_terminal(trio: Trio) -> None:
    order = handed_over(trio)
    trio.left.done(take(order, 11_900, "cash"), trio.person("Ann"))
    assert trio.left.get(WorkOrder, order).state == "CLOSED"
    trio.quiesce()
    assert states(trio, order) == {"CLOSED"}
    (there,) = trio.right.all(Payment)
    assert (there.amount, there.state, there.made_by) == (PRICE, "success", trio.person("Ann").id)
    (drawer,) = trio.right.all(Drawer)
    assert drawer.desk_id == trio.left.station.id
    alike(trio)


def test_two_terminals_take_the_same_money_and_both_are_kept(trio: Trio) -> None:
    order = handed_over(trio)
    trio.left.done(take(order, 11_900, "cash"), trio.person("Ann"))
    trio.right.done(take(order, 11_900), trio.person("Ben"))
    trio.quiesce()
    assert states(trio, order) == {"CLOSED"}
    assert amounts(trio.hub) == [11_900, 11_900]
    assert codes(trio) == ["payments.overpaid"]
    with trio.hub.session() as session:
        closed = session.scalars(select(ChangeRow.after).where(ChangeRow.row_id == order)).all()
    assert sum((one or {}).get("state") == "CLOSED" for one in closed) == 1
    trio.left.done(RefundPayment(payment=trio.left.all(Payment)[-1].id, amount=PRICE, reason="Paid twice"), trio.person("Ann"))
    trio.quiesce()
    assert sum(amounts(trio.right)) == 11_900
    alike(trio)


def test_parts_taken_at_two_terminals_close_the_job_together(trio: Trio) -> None:
    order = handed_over(trio)
    trio.left.done(take(order, 6_000), trio.person("Ann"))
    trio.right.done(take(order, 5_900), trio.person("Ben"))
    assert states(trio, order) == {"DELIVERED"}
    trio.quiesce()
    assert states(trio, order) == {"CLOSED"}
    assert codes(trio) == []
    alike(trio)


@pytest.mark.parametrize("first", ["left", "right"])
def test_a_part_brought_back_where_nobody_knew_that_it_was_paid_is_asked_about_once(trio: Trio, first: str) -> None:
    order = handed_over(trio, parts=1)
    trio.left.done(take(order, 12_800), trio.person("Ann"))
    trio.right.done(ReturnPart(order=order, part=named("part", "P-1"), bin=named("bin", "A")), trio.person("Ben"))
    trio.exchange(getattr(trio, first))
    trio.quiesce()
    assert (states(trio, order), codes(trio)) == ({"CLOSED"}, ["payments.overpaid"])
    alike(trio)


def test_the_last_payment_and_the_last_part_that_comes_back_close_the_job_together(trio: Trio) -> None:
    order = handed_over(trio, parts=1)
    trio.left.done(take(order, 11_900), trio.person("Ann"))
    trio.right.done(ReturnPart(order=order, part=named("part", "P-1"), bin=named("bin", "A")), trio.person("Ben"))
    assert states(trio, order) == {"DELIVERED"}
    trio.quiesce()
    assert (states(trio, order), codes(trio)) == ({"CLOSED"}, [])
    alike(trio)


def test_a_drawer_is_counted_at_its_own_desk_and_holds_its_own_cash(trio: Trio) -> None:
    order = handed_over(trio)
    for machine, name, minor in ((trio.left, "Ann", 1_900), (trio.right, "Ben", 2_000)):
        drawer = machine.done(OpenDrawer(site=named("site", "M"), began_with=Money(5_000)), trio.person(name)).row("drawer")
        machine.done(take(order, minor, "cash"), trio.person(name))
        machine.done(CountDrawer(drawer=drawer, counted=Money(5_000 + minor)), trio.person(name))
    trio.quiesce()
    assert sorted((one.expected.minor, one.counted.minor) for one in trio.right.all(Drawer)) == [(6_900, 6_900), (7_000, 7_000)]
    assert codes(trio) == []
    alike(trio)


def test_cash_that_was_taken_into_a_drawer_counted_elsewhere_meanwhile_lies_in_that_drawer(trio: Trio) -> None:
    order = handed_over(trio)
    drawer = trio.left.done(OpenDrawer(site=named("site", "M")), trio.person("Ann")).row("drawer")
    trio.quiesce()
    trio.left.done(take(order, 1_900, "cash"), trio.person("Ann"))
    trio.right.done(CountDrawer(drawer=drawer, counted=Money(0)), trio.person("Ben"))
    trio.exchange(trio.right)
    trio.quiesce()
    assert [one.drawer_id for one in trio.hub.all(Payment)] == [drawer]
    assert len(trio.hub.all(Drawer)) == 1, "nobody opened another one"
    assert codes(trio) == ["payments.drawer_counted"]
    alike(trio)


def test_what_is_sent_twice_is_paid_once(trio: Trio) -> None:
    order = handed_over(trio)
    trio.left.done(take(order, 11_900, "cash"), trio.person("Ann"))
    trio.quiesce()
    before = trio.hub.image()
    with trio.left.session() as session:  # the terminal believes that nothing was ever heard
        for row in trio.left.envelopes():
            row.state = "waiting"
            session.merge(row)
        session.commit()
    trio.quiesce()
    assert trio.hub.image() == before
    assert amounts(trio.hub) == [11_900]


def test_a_try_on_a_closed_job_is_known_at_the_hub(trio: Trio) -> None:
    order = handed_over(trio)
    trio.left.done(take(order, 11_900), trio.person("Ann"))
    assert not trio.left.run(AddService(order=order, what="One more thing"), trio.person("Ann")).done
    trio.quiesce()
    (told,) = trio.hub.all(Discrepancy)
    assert (told.code, told.command, told.made_by, told.row_id) == (
        "work_orders.locked", "AddService", trio.person("Ann").id, order,
    )  # fmt: skip
    assert told.state == "settled", "nobody has to do anything about it"
    alike(trio)


@pytest.mark.parametrize("seed", range(8))
def test_whatever_is_taken_wherever_every_cent_is_there_and_all_agree(trio: Trio, seed: int) -> None:
    chance = random.Random(seed)
    order = handed_over(trio)
    taken = 0
    for _turn in range(8):
        machine, name = chance.choice([(trio.left, "Ann"), (trio.right, "Ben")])
        trio.wall.ms += chance.randint(1, 60_000)
        minor = chance.choice([1_900, 5_000, 11_900])
        answer = machine.run(take(order, minor, chance.choice(["cash", "card"])), trio.person(name))
        taken += minor if answer.done else 0
        if chance.random() < 0.3:
            trio.exchange(machine)
    trio.quiesce()
    assert sum(amounts(trio.hub)) == taken
    assert states(trio, order) == ({"CLOSED"} if taken >= PRICE.minor else {"DELIVERED"})
    alike(trio)
    with trio.hub.session() as session:
        numbers = session.scalar(select(func.count(func.distinct(Payment.number))))
    assert numbers == len(trio.hub.all(Payment))
