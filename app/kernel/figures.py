"""Figures and days as the reader's language writes them, and back: 2.5 is 2,5 in German, and 2026-11-20 is 20.11.2026."""

from __future__ import annotations

import re
from datetime import date, datetime

from app.kernel.problems import Problem, Refused
from app.kernel.words import _, language

COMMA = ("de",)
"""Languages whose decimals stand behind a comma, and whose days are written with dots."""
_GROUPED = re.compile(r"[+-]?\d{1,3}(\.\d{3})+", re.ASCII)
_DAY = re.compile(r"(\d{1,2})\.(\d{1,2})\.(\d{4})(.*)", re.ASCII | re.DOTALL)


def with_comma() -> bool:
    return language().partition("-")[0] in COMMA


def spoken(figures: str) -> str:
    """Figures with a point, such as `1234.50 EUR`, as people read them. Thousands are never set apart: that is misread."""
    return figures.replace(".", ",") if with_comma() else figures


def heard(typed: str, field: str = "") -> str:
    """What somebody typed, with a point. Refused where a dot may stand between thousands or before decimals."""
    if not with_comma():
        return typed
    if "," not in typed and _GROUPED.fullmatch(typed.strip()):
        hint = _("Write it without a dot, for example {plain}, or with a comma before decimals.")
        values = {"text": typed[:24], "plain": typed.strip().replace(".", "")[:24]}
        raise Refused(Problem("figures.dot", _("{text} can mean two things."), hint=hint, field=field, values=values))
    return typed.replace(",", ".")


def day(value: date) -> str:
    return value.strftime("%d.%m.%Y") if with_comma() else value.isoformat()


def short_day(value: date) -> str:
    """A day without its year, for where many stand beside each other."""
    return value.strftime("%d.%m." if with_comma() else "%m-%d")


def moment(value: datetime) -> str:
    """A moment that is local already."""
    return f"{day(value.date())} {value:%H:%M}"


def heard_day(typed: str) -> str:
    """A day, or the day of a moment, as ISO 8601 has it."""
    found = _DAY.fullmatch(typed.strip()) if with_comma() else None
    return f"{found[3]}-{int(found[2]):02d}-{int(found[1]):02d}{found[4]}" if found else typed
