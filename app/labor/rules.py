"""What holds for the clock: who may move whose, which moments count, and when a running one was forgotten."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime, timedelta

from app.kernel.problems import Contest, Problem
from app.kernel.words import _

BACK = timedelta(minutes=15)  # how long before its command a scan may have been: it waited behind a question
SLIP = timedelta(days=1)  # how long people may take back a step of their own
_STANDS = {
    "out": _("not clocked in"),
    "idle": _("between jobs"),
    "job": _("on a job"),
    "break": _("in a break"),
}
_HELPS = {
    "out": _("Scan your badge or a job to begin."),
    "idle": _("Scan a job to begin work on it."),
    "job": _("Scan another job, or the BREAK or OUT card."),
    "break": _("Go back to work first, or scan a job."),
}


def illegal(standing: str, name: str) -> Problem:
    """The step does not lead on from where somebody stands."""
    return Problem(
        "labor.step",
        _("{name} is {standing}: this step does not lead on from there."),
        hint=_HELPS[standing],
        values={"name": name, "standing": _STANDS[standing]},
    )


def on_it_already(name: str) -> Problem:
    return Problem(
        "labor.on_it_already",
        _("The clock of {name} runs on this job already."),
        hint=_("Scan another job, or the BREAK or OUT card."),
        values={"name": name},
    )


def own_or_may(*, own: bool, may: bool) -> Problem | None:
    """People move their own clock; a supervisor everybody's."""
    if own or may:
        return None
    return Problem(
        "labor.not_yours",
        _("Nobody clocks for somebody else."),
        field="person",
        hint=_("Let them scan their own badge, or ask a supervisor."),
    )


def moment_counts(at: datetime, now: datetime, *, may: bool) -> Problem | None:
    """A scan counts from when it was made: never from what is still to come, and only a supervisor reaches far back."""
    if at > now:
        return Problem("labor.ahead", _("This moment is still to come."), field="at", hint=_("Leave the time out: it is now."))
    if may or now - at <= BACK:
        return None
    return Problem(
        "labor.long_ago",
        _("This was {minutes} minutes ago."),
        field="at",
        hint=_("Ask a supervisor to put the time right."),
        values={"minutes": int((now - at).total_seconds() // 60)},
    )


def forgotten(started: datetime, now: datetime, shift_end: datetime | None, grace: int, longest: int) -> bool:
    """Whether a clock that still runs was surely forgotten: `grace` minutes after its shift's end, or after `longest` hours."""
    if now - started > timedelta(hours=longest):
        return True
    return shift_end is not None and now > shift_end + timedelta(minutes=grace)


def proposed_end(started: datetime, now: datetime, shift_end: datetime | None, acts: Iterable[datetime]) -> datetime:
    """When a forgotten clock most likely ended: with its shift, or with the last that its person did, whichever was later."""
    known = [one for one in (shift_end, *acts) if one is not None and started < one <= now]
    return max(known, default=started)


def end_fits(started: datetime, ended: datetime, now: datetime, following: datetime | None) -> Problem | None:
    """An end that somebody tells lies after the start, not in what is to come, and not in their next stint."""
    if ended < started:
        return Problem(
            "labor.end_before", _("It cannot have ended before it began."), field="ended", hint=_("Write a later time.")
        )
    if ended > now:
        return Problem("labor.ahead", _("This moment is still to come."), field="ended", hint=_("Write when it ended."))
    if following is not None and ended > following:
        return Problem(
            "labor.end_after_next",
            _("The next time on the clock began before that."),
            field="ended",
            hint=_("Write an earlier time."),
        )
    return None


def ran_on(name: str) -> Problem:
    """An end for a clock that runs is given by clocking out, not by writing it down."""
    return Problem(
        "labor.still_runs",
        _("The clock of {name} still runs."),
        field="stint",
        hint=_("Clock out, or scan another job."),
        values={"name": name},
    )


def may_be_taken_back(ended: datetime | None, now: datetime, name: str, *, may: bool) -> Problem | None:
    """A slip is taken back at once; who was where days ago is for a supervisor to say."""
    return None if may or ended is None or now - ended <= SLIP else stands(name)


def stands(name: str) -> Problem:
    """People say when a clock ended that they forgot; an end that was scanned or confirmed a supervisor puts right."""
    return Problem(
        "labor.end_stands",
        _("This time of {name} has its end already."),
        field="stint",
        hint=_("Ask a supervisor to put the time right."),
        values={"name": name},
    )


def overlap(name: str, contest: Contest) -> Problem:
    """Two terminals that did not know of each other had somebody on the clock at the same time: both stay, and somebody looks."""
    return Problem(
        "labor.overlap",
        _("{name} was on the clock twice at the same time, at two terminals."),
        blocks=False,
        hint=_("Leave both as they are, or let the later scan end the earlier one."),
        values={"name": name},
        contest=contest,
    )


def ended_before(name: str) -> Problem:
    return Problem(
        "labor.ended_before",
        _("{name} was clocked out at another terminal as well, at another time."),
        blocks=False,
        hint=_("The end that was known first stays; a supervisor can put it right."),
        values={"name": name},
    )


def nothing_to_take_back(name: str) -> Problem:
    return Problem(
        "labor.not_there",
        _("The clock of {name} has moved on since."),
        hint=_("Scan what is so now."),
        values={"name": name},
    )
