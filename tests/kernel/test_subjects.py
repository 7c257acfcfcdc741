"""What was done at a terminal is told by names that people know: never by a program's own, never by an id."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.capabilities import registry
from app.kernel.access import Actor
from app.kernel.ids import derived_id
from app.kernel.saving import SaveRecord
from app.kernel.standard import AddNote, Retire, SaveMany, Transition
from app.kernel.types import Quantity
from app.kernel.words import PSEUDO, Marked, speak
from app.parts_issue.commands import IssuePart, UndoIssue
from app.stock.commands import MoveStock, ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from app.work_orders.model import WorkOrder
from world import World

EVERY = sorted(registry().commands.items())


@pytest.mark.parametrize(("name", "kind"), EVERY, ids=[name for name, _kind in EVERY])
def test_every_command_has_a_name_in_the_catalogue(name: str, kind: type) -> None:
    assert isinstance(kind.label, Marked), name  # type: ignore[attr-defined]


@pytest.mark.parametrize(("name", "kind"), EVERY, ids=[name for name, _kind in EVERY])
def test_what_a_command_is_about_are_fields_of_its_own(name: str, kind: type) -> None:
    declared = registry()
    spoken = {"", "record", "rows", "list", "setting"}
    for field, entity in kind.about.items():  # type: ignore[attr-defined]
        assert field in kind.__dataclass_fields__, (name, field)  # type: ignore[attr-defined]
        assert entity in spoken or entity in declared.entities, (name, entity)


def last(world: World, actor: Actor | None = None) -> tuple[str, str]:
    row = world.app.ask("sent", actor or world.actor, limit=1).rows[0]
    return row["command"], row["what"]


def number(world: World, order: UUID) -> str:
    return str(world.get(WorkOrder, order).number)


def test_an_issue_names_the_part_and_the_job(world: World) -> None:
    done = world.done(IssuePart(order=world.order, part=world.part, bin=world.bin, reason="more"))
    job = number(world, world.order)
    assert last(world) == ("Part issued", f"Brake pads front · {job}")
    world.done(UndoIssue(line=derived_id(done.id, "stock_line", "issue")))
    assert last(world) == ("Issue taken back", "Brake pads front · A-01")


def test_more_than_one_is_counted(world: World) -> None:
    world.done(PlanPart(order=world.order, part=world.parts[3], quantity=Quantity(2)))
    assert last(world) == ("Part planned", f"2 × Banjo bolt M10 · {number(world, world.order)}")
    world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(4)))
    assert last(world) == ("Goods received", "4 × Brake pads front · A-01")
    world.done(MoveStock(part=world.part, out=world.bin, into=world.other_bin))
    assert last(world) == ("Stock moved", "Brake pads front · A-01 · A-02")


def test_what_was_made_is_named_too(world: World) -> None:
    order = world.done(CreateOrder(site=world.site, what="Horn")).row("work_order")
    assert last(world) == ("Job opened", f"{number(world, order)} · Horn")
    world.save("part", code="HORN", name="Horn 12 V")
    assert last(world) == ("Record saved", "Part · Horn 12 V")


def test_what_was_done_to_a_record_names_its_kind_and_it(world: World) -> None:
    job = number(world, world.order)
    world.done(AddNote(entity="work_order", id=world.order, text="Rust"))
    assert last(world) == ("Note written", f"Work order · {job}")
    world.done(Transition(entity="work_order", id=world.order, move="diagnose"))
    assert last(world) == ("Taken a step on", f"Work order · {job}")
    world.done(SaveRecord(entity="part", id=world.part, fields={"category": [None, "Brakes"]}))
    world.done(Retire(entity="part", id=world.save("part", code="OLD", name="Old horn")))
    assert last(world) == ("Taken out of use", "Part · Old horn")


def test_many_rows_are_counted_and_not_listed(world: World) -> None:
    world.done(SaveMany(entity="part", rows=[{"code": f"N-{n}", "name": f"Nut {n} " + "x" * 90} for n in range(300)]))
    assert last(world) == ("Records taken in", "300 × Parts")


def test_a_pin_is_no_part_of_what_is_told(world: World) -> None:
    person = world.person("Kim", "KEE")
    world.done(SetPin(person=person.id, verifier=pin_verifier("407192")))
    assert last(world) == ("New PIN given", "Kim")
    assert "scrypt" not in str(world.app.ask("sent", world.actor, limit=1).rows[0])


def test_what_somebody_may_not_read_stays_unnamed(world: World) -> None:
    world.done(SetPin(person=world.person("Kim", "KEE").id, verifier=pin_verifier("407192")))
    viewer = world.person("Vera", "VIE")
    row = next(row for row in world.app.ask("sent", viewer, limit=50).rows if row["command"] == "New PIN given")
    assert row["what"] in ("", "Kim")
    assert (row["what"] == "Kim") is world.app.can(viewer, "access.read")


def test_the_names_are_in_the_readers_language(world: World) -> None:
    try:
        speak(PSEUDO)
        command, _what = last(world)
    finally:
        speak("en")
    assert command.endswith("·")
