"""Jobs: opened with a number, planned, agreed, checked and moved along, with every gate saying what is unmet."""

from __future__ import annotations

import itertools
import re
from typing import Any

import pytest

from app.kernel.ids import derived_id, new_id
from app.kernel.money import Money
from app.kernel.standard import Retire, SaveMany, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.commands import ReserveStock
from app.stock.model import Reservation
from app.work_orders.commands import AddService, AgreeOrder, AssignOrder, CreateOrder, PlanPart
from app.work_orders.health import RecordHealth
from app.work_orders.model import PartLine, WorkOrder
from app.work_orders.states import WORK_ORDER
from world import World


def order(world: World) -> WorkOrder:
    return world.get(WorkOrder, world.order)


def step(world: World, move: str, reason: str = "") -> Transition:
    return Transition(entity="work_order", id=world.order, move=move, reason=reason)


def quoted(world: World) -> World:
    world.done(AddService(order=world.order, what="Replace brake pads", hours=Quantity.parse("1.5")))
    world.done(step(world, "quote"))
    return world


def in_progress(world: World) -> World:
    quoted(world)
    world.done(AgreeOrder(order=world.order, how="By phone"))
    world.done(step(world, "begin"))
    return world


# --------------------------------------------------------------------------------------------------------------- opening


def test_a_job_is_checked_in_with_a_number_its_customer_and_the_site_s_store_room(world: World) -> None:
    customer = world.save("customer", name="Ada", phone="0170")
    vehicle = world.save("vehicle", customer_id=customer.hex, model="R 1250 GS", plate="M-AB 12", odometer=12_000)
    made = world.done(CreateOrder(site=world.site, what="  Rear light ", vehicle=vehicle, odometer=12_345)).row("work_order")
    job = world.get(WorkOrder, made)
    assert re.fullmatch(r"M-\d{8}-\d{4}", job.number)
    assert (job.state, job.what, job.customer_id, job.warehouse_id, job.odometer, job.priority) == (
        "CHECKIN",
        "Rear light",
        customer,
        world.warehouse,
        12_345,
        "normal",
    )


def test_a_job_that_is_only_announced_is_a_draft(world: World) -> None:
    made = world.done(CreateOrder(site=world.site, what="Rear light", checked_in=False)).row("work_order")
    assert world.get(WorkOrder, made).state == "DRAFT"


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"what": " "}, "work_orders.what"),
        ({"what": "x" * 501}, "record.too_long"),
        ({"priority": "soon"}, "record.choice"),
        ({"odometer": -1}, "work_orders.odometer_range"),
        ({"customer": new_id()}, "row.missing"),
        ({"vehicle": new_id()}, "row.missing"),
        ({"warehouse": new_id()}, "row.missing"),
        ({"site": new_id()}, "row.missing"),
    ],
)
def test_a_job_that_makes_no_sense_is_not_opened(world: World, more: dict[str, Any], code: str) -> None:
    asked: dict[str, Any] = {"site": world.site, "what": "Rear light", **more}
    before = len(world.rows(WorkOrder))
    assert world.codes(CreateOrder(**asked)) == [code]
    assert len(world.rows(WorkOrder)) == before


def test_an_odometer_that_went_back_is_noted_not_refused(world: World) -> None:
    customer = world.save("customer", name="Ada")
    vehicle = world.save("vehicle", customer_id=customer.hex, model="R 1250 GS", odometer=12_000)
    answer = world.done(CreateOrder(site=world.site, what="Rear light", vehicle=vehicle, odometer=11_000))
    assert [problem.code for problem in answer.problems] == ["work_orders.odometer"]


def test_a_job_is_found_by_its_number_in_any_case(world: World) -> None:
    number = order(world).number
    for text in (number, number.lower(), f" {number} "):
        meaning = world.app.meaning(text, world.actor)
        assert meaning.match is not None
        assert meaning.match.id == world.order


# -------------------------------------------------------------------------------------------------------------- planning


def planned(world: World) -> Quantity:
    return sum((row.planned for row in world.rows(PartLine) if row.part_id == world.part and not row.retired), Quantity(0))


def test_a_plan_is_changed_taken_off_and_put_on_again(world: World) -> None:
    for wanted in (3, 0, 2):
        world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(wanted)))
        assert planned(world) == Quantity(wanted)


def test_a_part_has_one_line_on_a_job_wherever_it_is_planned(world: World) -> None:
    line = next(row for row in world.rows(PartLine) if row.part_id == world.part)
    assert line.id == derived_id(world.order, "part_line", world.part.hex)
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(3)))
    assert len([row for row in world.rows(PartLine) if row.part_id == world.part]) == 1


def test_what_comes_on_top_after_the_customer_agreed_is_put_before_somebody(world: World) -> None:
    quoted(world)
    world.done(AgreeOrder(order=world.order, how="By phone"))
    for less in (1, 0):
        world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(less), reason="They were good"))
    assert world.discrepancies() == []
    more = world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(2)))
    assert [problem.code for problem in more.problems] == ["work_orders.after_agreement"]
    world.done(AddService(order=world.order, what="Bleed the brakes"))
    assert world.discrepancies() == ["work_orders.after_agreement"] * 2


def test_work_that_was_planned_by_mistake_is_taken_off_again(world: World) -> None:
    command = AddService(order=world.order, what="Oil")
    answer = world.done(command)
    back = command.undone_by(answer.id)
    assert back is not None
    world.done(back)
    assert world.codes(step(world, "quote")) == ["work_orders.no_service"]
    world.done(step(world, "cancel", "Sold"))
    assert world.codes(back) == ["work_orders.locked"]


def test_nobody_plans_less_than_nothing_or_half_a_piece(world: World) -> None:
    fresh = world.save("part", code="NEW", name="New")
    for part in (world.part, fresh):
        assert world.codes(PlanPart(order=world.order, part=part, quantity=Quantity(-3))) == ["parts.quantity"]
        assert world.codes(PlanPart(order=world.order, part=part, quantity=Quantity.parse("0.5"))) == ["parts.whole"]
    assert world.codes(PlanPart(order=world.order, part=fresh, quantity=Quantity(0))) == []
    assert planned(world) == Quantity(1)


def test_a_plan_keeps_the_price_of_the_day(world: World) -> None:
    world.done(SaveRecord(entity="part", id=world.part, fields={"price": [900, 1000]}))
    line = next(row for row in world.rows(PartLine) if row.part_id == world.part)
    assert line.price == Money(900)


def test_work_is_planned_in_hours_at_a_rate(world: World) -> None:
    assert world.codes(AddService(order=world.order, what="")) == ["work_orders.what"]
    assert world.codes(AddService(order=world.order, what="Oil", hours=Quantity(0))) == ["parts.quantity"]
    assert world.codes(AddService(order=world.order, what="Oil", rate=Money(-1))) == ["work_orders.rate"]
    assert world.codes(AddService(order=world.order, what="Oil", rate=Money(8000))) == []


def test_a_job_is_given_to_somebody_who_works_here(world: World) -> None:
    max = world.person("Max", "MEC")
    world.done(AssignOrder(order=world.order, person=max.id, bay="2"))
    assert (order(world).assignee_id, order(world).bay) == (max.id, "2")
    assert world.codes(AssignOrder(order=world.order, person=new_id())) == ["row.missing"]
    world.done(SaveRecord(entity="person", id=max.id, fields={"status": ["active", "inactive"]}))
    assert world.codes(AssignOrder(order=world.order, person=max.id)) == ["work_orders.not_active"]
    world.done(AssignOrder(order=world.order))
    assert (order(world).assignee_id, order(world).bay) == (None, "2")


# ----------------------------------------------------------------------------------------------------------------- gates


def test_a_quote_needs_a_service(world: World) -> None:
    assert world.codes(step(world, "quote")) == ["work_orders.no_service"]
    quoted(world)
    assert order(world).state == "QUOTED"


def test_work_begins_when_the_customer_has_agreed(world: World) -> None:
    quoted(world)
    assert world.codes(step(world, "begin")) == ["quotes.none"]
    assert world.codes(AgreeOrder(order=world.order, how=" ")) == ["work_orders.what"]
    world.done(AgreeOrder(order=world.order, how="By phone"))
    world.done(step(world, "begin"))
    assert order(world).agreed_how == "By phone"


def test_a_new_quote_wants_a_new_yes(world: World) -> None:
    quoted(world)
    world.done(AgreeOrder(order=world.order, how="By phone"))
    assert world.codes(step(world, "requote")) == ["state.reason"]
    world.done(step(world, "requote", "The disc is worn too"))
    world.done(step(world, "quote"))
    assert world.codes(step(world, "begin")) == ["quotes.none"]


def test_a_job_is_ready_when_its_readings_are_taken(world: World) -> None:
    in_progress(world)
    assert world.codes(step(world, "finish")) == ["work_orders.no_health"]
    assert world.codes(RecordHealth(order=world.order)) == ["work_orders.nothing_read"]
    assert world.codes(RecordHealth(order=world.order, notes=" ")) == ["work_orders.nothing_read"]
    world.done(RecordHealth(order=world.order, battery=Quantity.parse("12.6")))
    world.done(step(world, "finish"))
    assert order(world).state == "READY"


def test_what_went_to_a_job_comes_back_before_it_is_cancelled(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    answer = world.run(step(world, "cancel", "Sold"))
    assert [problem.code for problem in answer.problems] == ["work_orders.parts_out"]
    assert "Brake pads front" in answer.problems[0].sentence
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.bin))
    world.done(step(world, "cancel", "Sold"))


def test_a_cancelled_job_lets_go_of_what_was_spoken_for(world: World) -> None:
    world.done(ReserveStock(part=world.part, warehouse=world.warehouse, source=world.order, quantity=Quantity(2)))
    other = world.done(CreateOrder(site=world.site, what="Rear light")).row("work_order")
    world.done(ReserveStock(part=world.part, warehouse=world.warehouse, source=other, quantity=Quantity(1)))
    world.done(step(world, "cancel", "Sold"))
    assert {row.source_id: row.state for row in world.rows(Reservation)} == {world.order: "released", other: "active"}


def test_nothing_changes_on_a_job_that_is_over(world: World) -> None:
    world.done(step(world, "cancel", "Sold"))
    for command in (
        PlanPart(order=world.order, part=world.part),
        AddService(order=world.order, what="Oil"),
        AssignOrder(order=world.order),
        AgreeOrder(order=world.order, how="By phone"),
        RecordHealth(order=world.order, odometer=1),
    ):
        assert world.codes(command) == ["work_orders.locked"], command
    assert world.codes(step(world, "check_in")) == ["state.illegal"]
    by_form = SaveRecord(entity="work_order", id=world.order, fields={"what": ["Front brake", "Rear brake"]})
    many = SaveMany(entity="work_order", rows=[{"id": world.order.hex, "odometer": 1}])
    assert (world.codes(by_form), world.codes(many)) == (["work_orders.locked"], ["work_orders.locked"])


def test_what_only_its_command_says_is_not_written_by_a_form(world: World) -> None:
    said = {
        "number": "M-1",
        "site_id": world.save("site", code="N", name="New").hex,
        "warehouse_id": world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store").hex,
        "assignee_id": world.person("Max", "MEC").id.hex,
        "agreed_how": "By phone",
        "agreed_at": 1_790_000_000_000,
    }
    for field, value in said.items():
        by_form = SaveRecord(entity="work_order", id=world.order, fields={field: [None, value]})
        many = SaveMany(entity="work_order", rows=[{"id": world.order.hex, field: value}])
        assert (world.codes(by_form), world.codes(many)) == (["record.by_command"], ["record.by_command"]), field


def test_nobody_opens_a_job_by_a_form(world: World) -> None:
    answer = world.run(SaveRecord(entity="work_order", fields={"what": [None, "Brakes"]}))
    assert [problem.sentence for problem in answer.problems] == ["Number is set by CreateOrder alone."]


def test_a_form_keeps_what_is_wrong_with_the_vehicle(world: World) -> None:
    def by_form(**fields: Any) -> SaveRecord:
        return SaveRecord(entity="work_order", id=world.order, fields=fields)

    assert world.codes(by_form(what=["Front brake", ""])) != []
    assert world.codes(by_form(odometer=[None, -1])) == ["work_orders.odometer_range"]
    assert world.codes(by_form(what=["Front brake", "Rear brake"], priority=["normal", "urgent"])) == []


@pytest.mark.parametrize("entity", ["part_line", "service_line", "health_record"])
def test_the_lines_of_a_job_are_written_by_their_commands_alone(world: World, entity: str) -> None:
    by_form = SaveRecord(entity=entity, fields={"order_id": [None, world.order.hex]})
    many = SaveMany(entity=entity, rows=[{"order_id": world.order.hex}])
    for command in (by_form, many, Retire(entity=entity, id=new_id())):
        assert world.codes(command) == ["record.no_form"], command


def test_a_job_is_not_taken_out_of_use_but_cancelled(world: World) -> None:
    answer = world.run(Retire(entity="work_order", id=world.order))
    assert [problem.code for problem in answer.problems] == ["record.steps"]
    assert "cancel" in answer.problems[0].advice


def test_a_move_that_was_made_already_is_no_mistake(world: World) -> None:
    world.done(step(world, "diagnose"))
    assert world.done(step(world, "diagnose")).rows == ()


def test_a_move_nobody_knows_is_refused_with_those_there_are(world: World) -> None:
    answer = world.run(step(world, "explode"))
    assert [problem.code for problem in answer.problems] == ["state.no_move"]
    assert "check_in" in answer.problems[0].advice


def test_a_retired_part_is_planned_by_nobody_but_taken_off_by_anybody(world: World) -> None:
    world.gone("part", world.part)
    assert world.codes(PlanPart(order=world.order, part=world.part, quantity=Quantity(2))) == ["row.retired"]
    assert world.codes(PlanPart(order=world.order, part=world.part, quantity=Quantity(0))) == []


# ------------------------------------------------------------------------------------------------------------ the table

ROAD = ("DRAFT", "CHECKIN", "DIAGNOSING", "QUOTED", "IN_PROGRESS", "READY", "DELIVERED", "CLOSED")
LEGAL = (
    set(itertools.pairwise(ROAD))
    | {("CHECKIN", "QUOTED"), ("QUOTED", "DIAGNOSING")}
    | {(state, "CANCELLED") for state in ROAD[: ROAD.index("DELIVERED")]}
)


def test_jobs_go_the_ways_that_are_laid_out_and_no_others() -> None:
    states = (*ROAD, "CANCELLED")
    drawn = {(state, move.target) for state in states for move in WORK_ORDER.open_moves(state)}
    assert drawn == LEGAL


def test_handing_over_closing_and_cancelling_are_for_others_than_moving_along() -> None:
    needs = {move.name: move.needs for move in WORK_ORDER.moves}
    assert {needs[name] for name in ("check_in", "diagnose", "quote", "requote", "begin", "finish")} == {"work_orders.move"}
    apart = ("deliver", "close", "cancel")
    assert [needs[name] for name in apart] == [f"work_orders.{name}" for name in apart]


# ------------------------------------------------------------------------------------------------------------- questions


def test_a_mechanic_sees_the_own_jobs_and_what_is_open(world: World) -> None:
    max = world.person("Max", "MEC")
    world.done(AssignOrder(order=world.order, person=max.id))
    other = world.done(CreateOrder(site=world.site, what="Rear light")).row("work_order")
    assert [row["id"] for row in world.app.ask("work_orders", max, mine=True).rows] == [world.order]
    world.done(Transition(entity="work_order", id=other, move="cancel", reason="Sold"))
    assert [row["id"] for row in world.app.ask("work_orders", max, open="true").rows] == [world.order]
    assert world.app.count("work_orders", max) == 2


def test_a_job_shows_what_is_planned_issued_and_returned_even_of_the_unplanned(world: World) -> None:
    extra = world.save("part", code="PT-9", name="Extra")
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    world.done(IssuePart(order=world.order, part=extra, bin=world.bin, reason="Needed"))
    world.done(ReturnPart(order=world.order, part=extra, bin=world.bin))
    rows = {row["code"]: (row["planned"], row["issued"], row["returned"]) for row in parts_of(world)}
    assert rows["PT-0"] == (Quantity(1), Quantity(1), Quantity(0))
    assert rows["PT-1"] == (Quantity(1), Quantity(0), Quantity(0))
    assert rows["PT-9"] == (Quantity(0), Quantity(1), Quantity(1))


def parts_of(world: World) -> list[dict[str, Any]]:
    return world.app.ask("order_parts", world.actor, order=world.order).rows
