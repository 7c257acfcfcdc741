"""Everything that parts and people at the shelf need is done by the scanner alone: labels, badges and the cards on the wall."""

from __future__ import annotations

import pytest
from shop_floor import Terminal, badge, card, code, times

from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from ui.screens import DECLARED

FLOWS = {flow.id: flow for flow in DECLARED.flows()}


@pytest.mark.parametrize("flow", sorted(FLOWS))
def test_every_flow_is_opened_by_a_card_or_by_the_label_of_what_it_is_about(flow: str) -> None:
    carded = [place.name for place in DECLARED.cards.values()]
    turned = [other for one in FLOWS.values() for other in one.turns.values()]
    assert flow in carded or FLOWS[flow].homes or flow in turned


def test_a_shift_at_the_issue_desk_without_a_touch(terminal: Terminal, keeper: Actor) -> None:
    world = terminal.world
    job, pads, disc = code("WO", world.order), code("PT", world.part), code("PT", world.parts[1])
    shift = [
        (badge(world, keeper), "in"),
        (card("ISSUE"), "the desk opens"),
        (job, "a job"),
        (pads, "one goes out"),
        (card("UNDO"), "and was a slip"),
        (pads, "one goes out"),
        (disc, "another"),
        (card("RETURN"), "the same job, the other way"),
        (disc, "it comes back"),
        (card("ISSUE"), "and out again"),
        (disc, "one more"),
        (card("DONE"), "the job is left"),
        (card("CANCEL"), "and the desk"),
        (code("BN", world.bin), "what is in this bin"),
        (card("CANCEL"), "back"),
        (card("SIGNOUT"), "home"),
    ]
    told = [(why, terminal.scan(text)[0]) for text, why in shift]
    assert [why for why, outcome in told if outcome is not Outcome.SUCCESS] == []
    issued, returned = world.used(world.part)
    assert issued - returned == Quantity(1)
    assert terminal.window.floor.who is None
    assert (terminal.scans, terminal.touches) == (len(shift), 0)


def test_a_question_is_answered_or_dropped_by_a_scan(at_issue: Terminal) -> None:
    at_issue.scan(code("PT", at_issue.world.part))
    assert at_issue.scan(times(9))[0] is Outcome.ASK, "nine are more than the job wants"
    assert at_issue.question is not None
    assert at_issue.scan(card("CANCEL"))[0] is not Outcome.ERROR
    assert at_issue.question is None
    assert at_issue.touches == 0
