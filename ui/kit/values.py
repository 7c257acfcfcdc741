"""Values: how a stored value reads to a person: amounts, money, days, states and choices by their word."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import UTC, date, datetime
from typing import Any
from zoneinfo import ZoneInfo

from app.kernel import figures
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _, say

NONE = "–"
_zone: list[ZoneInfo] = [ZoneInfo("UTC")]
_words: dict[tuple[str, str], str] = {}


def live_in(zone: str) -> None:
    """Sets the time zone in which moments are shown: the site's."""
    _zone[0] = ZoneInfo(zone)


def learn(words: Mapping[tuple[str, str], str]) -> None:
    """Learns the words that people read for stored choices, by field name and stored word."""
    _words.update(words)


def word(field: str, stored: str) -> str:
    """A choice as people read it; a state without a word of its own is written in capitals."""
    known = _words.get((field, stored))
    return say(known) if known else stored.replace("_", " ").capitalize()


def shown(value: Any, kind: str = "text", name: str = "") -> str:
    """A value as people read it."""
    match value:
        case None | "":
            return NONE if kind in ("quantity", "money", "day", "moment", "number") else ""
        case bool():
            return say(_("Yes")) if value else say(_("No"))
        case Money() | Quantity():
            return figures.spoken(str(value))
        case datetime():
            return moment(value)
        case date():
            return figures.day(value)
        case str() if kind == "choice" or (name, value) in _words:
            return word(name, value)
        case _:
            return str(value)


def typed_moment(text: str) -> datetime | None:
    """What somebody at the site means by `14:00`, today, or by `2026-11-20 14:00`; None where it is neither."""
    day, _blank, time = text.strip().rpartition(" ")
    here = datetime.now(UTC).astimezone(_zone[0])
    try:
        at = datetime.strptime(time, "%H:%M").time()
        on = date.fromisoformat(figures.heard_day(day)) if day else here.date()
    except ValueError:
        return None
    return datetime.combine(on, at, _zone[0])


def to_type(value: datetime) -> str:
    """A moment as it is typed at the site."""
    return value.astimezone(_zone[0]).strftime("%Y-%m-%d %H:%M")


def moment(value: datetime) -> str:
    """A moment at the site: the time today, the day and time otherwise."""
    here = value.astimezone(_zone[0])
    today = datetime.now(UTC).astimezone(_zone[0]).date()
    return here.strftime("%H:%M") if here.date() == today else figures.moment(here)
