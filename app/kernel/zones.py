"""Time zones of sites: which calendar day a moment belongs to where the work is done."""

from __future__ import annotations

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from zoneinfo import ZoneInfo, ZoneInfoNotFoundError, available_timezones

from app.kernel.problems import Problem, Refused
from app.kernel.words import _


@cache
def _found(name: str) -> ZoneInfo | None:
    try:
        return ZoneInfo(name)
    except (ZoneInfoNotFoundError, ValueError, OSError):  # OSError: the name of a folder such as "Europe"
        return None


def zone(name: str, field: str = "zone") -> ZoneInfo:
    """The zone of an IANA name such as `Europe/Berlin`; Refused when there is none."""
    found = _found(name)
    if found is None:
        raise Refused(
            Problem(
                "zone.unknown",
                _("“{name}” is not a time zone that this machine knows."),
                field=field,
                hint=_("Choose one from the list, for example Europe/Berlin."),
                values={"name": name},
            )
        )
    return found


@cache
def zone_names() -> tuple[str, ...]:
    """The zones to choose from: places, and UTC for who wants none."""
    return (*sorted(name for name in available_timezones() if "/" in name and not name.startswith("Etc/")), "UTC")


def local_time(moment: datetime, zone_name: str) -> datetime:
    """The moment on the wall clock of the site; a time without a zone is a bug and is refused."""
    if moment.tzinfo is None:
        raise ValueError("a moment needs its zone")
    return moment.astimezone(zone(zone_name))


def business_date(moment: datetime, zone_name: str) -> date:
    """The calendar day of a moment at the site: what daily series, shifts and reports go by."""
    return local_time(moment, zone_name).date()


def day_bounds(day: date, zone_name: str) -> tuple[datetime, datetime]:
    """The first moment of a site's day and of the next, in UTC: 23 to 25 hours apart when summer time begins or ends."""
    here = zone(zone_name)
    start, end = (datetime.combine(each, time(), here).astimezone(UTC) for each in (day, day + timedelta(days=1)))
    return start, end
