"""S5, the middle: two touches choose the work, a scan adds more of it, and its steps are ticked off with the torque."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal, badge, card, code

from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.work_orders.model import PartLine, ServiceLine, WorkOrder
from app.work_orders.procedures import ChooseProcedure
from ui.kit.declared import Place
from world import World

PADS, STEPS = (
    {"code": "BRK-F", "name": "Renew front brake pads", "model": "R 1250 GS", "hours": "1.2"},
    (
        {"place": 10, "what": "Lift the front wheel", "tools": "Stand", "hazard": "It may tip over"},
        {"place": 20, "what": "Renew the pads"},
        {"place": 30, "what": "Tighten the calliper", "torque": "50", "tolerance": "4"},
    ),
)


@pytest.fixture
def pads(world: World) -> UUID:
    """A procedure for the vehicle of the job, one for every vehicle, and one for another model."""
    customer = world.save("customer", name="Ada")
    vehicle = world.save("vehicle", customer_id=customer.hex, model="R 1250 GS", plate="M-AB 12")
    world.done(SaveRecord(entity="work_order", id=world.order, fields={"vehicle_id": [None, vehicle.hex]}))
    world.save("procedure", code="WASH", name="Wash it", hours="0.5")
    world.save("procedure", code="OTHER", name="Renew the drum", model="MT-07", hours="2")
    ident = world.save("procedure", **PADS)
    for step in STEPS:
        world.save("procedure_step", procedure_id=ident.hex, **step)
    return ident


@pytest.fixture
def mechanic(world: World) -> Actor:
    return world.person("Max", "MEC")


@pytest.fixture
def at_job(terminal: Terminal, mechanic: Actor, pads: UUID) -> Terminal:
    """The mechanic has scanned the job's tag."""
    terminal.scan(badge(terminal.world, mechanic))
    terminal.scan(code("WO", terminal.world.order))
    terminal.until(terminal.settled)
    terminal.begin()
    return terminal


@pytest.fixture
def at_steps(at_job: Terminal, mechanic: Actor, pads: UUID) -> Terminal:
    """The procedure was chosen, and its steps are looked at."""
    at_job.world.done(ChooseProcedure(order=at_job.world.order, procedure=pads), mechanic)
    at_job.open_tab("Steps")
    at_job.until(lambda: at_job.find("Lift the front wheel") is not None)
    at_job.until(at_job.settled)
    at_job.begin()
    return at_job


def services(world: World) -> list[str]:
    return [row.what for row in world.rows(ServiceLine) if row.order_id == world.order and not row.retired]


def steps(world: World) -> list[dict[str, Any]]:
    return world.app.ask("order_steps", world.actor, order=world.order).rows


def done(world: World) -> list[bool]:
    return [row["at"] is not None for row in steps(world)]


# -------------------------------------------------------------------------------------------------------------- choosing


def test_two_touches_choose_the_work_and_begin_the_diagnosis(at_job: Terminal) -> None:
    world = at_job.world
    at_job.touch("Diagnose")
    at_job.until(lambda: at_job.question is not None)
    question = at_job.question
    assert question is not None
    assert [tile.label for tile in question.tiles] == [
        "Renew front brake pads", "Wash it", "Another procedure", "None of these"
    ]  # fmt: skip
    at_job.touch("Renew front brake pads")
    at_job.until(lambda: services(world) == ["Renew front brake pads"])
    assert world.get(WorkOrder, world.order).state == "DIAGNOSING"
    assert (at_job.touches, at_job.scans) == (2, 0)


def test_a_number_key_chooses_too_and_undo_takes_it_off(at_job: Terminal) -> None:
    world = at_job.world
    at_job.touch("Diagnose")
    at_job.until(lambda: at_job.question is not None)
    QTest.keyClick(at_job.window.focusWidget(), Qt.Key.Key_1)
    at_job.until(lambda: services(world) == ["Renew front brake pads"])
    at_job.until(at_job.settled)
    _outcome, said = at_job.scan(card("UNDO"))
    assert said.startswith("Taken back: Renew front brake pads, M-")
    assert services(world) == []


def test_a_diagnosis_may_begin_without_any_procedure(at_job: Terminal) -> None:
    at_job.touch("Diagnose")
    at_job.touch("None of these")
    at_job.until(lambda: at_job.world.get(WorkOrder, at_job.world.order).state == "DIAGNOSING")
    assert services(at_job.world) == []


def test_any_other_procedure_is_searched_for(at_job: Terminal) -> None:
    at_job.touch("Diagnose")
    at_job.touch("Another procedure")
    at_job.until(lambda: at_job.question is not None and at_job.question.kind == "find")
    QTest.keyClicks(at_job.window.focusWidget(), "drum")
    at_job.touch_row("Renew the drum")
    at_job.until(lambda: services(at_job.world) == ["Renew the drum"])


def test_a_scan_of_its_code_adds_it_where_a_job_is_open_and_opens_it_elsewhere(at_job: Terminal, pads: UUID) -> None:
    world = at_job.world
    outcome, said = at_job.scan(code("PR", pads))
    assert (outcome, said) == (Outcome.SUCCESS, f"Renew front brake pads, {world.get(WorkOrder, world.order).number}")
    assert services(world) == ["Renew front brake pads"]
    at_job.window.floor.go(Place("home"))
    at_job.scan(code("PR", pads))
    screen = at_job.window.floor.screen
    assert screen is not None
    assert screen.place == Place("page", "procedure", pads)


def test_a_scan_answers_the_question_of_what_is_to_be_done(at_job: Terminal, pads: UUID) -> None:
    package = at_job.world.save("package", code="PK", name="Brake service")
    at_job.world.save("package_item", package_id=package.hex, procedure_id=pads.hex, place=1)
    at_job.touch("Diagnose")
    at_job.until(lambda: at_job.question is not None)
    at_job.scan(code("PK", package))
    assert services(at_job.world) == ["Renew front brake pads"]
    assert at_job.question is None


# ----------------------------------------------------------------------------------------------------------------- steps


def test_a_step_says_how_tight_what_is_dangerous_and_with_what(at_steps: Terminal) -> None:
    words = at_steps.words()
    assert "48.0–52.0 Nm" in words
    assert "Danger: It may tip over" in words
    assert "Stand" in words


def test_steps_are_ticked_off_by_touch_by_key_and_by_the_done_card(at_steps: Terminal) -> None:
    world = at_steps.world
    at_steps.touch("Lift the front wheel")
    at_steps.until(lambda: done(world) == [True, False, False])
    at_steps.until(at_steps.settled)
    assert at_steps.scan(card("DONE")) == (Outcome.SUCCESS, "Done: Renew the pads")
    at_steps.until(at_steps.settled)
    tile = at_steps.find("Tighten the calliper")
    assert tile is not None
    tile.setFocus()
    QTest.keyClick(tile, Qt.Key.Key_Space)
    at_steps.until(lambda: at_steps.question is not None)
    QTest.keyClicks(at_steps.window.focusWidget(), "50.5")
    QTest.keyClick(at_steps.window.focusWidget(), Qt.Key.Key_Return)
    at_steps.until(lambda: done(world) == [True, True, True])
    assert [(row["by"], row["measured"]) for row in steps(world)] == [
        ("Max", None), ("Max", None), ("Max", Quantity.parse("50.5"))
    ]  # fmt: skip
    at_steps.until(lambda: "50.5 Nm" in at_steps.words())


def test_a_wrench_that_types_is_read_and_a_wrong_torque_is_measured_again(at_steps: Terminal) -> None:
    world = at_steps.world
    for ready in ("Lift the front wheel", "Renew the pads"):
        at_steps.touch(ready)
        at_steps.until(at_steps.settled)
    at_steps.touch("Tighten the calliper")
    at_steps.until(lambda: at_steps.question is not None)
    assert at_steps.scan("47.5") == (Outcome.ASK, "Outside 48.0–52.0 Nm.")
    assert "47.5 Nm is outside 48.0–52.0 Nm: “Tighten the calliper”." in at_steps.words()
    assert done(world) == [True, True, False]
    at_steps.touch("Measure it again")
    at_steps.until(lambda: at_steps.question is not None and at_steps.question.kind == "number")
    at_steps.scan("49")
    assert steps(world)[2]["measured"] == Quantity(49)
    assert world.discrepancies() == []


def test_a_torque_that_stays_so_has_its_reason(at_steps: Terminal) -> None:
    world = at_steps.world
    at_steps.touch("Tighten the calliper")
    at_steps.until(lambda: at_steps.question is not None)
    at_steps.scan("55")
    at_steps.touch("The maker gives another value")
    at_steps.until(lambda: done(world) == [False, False, True])
    assert steps(world)[2]["reason"] == "The maker gives another value"
    assert world.discrepancies() == ["work_orders.torque_out"]
    at_steps.until(lambda: "The maker gives another value" in at_steps.words())


def test_a_step_that_is_not_done_after_all_is_taken_back(at_steps: Terminal) -> None:
    at_steps.touch("Renew the pads")
    at_steps.until(lambda: done(at_steps.world)[1])
    at_steps.until(at_steps.settled)
    at_steps.touch("Renew the pads")
    at_steps.touch("It is not done yet")
    at_steps.until(lambda: not done(at_steps.world)[1])


# ------------------------------------------------------------------------------------------------------ hold, and on top


def test_a_job_is_put_on_hold_and_goes_on_by_two_touches_each(at_job: Terminal) -> None:
    world = at_job.world
    for button, answer, held in (("Put on hold", "Waits for parts", "parts"), ("Put on hold", "It goes on", "")):
        at_job.reach(button)
        at_job.touch(button)
        at_job.touch(answer)
        at_job.until(lambda held=held: (world.get(WorkOrder, world.order).hold or "") == held)


def test_an_unplanned_part_is_added_to_the_job_by_one_touch(at_issue: Terminal) -> None:
    world = at_issue.world
    part = world.save("part", code="EXTRA", name="Extra part", price=500)
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(5)))
    outcome, said = at_issue.scan(code("PT", part))
    assert outcome is Outcome.ASK
    assert said.startswith("Extra part is not planned on this job.")
    at_issue.touch("Add it to the job")
    at_issue.until(lambda: world.used(part)[0] == Quantity(1))

    def planned() -> list[Quantity]:
        return [row.planned for row in world.rows(PartLine) if row.part_id == part and not row.retired]

    assert planned() == [Quantity(1)]
    assert world.discrepancies() == []
    at_issue.until(at_issue.settled)
    at_issue.scan(card("UNDO"))
    assert (world.used(part)[0], planned()) == (Quantity(0), [])
