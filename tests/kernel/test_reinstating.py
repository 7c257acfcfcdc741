"""What was taken out of use is taken into use again, where nothing stands against it."""

from __future__ import annotations

from app.kernel.standard import Reinstate, Retire
from app.parts.model import Part
from world import World


def test_a_record_that_was_out_of_use_is_in_use_again_and_out_of_it_by_undoing_that(anywhere: World) -> None:
    world = anywhere
    part = world.save("part", code="P-1", name="Lever")
    command = Retire(entity="part", id=part)
    world.done(command)
    back = command.undone_by(world.done(command).id)
    assert back == Reinstate(entity="part", id=part)
    world.done(back)
    assert not world.get(Part, part).retired
    assert world.app.meaning("P-1", world.actor).kind == "row"
    again = back.undone_by(world.done(back).id)
    assert again == command


def test_a_code_that_another_took_meanwhile_keeps_a_record_out_of_use(bare: World) -> None:
    part = bare.save("part", code="P-1", name="Lever")
    bare.done(Retire(entity="part", id=part))
    bare.save("part", code="P-1", name="Other lever")
    assert bare.codes(Reinstate(entity="part", id=part)) == ["record.taken"]


def test_whoever_may_not_change_a_record_takes_it_neither_out_of_use_nor_back(world: World) -> None:
    mechanic = world.person("Max", "MEC")
    assert world.codes(Reinstate(entity="part", id=world.part), mechanic) == ["access.denied"]
