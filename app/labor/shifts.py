"""Shifts: which one somebody's time belongs to, and when it ends; by the wall clock of the site, also over midnight."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import UTC, date, datetime, time, timedelta

from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.kernel.zones import local_time, zone
from app.labor.model import Shift

DAY = 24 * 60  # minutes
EARLY = 60  # minutes before a shift begins in which whoever comes is there for it


def lasts(shift: Shift) -> int:
    """Minutes from its start to its end."""
    return (shift.ends - shift.starts) % DAY


def shift_at(shifts: Iterable[Shift], moment: datetime, zone_name: str) -> Shift | None:
    """What somebody is there for who comes at a moment: of the shifts that run or begin soon, that with the nearest start."""
    minute = _minute(moment, zone_name)
    near = [(_away(shift, minute), shift.name, shift) for shift in shifts if _fits(shift, minute)]
    return min(near, key=lambda one: one[:2])[2] if near else None


def end_of(shift: Shift, started: datetime, zone_name: str) -> datetime:
    """When the shift ends next after a moment, in UTC."""
    today = local_time(started, zone_name).date()
    ends = _on(today, shift.ends, zone_name)
    return ends if ends > started else _on(today + timedelta(days=1), shift.ends, zone_name)


def day_of(shift: Shift | None, moment: datetime, today: date, zone_name: str) -> date:
    """The day to which it belongs that somebody comes at a moment of `today`: after midnight, within a shift that goes over it,
    the day on which that shift began."""
    after_midnight = shift is not None and shift.ends < shift.starts and _minute(moment, zone_name) < shift.ends
    came = local_time(moment, zone_name).date()
    return min(today, came - timedelta(days=1)) if after_midnight else today


def _minute(moment: datetime, zone_name: str) -> int:
    here = local_time(moment, zone_name)
    return here.hour * 60 + here.minute


def _fits(shift: Shift, minute: int) -> bool:
    return (minute - shift.starts) % DAY < lasts(shift) or (shift.starts - minute) % DAY <= EARLY


def _away(shift: Shift, minute: int) -> int:
    gap = (minute - shift.starts) % DAY
    return min(gap, DAY - gap)


def _on(day: date, minute: int, zone_name: str) -> datetime:
    return datetime.combine(day, time(minute // 60, minute % 60), zone(zone_name)).astimezone(UTC)


def shift_has_hours(shift: Shift, _work: Work) -> Problem | None:
    """A shift has a start and an end on the clock, and its break fits into it."""
    if not (0 <= shift.starts < DAY and 0 <= shift.ends < DAY):
        return Problem(
            "labor.shift_minutes",
            _("A shift starts and ends between 0 and 1439 minutes after midnight."),
            field="starts" if not 0 <= shift.starts < DAY else "ends",
            hint=_("Write minutes: 480 is 8:00, 1020 is 17:00."),
        )
    if shift.starts == shift.ends:
        return Problem("labor.shift_empty", _("The shift ends when it starts."), field="ends", hint=_("Write when it ends."))
    if not 0 <= shift.pause < lasts(shift):
        return Problem(
            "labor.shift_pause",
            _("A break of {pause} minutes does not fit into this shift."),
            field="pause",
            hint=_("Write how many minutes of it are break, or 0."),
            values={"pause": shift.pause},
        )
    return None
