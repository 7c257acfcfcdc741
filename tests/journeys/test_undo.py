"""A slip of the hand is taken back, that one and no other, and it says of which job."""

from __future__ import annotations

import pytest
from shop_floor import Terminal, card, code

from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity


def test_an_undo_that_fails_keeps_its_act_for_the_next_try(at_issue: Terminal, monkeypatch: pytest.MonkeyPatch) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        at_issue.scan(code("PT", part))

    def full(*_arguments: object, **_more: object) -> None:
        raise Trouble("store.full", "The disk is full: nothing of this was saved.", "Make room on the disk, then do it again.")

    with monkeypatch.context() as patch:
        patch.setattr(world.app.dispatcher, "run", full)
        assert at_issue.scan(card("UNDO"))[0] is Outcome.ERROR
    assert [world.used(part)[0] for part in world.parts[:2]] == [Quantity(1)] * 2
    at_issue.scan(card("UNDO"))
    assert [world.used(part)[0] for part in world.parts[:2]] == [Quantity(1), Quantity(0)], "the same one, not the one before"


def test_an_undo_that_is_refused_takes_nothing_else_back(at_issue: Terminal) -> None:
    world = at_issue.world
    for part in world.parts[:2]:
        at_issue.scan(code("PT", part))
    at_issue.scan(card("RETURN"))
    at_issue.scan(code("PT", world.parts[1]))
    acts = at_issue.window.floor.bench.acts
    back = acts.pop()  # the return was booked at another terminal, so it is not this person's to undo
    outcome, said = at_issue.scan(card("UNDO"))
    assert (outcome, said) == (Outcome.ERROR, "1 of this part came back from the job already. Undo the return first.")
    assert at_issue.scan(card("UNDO"))[0] is Outcome.ERROR
    assert world.used(world.parts[0])[0] == Quantity(1), "the part before it stays with the job"
    acts.append(back)
    for _act in range(2):
        assert at_issue.scan(card("UNDO"))[0] is Outcome.SUCCESS
    assert world.used(world.parts[1]) == (Quantity(0), Quantity(0))
