"""A slip of the hand is taken back, that one and no other, and it says of which job."""

from __future__ import annotations

import pytest
from shop_floor import Terminal, card, code

from app.kernel.commands import Answer
from app.kernel.problems import Trouble
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock


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


def test_one_less_takes_back_no_other_work(at_issue: Terminal) -> None:
    world, bench = at_issue.world, at_issue.window.floor.bench
    at_issue.scan(code("PT", world.part))
    received: list[Answer] = []
    delivery = ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(7))
    bench.run(at_issue.window, delivery, received.append, "7 received")
    at_issue.until(lambda: bool(received))
    assert at_issue.scan(card("MINUS1"))[1] == "0 × Brake pads front (1 less)"
    assert world.on_hand(bin=world.other_bin) == Quantity(7)
    at_issue.scan(card("UNDO"))
    assert at_issue.scan(card("UNDO"))[1] == "Taken back: 7 received"
    assert (world.used(), at_issue.course.count) == ((Quantity(1), Quantity(0)), 1), "what came back is not counted as the part"


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
