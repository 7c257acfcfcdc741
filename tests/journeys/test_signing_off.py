"""A colleague signs off what somebody may not book alone: only a badge answers, and no other scan is lost or taken for one."""

from __future__ import annotations

from shop_floor import Terminal, code, times

from app.access.badges import badge_code, badge_hash
from app.access.commands import GiveBadge, SetPin
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity

PIN, CARD, EAN = "480213", "04A224B1C95E81", "4006381333931"


def carries_card(terminal: Terminal, name: str, role: str) -> Actor:
    """Somebody whose badge is a card that was not printed here."""
    person = terminal.world.person(name, role)
    terminal.world.done(GiveBadge(person=person.id, code_hash=badge_hash(CARD), kind="card"))
    return person


def test_a_code_that_is_no_badge_is_kept_for_later_and_read_as_it_is(at_issue: Terminal) -> None:
    at_issue.scan(times(5))
    at_issue.scan(code("PT", at_issue.world.part))
    assert at_issue.scan(EAN) == (Outcome.ASK, f"Kept: {EAN}. Answer the question first.")
    assert at_issue.question is not None
    assert at_issue.question.badges, "who signs it off is still asked"
    assert EAN in [row["text"] for row in at_issue.log()]


def test_a_wrong_badge_and_a_wrong_pin_leave_the_question_open(at_issue: Terminal) -> None:
    world = at_issue.world
    chief = carries_card(at_issue, "Petra", "SUP")
    world.done(SetPin(person=chief.id, verifier=pin_verifier(PIN)))
    at_issue.scan(times(5))
    at_issue.scan(code("PT", world.part))
    outcome, said = at_issue.scan(badge_code()[0])
    assert outcome is Outcome.ERROR
    assert said.startswith("Nobody has this badge.")
    assert at_issue.question is not None
    at_issue.shoot(CARD)
    at_issue.until(lambda: at_issue.question is not None and at_issue.question.kind == "pin")
    at_issue.window.typist.type("112233\r")
    at_issue.until(lambda: at_issue.heard[-1][1].startswith("That is not the PIN."))
    at_issue.window.typist.type(PIN + "\r")
    at_issue.touch("The plan was wrong")
    at_issue.until(lambda: world.used()[0] == Quantity(5))
    assert CARD not in [row["text"] for row in at_issue.log()]


def test_a_card_that_is_a_badge_lets_its_owner_in_while_somebody_works_here(at_issue: Terminal) -> None:
    carries_card(at_issue, "Sue", "KEE")
    assert at_issue.scan(CARD) == (Outcome.SUCCESS, "Sue is signed in.")
    assert CARD not in [row["text"] for row in at_issue.log()]
