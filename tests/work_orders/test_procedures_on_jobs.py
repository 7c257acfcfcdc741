"""Procedures on jobs: chosen with one touch, copied as they are, taken off again; and their steps ticked off with the torque."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest

from app.kernel.access import Actor
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.standard import Retire, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, UndoIssue
from app.stock.commands import ReceiveStock
from app.work_orders.commands import AgreeOrder, CreateOrder, HoldOrder, PlanPart, RemoveService
from app.work_orders.model import PartLine, ServiceLine, WorkOrder
from app.work_orders.procedures import ChoosePackage, ChooseProcedure, RemoveChoice
from app.work_orders.steps import RecordStep, ReopenStep
from world import World

STEPS: tuple[dict[str, Any], ...] = (
    {"place": 10, "what": "Lift the front wheel", "tools": "Stand", "hazard": "It may tip over"},
    {"place": 20, "what": "Renew the pads"},
    {"place": 30, "what": "Tighten the calliper", "torque": "50", "tolerance": "4"},
)


@pytest.fixture
def pads(world: World) -> UUID:
    """A procedure with three steps, two parts and one that is only sometimes needed."""
    ident = world.save("procedure", code="BRK-F", name="Renew front brake pads", hours="1.2", price=9900)
    for step in STEPS:
        world.save("procedure_step", procedure_id=ident.hex, **step)
    for place, optional in ((0, False), (1, False), (2, True)):
        world.save(
            "procedure_part", procedure_id=ident.hex, part_id=world.parts[place].hex, quantity=str(place + 1), optional=optional
        )
    return ident


def lines(world: World, entity: Any) -> list[Any]:
    return [row for row in world.rows(entity) if row.order_id == world.order and not row.retired]


def planned(world: World) -> dict[str, Quantity]:
    rows = world.app.ask("order_parts", world.actor, order=world.order).rows
    return {row["code"]: row["planned"] for row in rows}


def steps(world: World) -> list[dict[str, Any]]:
    return world.app.ask("order_steps", world.actor, order=world.order).rows


def state(world: World) -> str:
    return str(world.get(WorkOrder, world.order).state)


# -------------------------------------------------------------------------------------------------------------- choosing


def test_a_chosen_procedure_brings_its_service_its_parts_and_its_steps(world: World, pads: UUID) -> None:
    before = planned(world)
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    (service,) = lines(world, ServiceLine)
    assert (service.what, service.hours, service.price) == ("Renew front brake pads", Quantity.parse("1.2"), Money(9900))
    assert (service.rate, service.procedure_id) == (Money(8000), pads)
    assert [(row["what"], row["range"], row["hazard"], row["at"]) for row in steps(world)] == [
        ("Lift the front wheel", "", "It may tip over", None),
        ("Renew the pads", "", "", None),
        ("Tighten the calliper", "48.0–52.0 Nm", "", None),
    ]
    new = {code: quantity - before.get(code, Quantity(0)) for code, quantity in planned(world).items()}
    assert [quantity for quantity in new.values() if quantity] == [Quantity(1), Quantity(2), Quantity(3)]
    assert [line.planned for line in lines(world, PartLine) if line.optional] == [Quantity(3)]


def test_what_is_only_sometimes_needed_says_so_and_comes_after_what_is_due(world: World, pads: UUID) -> None:
    for part in world.parts:
        world.done(PlanPart(order=world.order, part=part, quantity=Quantity(0)))
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    rows = world.app.ask("order_parts", world.actor, order=world.order).rows
    assert [row["name"].endswith("(only if needed)") for row in rows] == [False, False, True]
    world.done(IssuePart(order=world.order, part=world.parts[0], bin=world.bin))
    rows = world.app.ask("order_parts", world.actor, order=world.order).rows
    assert [row["id"] for row in rows] == [world.parts[1], world.parts[2], world.parts[0]]


def test_choosing_begins_the_diagnosis_and_later_changes_no_state(world: World, pads: UUID) -> None:
    assert state(world) == "CHECKIN"
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    assert state(world) == "DIAGNOSING"
    world.done(Transition(entity="work_order", id=world.order, move="quote"))
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    assert state(world) == "QUOTED"


def test_the_same_procedure_may_be_chosen_twice_and_one_of_them_taken_off(world: World, pads: UUID) -> None:
    before = planned(world)
    command = ChooseProcedure(order=world.order, procedure=pads)
    first, second = world.done(command), world.done(command)
    assert len(lines(world, ServiceLine)) == 2
    assert len(steps(world)) == 6
    doubled = planned(world)
    back = command.undone_by(second.id)
    assert back is not None
    world.done(back)
    assert len(lines(world, ServiceLine)) == 1
    assert len(steps(world)) == 3
    world.done(RemoveChoice(order=world.order, choice=first.id))
    assert (lines(world, ServiceLine), steps(world), planned(world)) == ([], [], before)
    assert doubled != before


def test_what_people_planned_stays_when_a_procedure_is_taken_off(world: World, pads: UUID) -> None:
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(4)))
    chosen = world.done(ChooseProcedure(order=world.order, procedure=pads))
    code = next(
        row["code"] for row in world.app.ask("order_parts", world.actor, order=world.order).rows if row["id"] == world.part
    )
    assert planned(world)[code] == Quantity(5)
    world.done(RemoveChoice(order=world.order, choice=chosen.id))
    assert planned(world)[code] == Quantity(4)


def test_a_job_keeps_its_copy_when_the_procedure_is_changed(world: World, pads: UUID) -> None:
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    world.done(
        SaveRecord(entity="procedure", id=pads, fields={"name": ["Renew front brake pads", "Other"], "hours": ["1.2", "9"]})
    )
    world.done(SaveRecord(entity="part", id=world.part, fields={"price": [900, 1000]}))
    assert [(line.what, line.hours) for line in lines(world, ServiceLine)] == [("Renew front brake pads", Quantity.parse("1.2"))]
    assert {line.price for line in lines(world, PartLine) if line.part_id == world.part} == {Money(900)}


def test_lines_have_the_tax_of_the_day_they_were_made(world: World, pads: UUID) -> None:
    usual = world.save("tax_code", code="19", name="Usual", percent="19")
    reduced = world.save("tax_code", code="7", name="Reduced", percent="7")
    world.save("setting_value", key="taxes.default", value="19")
    world.done(SaveRecord(entity="procedure", id=pads, fields={"tax_code": [None, "7"]}))
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    assert [line.tax_id for line in lines(world, ServiceLine)] == [reduced]
    assert {line.tax_id for line in lines(world, PartLine) if line.procedure_id == pads} == {usual}


def test_a_package_brings_all_of_its_procedures_in_their_order(world: World, pads: UUID) -> None:
    bleed = world.save("procedure", code="BLEED", name="Bleed the brakes", hours="0.5")
    world.save("procedure_step", procedure_id=bleed.hex, place=5, what="Open the nipple")
    package = world.save("package", code="BRAKES", name="Brake service")
    for place, one in ((1, pads), (2, bleed)):
        world.save("package_item", package_id=package.hex, procedure_id=one.hex, place=place)
    command = ChoosePackage(order=world.order, package=package)
    answer = world.done(command)
    assert sorted(line.what for line in lines(world, ServiceLine)) == ["Bleed the brakes", "Renew front brake pads"]
    assert [row["what"] for row in steps(world)] == [*(step["what"] for step in STEPS), "Open the nipple"]
    back = command.undone_by(answer.id)
    assert back is not None
    world.done(back)
    assert (lines(world, ServiceLine), steps(world)) == ([], [])


def test_a_package_that_holds_nothing_is_not_chosen(world: World, pads: UUID) -> None:
    package = world.save("package", code="EMPTY", name="Nothing")
    world.save("package_item", package_id=package.hex, procedure_id=pads.hex, place=1)
    world.done(Retire(entity="procedure", id=pads))
    assert world.codes(ChoosePackage(order=world.order, package=package)) == ["work_orders.empty_package"]
    assert world.codes(ChooseProcedure(order=world.order, procedure=pads)) == ["row.retired"]
    assert world.codes(ChooseProcedure(order=world.order, procedure=new_id())) == ["row.missing"]


def test_a_closed_job_takes_no_procedure_and_gives_none_back(world: World, pads: UUID) -> None:
    chosen = world.done(ChooseProcedure(order=world.order, procedure=pads))
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(ChooseProcedure(order=world.order, procedure=pads)) == ["work_orders.locked"]
    assert world.codes(RemoveChoice(order=world.order, choice=chosen.id)) == ["work_orders.locked"]
    assert world.codes(RemoveChoice(order=world.order, choice=new_id())) == ["row.missing"]


def test_a_choice_is_taken_off_its_own_job_only(world: World, pads: UUID) -> None:
    chosen = world.done(ChooseProcedure(order=world.order, procedure=pads))
    other = world.done(CreateOrder(site=world.site, what="Rear light")).row("work_order")
    assert world.codes(RemoveChoice(order=other, choice=chosen.id)) == ["work_orders.not_chosen"]
    assert len(lines(world, ServiceLine)) == 1


def test_what_is_chosen_after_the_customer_agreed_is_put_before_somebody(world: World, pads: UUID) -> None:
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    world.done(AgreeOrder(order=world.order, how="By phone"))
    answer = world.done(ChooseProcedure(order=world.order, procedure=pads))
    assert "work_orders.after_agreement" in [problem.code for problem in answer.problems]


def test_work_that_is_taken_off_takes_its_steps_along(world: World, pads: UUID) -> None:
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    (service,) = lines(world, ServiceLine)
    world.done(RemoveService(service=service.id))
    assert steps(world) == []


# ----------------------------------------------------------------------------------------------------------------- steps


@pytest.fixture
def max(world: World, pads: UUID) -> Actor:
    """A mechanic, and the procedure on the job."""
    world.done(ChooseProcedure(order=world.order, procedure=pads))
    return world.person("Max", "MEC")


def ident(world: World, place: int) -> UUID:
    return UUID(str(steps(world)[place]["id"]))


def test_a_step_is_done_by_somebody_at_a_moment(world: World, max: Actor) -> None:
    command = RecordStep(step=ident(world, 0))
    answer = world.done(command, max)
    done = steps(world)[0]
    assert done["by"] == "Max"
    assert done["at"] is not None
    assert world.codes(RecordStep(step=ident(world, 0)), max) == ["work_orders.step_done"]
    back = command.undone_by(answer.id)
    assert back is not None
    world.done(back, max)
    assert (steps(world)[0]["by"], steps(world)[0]["at"]) == (None, None)


def test_what_is_tightened_is_measured(world: World, max: Actor) -> None:
    tight = ident(world, 2)
    (problem,) = world.run(RecordStep(step=tight), max).problems
    assert (problem.code, problem.asks) == ("work_orders.not_measured", "measured")
    assert "48.0–52.0 Nm" in problem.sentence
    assert world.codes(RecordStep(step=tight, measured=Quantity(0)), max) == ["work_orders.torque"]
    for right in ("48", "52", "50.5"):
        world.done(RecordStep(step=tight, measured=Quantity.parse(right)), max)
        assert steps(world)[2]["measured"] == Quantity.parse(right)
        world.done(ReopenStep(step=tight), max)
    assert world.discrepancies() == []


@pytest.mark.parametrize("wrong", ["47.999", "52.001"])
def test_a_torque_outside_its_range_wants_a_reason_or_another_measurement(world: World, max: Actor, wrong: str) -> None:
    tight = ident(world, 2)
    (problem,) = world.run(RecordStep(step=tight, measured=Quantity.parse(wrong)), max).problems
    assert (problem.code, problem.asks) == ("work_orders.torque_out", "reason")
    assert problem.sentence == f"{wrong} Nm is outside 48.0–52.0 Nm: “Tighten the calliper”."
    assert steps(world)[2]["at"] is None
    world.done(RecordStep(step=tight, measured=Quantity.parse(wrong), reason="The thread is worn"), max)
    assert (steps(world)[2]["measured"], steps(world)[2]["reason"]) == (Quantity.parse(wrong), "The thread is worn")
    assert world.discrepancies() == ["work_orders.torque_out"]


def test_a_closed_job_s_steps_are_not_touched_any_more(world: World, max: Actor) -> None:
    one, other = ident(world, 0), ident(world, 1)
    world.done(RecordStep(step=one), max)
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(RecordStep(step=other), max) == ["work_orders.locked"]
    assert world.codes(ReopenStep(step=one), max) == ["work_orders.locked"]


# ------------------------------------------------------------------------------------------------------ hold, and on top


def test_a_job_says_what_it_waits_for_and_goes_on_again(world: World) -> None:
    held = HoldOrder(order=world.order, hold="parts")
    answer = world.done(held)
    assert world.get(WorkOrder, world.order).hold == "parts"
    other = HoldOrder(order=world.order, hold="customer", before="parts")
    back = other.undone_by(world.done(other).id)
    assert back is not None
    world.done(back)
    assert world.get(WorkOrder, world.order).hold == "parts"
    undo = held.undone_by(answer.id)
    assert undo is not None
    world.done(undo)
    assert not world.get(WorkOrder, world.order).hold
    assert state(world) == "CHECKIN", "a flag, and no state"


def test_a_job_waits_for_nothing_that_nobody_knows(world: World) -> None:
    assert world.codes(HoldOrder(order=world.order, hold="rain")) == ["work_orders.hold"]
    assert world.codes(HoldOrder(order=world.order, hold="conflict")) == ["work_orders.hold"]
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(HoldOrder(order=world.order, hold="parts")) == ["work_orders.locked"]


@pytest.fixture
def unplanned(world: World) -> UUID:
    """A part on the shelf that the job does not plan."""
    part = world.save("part", code="EXTRA", name="Extra", price=500)
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(20)))
    return part


def test_an_unplanned_part_is_added_to_the_job_as_it_is_taken(world: World, unplanned: UUID) -> None:
    kim = world.person("Kim", "KEE")
    command = IssuePart(order=world.order, part=unplanned, bin=world.bin, quantity=Quantity(2))
    assert world.codes(command, kim) == ["parts_issue.unplanned"]
    added = IssuePart(order=world.order, part=unplanned, bin=world.bin, quantity=Quantity(2), supplement=True)
    answer = world.done(added, kim)
    assert planned(world)["EXTRA"] == Quantity(2)
    assert {line.price for line in lines(world, PartLine) if line.part_id == unplanned} == {Money(500)}
    back = added.undone_by(answer.id)
    assert back is not None
    world.done(back, kim)
    assert planned(world).get("EXTRA", Quantity(0)) == Quantity(0)
    assert not [line for line in lines(world, PartLine) if line.part_id == unplanned]


def test_with_what_is_put_back_no_line_comes_off_the_job_that_was_not_added_with_it(world: World, unplanned: UUID) -> None:
    kim = world.person("Kim", "KEE")
    world.done(PlanPart(order=world.order, part=unplanned, quantity=Quantity(3)))
    line = next(line.id for line in lines(world, PartLine) if line.part_id == unplanned)
    taken = world.done(IssuePart(order=world.order, part=unplanned, bin=world.bin, quantity=Quantity(2)), kim)
    world.done(UndoIssue(line=taken.row("stock_line"), planned=line), kim)
    assert planned(world)["EXTRA"] == Quantity(3)


def test_only_what_goes_beyond_the_plan_is_added_to_it(world: World, unplanned: UUID) -> None:
    world.done(PlanPart(order=world.order, part=unplanned, quantity=Quantity(3)))
    one = IssuePart(order=world.order, part=unplanned, bin=world.bin, quantity=Quantity(2), supplement=True)
    world.done(one)
    assert planned(world)["EXTRA"] == Quantity(3)
    world.done(one)
    assert planned(world)["EXTRA"] == Quantity(4)


def test_many_of_an_unplanned_part_want_a_supervisor_added_or_not(world: World, unplanned: UUID) -> None:
    kim, sam = world.person("Kim", "KEE"), world.person("Sam", "SUP")
    many = IssuePart(order=world.order, part=unplanned, bin=world.bin, quantity=Quantity(11), supplement=True)
    assert world.codes(many, kim) == ["parts_issue.many_unplanned"]
    world.done(many, sam)
