"""A record's timeline: what people did to it and on its account, each act once, by the names of the floor."""

from __future__ import annotations

from app.kernel.standard import AddNote, Transition
from app.kernel.timeline import Did, acts
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.work_orders.model import WorkOrder
from world import World


def told(world: World, entity: type, ident: object) -> list[Did]:
    with world.session() as session:
        return acts(session, world.app.registry, world.actor, session.get(entity, ident))  # type: ignore[arg-type]


def test_a_job_tells_what_was_issued_to_it_noted_on_it_and_how_it_went_on(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(2), reason="Both were worn"))
    world.done(AddNote(entity="work_order", id=world.order, text="Customer waits in the shop"))
    world.done(Transition(entity="work_order", id=world.order, move="diagnose"))
    found = told(world, WorkOrder, world.order)
    assert [one.called for one in found[:3]] == ["Taken a step on", "Note written", "Part issued"]
    assert found[0].fields == (("state", "CHECKIN", "DIAGNOSING"),)
    assert found[1].wrote == "Customer waits in the shop"
    assert found[2].what.startswith("2 × Brake pads front")
    assert found[2].wrote == "Both were worn"
    assert found[-1].fresh, "it begins with who opened it"
    assert len({(one.at, one.called) for one in found}) == len(found), "each act once"


def test_a_part_tells_of_the_job_that_it_went_to(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(1)))
    (first, *_rest) = told(world, Part, world.part)
    assert first.called == "Part issued"
    assert "-0001" in first.what
    assert "Brake pads front" not in first.what, "whose timeline it is goes without saying"


def test_what_only_looked_at_a_record_is_not_in_its_timeline(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.parts[1], bin=world.bin, quantity=Quantity(1)))
    assert "Part issued" not in [one.called for one in told(world, Part, world.part)]
