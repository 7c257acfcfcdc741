"""A job that is over: handed over by its checklist, or cancelled; its clocks stop, its quotes are rejected, and it is locked."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from paying import PRICE, job
from replays import late
from sqlalchemy import select

from app.kernel.clock import stamp_ms
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.records import DeniedRow, EnvelopeRow
from app.kernel.standard import Transition
from app.labor.commands import ClockIn, ClockOn
from app.labor.model import Stint
from app.parts_issue.commands import IssuePart, ReturnPart
from app.payments.commands import TakePayment
from app.quotes.commands import PublishQuote
from app.quotes.model import Quote
from app.work_orders.commands import AddService, CreateOrder
from app.work_orders.delivery import CheckDelivery
from app.work_orders.health import RecordHealth
from app.work_orders.model import Delivery, WorkOrder
from world import World


def checked(order: UUID, **more: Any) -> CheckDelivery:
    return CheckDelivery(**{"order": order, "explained": True, "method": "card", "amount": PRICE, **more})


def step(order: UUID, move: str, reason: str = "") -> Transition:
    return Transition(entity="work_order", id=order, move=move, reason=reason)


def state(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).state)


# ------------------------------------------------------------------------------------------------------------ handed over


def test_nothing_is_handed_over_without_its_checklist(world: World) -> None:
    order = job(world)
    assert world.codes(step(order, "deliver")) == ["work_orders.no_delivery"]
    world.done(checked(order))
    assert state(world, order) == "READY", "it is only written down"
    world.done(step(order, "deliver"))
    assert state(world, order) == "DELIVERED"


def test_checking_and_handing_over_are_one_act_where_wanted(world: World) -> None:
    order = job(world)
    world.done(checked(order, hand_over=True))
    assert state(world, order) == "DELIVERED"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"explained": False}, "work_orders.not_explained"),
        ({"amount": Money(-1)}, "work_orders.delivery_amount"),
        ({"method": "shells"}, "record.choice"),
    ],
)
def test_a_checklist_says_what_is_so(world: World, more: dict[str, Any], code: str) -> None:
    order = job(world)
    assert world.codes(checked(order, **more)) == [code]
    assert world.rows(Delivery) == []


def test_what_was_told_agrees_with_what_is_to_pay(world: World) -> None:
    order = job(world)
    answer = world.run(checked(order, amount=Money(11_800), hand_over=True))
    assert [problem.code for problem in answer.problems] == ["payments.amount_differs"]
    assert (state(world, order), world.rows(Delivery)) == ("READY", []), "nothing of it is kept"
    world.done(checked(order, amount=Money(11_800)))
    assert world.codes(step(order, "deliver")) == ["payments.amount_differs"]
    world.done(checked(order))
    world.done(step(order, "deliver"))


def test_what_is_paid_after_it_was_told_does_not_make_it_wrong(world: World) -> None:
    order = job(world)
    world.done(TakePayment(order=order, channel="card", amount=Money(1_900)))
    world.done(checked(order, amount=Money(10_000)))
    world.done(TakePayment(order=order, channel="card", amount=Money(10_000)))
    world.done(step(order, "deliver"))
    assert state(world, order) == "CLOSED", "it is paid already"


def test_a_job_has_one_checklist_wherever_it_is_gone_through(world: World) -> None:
    order = job(world)
    world.done(checked(order, method="cash"))
    late(world, checked(order, notes="He pays by card after all"), stamp_ms(world.app.clock.tick()) + 1)
    (told,) = world.rows(Delivery)
    assert (told.id, told.method) == (derived_id(order, "delivery"), "card")


# -------------------------------------------------------------------------------------------------------------- cancelled


def test_a_job_that_had_parts_is_cancelled_by_a_manager(world: World) -> None:
    advisor, manager = world.person("Ada", "ADV"), world.person("Mo", "MGR")
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    assert world.codes(step(world.order, "cancel", "Sold"), advisor) == ["work_orders.parts_out", "work_orders.cancel_late"]
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.bin))
    assert world.codes(step(world.order, "cancel", "Sold"), advisor) == ["work_orders.cancel_late"]
    assert world.run(step(world.order, "cancel", "Sold"), advisor, cosigner=manager).done


def test_an_advisor_cancels_a_job_on_which_nothing_happened_yet(world: World) -> None:
    world.done(step(world.order, "cancel", "Sold"), world.person("Ada", "ADV"))


def test_the_quotes_of_a_cancelled_job_are_rejected(world: World) -> None:
    world.done(AddService(order=world.order, what="Brakes", rate=PRICE))
    world.done(step(world.order, "quote"))
    quotes = world.rows(Quote)
    if not quotes or quotes[0].state == "draft":
        world.done(PublishQuote(order=world.order))
    world.done(step(world.order, "cancel", "Sold"))
    assert {(one.state, one.reason) for one in world.rows(Quote)} == {("rejected", "Sold")}


@pytest.mark.parametrize("end", ["cancel", "deliver"])
def test_whose_clock_ran_on_a_job_that_is_over_is_between_jobs(world: World, end: str) -> None:
    order = job(world) if end == "deliver" else world.done(CreateOrder(site=world.site, what="Horn")).row("work_order")
    crew = [world.person(name, "MEC") for name in ("Max", "Ben")]
    for one in crew:
        world.done(ClockIn(person=one.id), one)
        world.done(ClockOn(person=one.id, order=order), one)
    world.done(checked(order, hand_over=True) if end == "deliver" else step(order, "cancel", "Sold"))
    running = {(row.person_id, row.kind) for row in world.rows(Stint) if row.ended is None}
    assert running == {(one.id, "idle") for one in crew}


# ----------------------------------------------------------------------------------------------------------------- locked


def test_a_try_on_a_closed_job_is_refused_and_kept_with_who_when_and_what(world: World) -> None:
    order = job(world)
    world.done(checked(order, hand_over=True))
    world.done(TakePayment(order=order, channel="card", amount=PRICE))
    max = world.person("Max", "MEC")
    assert world.codes(AddService(order=order, what="One more thing"), max) == ["work_orders.locked"]
    with world.session() as session:
        kept = session.scalars(select(DeniedRow).order_by(DeniedRow.id.desc())).first()
    assert kept is not None
    assert (kept.actor_id, kept.command, kept.codes) == (max.id, "AddService", ["work_orders.locked"])
    assert (kept.body["order"], kept.body["what"]) == (order.hex, "One more thing")
    (told,) = world.app.ask("refused_tries", world.actor).rows
    assert (told["who"], told["command"], told["code"]) == ("Max", "AddService", "work_orders.locked")
    assert told["message"].endswith("is closed: nothing on it can change.")
    assert told["mine"]["value"]["what"] == "One more thing"
    assert abs((kept.at - world.app.clock.now()).total_seconds()) < 3600


def test_a_part_for_a_closed_job_and_a_step_from_it_are_tries_too_but_a_slip_on_an_open_one_is_none(world: World) -> None:
    order = job(world)
    world.codes(step(order, "begin"))
    assert world.app.ask("refused_tries", world.actor).rows == []
    world.done(checked(order, hand_over=True))
    world.done(TakePayment(order=order, channel="card", amount=PRICE))
    assert world.codes(IssuePart(order=order, part=world.part, bin=world.bin)) == ["parts_issue.closed"]
    assert world.codes(step(order, "cancel", "Sold")) == ["state.illegal"]
    told = world.app.ask("refused_tries", world.actor).rows
    assert [(one["command"], one["code"]) for one in told] == [
        ("Transition", "state.illegal"),
        ("IssuePart", "parts_issue.closed"),
    ]


def test_a_try_tells_nothing_of_the_customer(world: World) -> None:
    order = job(world)
    world.done(checked(order, hand_over=True))
    assert world.codes(RecordHealth(order=order, odometer=5, notes="Ada was cross")) == ["work_orders.locked"]
    (told,) = world.app.ask("refused_tries", world.actor).rows
    assert told["mine"]["value"] == {"order": order.hex, "odometer": 5, "notes": "…"}
    with world.session() as session:
        assert not any("Ada" in str(row.body) for row in session.scalars(select(DeniedRow)))
        assert not any("Ada" in row.content for row in session.scalars(select(EnvelopeRow)))
