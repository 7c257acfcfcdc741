"""What must hold before somebody decides on what stands between us and Odoo, and what is put before them."""

from __future__ import annotations

from app.kernel.access import SYSTEM
from app.kernel.problems import Contest, Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.odoo.model import OPEN, OdooDifference, OdooLetter, OdooMatch

OLD_HOURS = 24  # after which a dead letter is put before somebody
DEAD = "odoo.dead_letter"


def is_the_bridge(work: Work) -> Problem | None:
    """What Odoo knows is told by the hub's own bridge, and by nobody else."""
    if work.envelope.actor_id == SYSTEM:
        return None
    return Problem(
        "odoo.not_the_bridge",
        _("Only the hub itself tells what stands in Odoo."),
        hint=_("Look at “In Odoo”; what is wrong there is tried again, let go, matched or settled."),
    )


def reason_is_given(reason: str) -> Problem | None:
    if reason.strip():
        return None
    return Problem(
        "odoo.reason",
        _("It is not said why Odoo shall do without it."),
        field="reason",
        hint=_("Write a few words, such as where it was booked by hand."),
    )


def is_not_done(letter: OdooLetter) -> Problem | None:
    """What reached Odoo meanwhile is neither tried again nor let go."""
    if letter.state != "done":
        return None
    return Problem(
        "odoo.done",
        _("{subject} has reached Odoo meanwhile."),
        hint=_("Nothing is left to do."),
        values={"subject": letter.subject},
    )


def choice_is_there(match: OdooMatch, *, known: bool) -> Problem | None:
    if known:
        return None
    return Problem(
        "odoo.no_choice",
        _("Odoo has nothing of the kind to match {ours} with."),
        field="theirs",
        hint=_("Choose from what is offered. What is new in Odoo is offered after the next pass."),
        values={"ours": match.ours_title or match.ours},
    )


def is_a_way(how: str, ways: tuple[str, ...]) -> Problem | None:
    if how in ways:
        return None
    return Problem(
        "odoo.no_way",
        _("“{how}” settles no difference."),
        field="how",
        hint=_("Choose one of {ways}."),
        values={"how": how[:40], "ways": ", ".join(ways)},
    )


def is_unsettled(difference: OdooDifference) -> Problem | None:
    if difference.state != "settled":
        return None
    return Problem(
        "odoo.settled",
        _("The difference of {subject} is settled already."),
        hint=_("If the numbers still differ, the next comparison says so."),
        values={"subject": difference.subject},
    )


def is_not_counting(difference: OdooDifference) -> Problem | None:
    """The number is about to be found out: nobody chooses one of the two meanwhile, or asks for it twice."""
    if difference.state == OPEN:
        return None
    return Problem(
        "odoo.counting",
        _("{subject} is to be counted already."),
        hint=_("Count the bin; that settles it."),
        values={"subject": difference.subject},
    )


def is_said_how(difference: OdooDifference, _work: Work) -> Problem | None:
    """A gate: a difference is settled by saying which number holds, and by nothing else."""
    if difference.settled_how:
        return None
    return Problem(
        "odoo.how",
        _("It is not said which number holds."),
        field="settled_how",
        hint=_("Choose ours or Odoo's, or count the bin."),
    )


def lies_dead(letter: OdooLetter) -> Problem:
    """Something that Odoo would not take for longer than a day: in the letter's own words, so that each reads their language."""
    return Problem(
        DEAD,
        letter.said,
        blocks=False,
        hint=letter.hint or "",
        values=letter.detail or {},
        contest=Contest(OdooLetter.__tablename__, letter.id),
    )
