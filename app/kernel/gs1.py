"""Numbers by GS1: check digits, the short form of a UPC, and the element strings of a supplier's label.

Sections are those of the GS1 General Specifications.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from typing import NamedTuple

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

GS = "\x1d"  # ends an element of variable length


def has_check_digit(digits: str) -> bool:
    """Whether the last of `digits` is the check digit of the others: weights 3 and 1 from the right (7.9)."""
    return (sum(map(int, digits[-1::-2])) + 3 * sum(map(int, digits[-2::-2]))) % 10 == 0


def upc_a(upc_e: str) -> str:
    """The 12 digits that the 8 of a UPC-E symbol stand for (5.2)."""
    system, digits, last, check = upc_e[0], upc_e[1:6], upc_e[6], upc_e[7]
    if last in "012":
        return f"{system}{digits[:2]}{last}0000{digits[2:]}{check}"
    if last == "3":
        return f"{system}{digits[:3]}00000{digits[3:]}{check}"
    if last == "4":
        return f"{system}{digits[:4]}00000{digits[4]}{check}"
    return f"{system}{digits}0000{last}{check}"


def _number(value: str) -> bool:
    return value.isdigit()


def _checked(value: str) -> bool:
    return value.isdigit() and has_check_digit(value)


def _day(value: str) -> bool:
    """Whether YYMMDD is a day; day 00 means the month's last (3.4)."""
    if not value.isdigit():
        return False
    year, month, day = int(value[:2]), int(value[2:4]), int(value[4:])
    longest = (31, 28 + (year % 4 == 0), 31, 30, 31, 30, 31, 31, 30, 31, 30, 31)
    return 1 <= month <= 12 and day <= longest[month - 1]


def _letters(value: str) -> bool:
    """Whether all are of the 82 characters that a lot or serial number may have (7.11)."""
    return re.fullmatch(r"[!\"%-?A-Z_a-z]+", value, re.ASCII) is not None


class _Element(NamedTuple):
    """One kind of element: the length of its application identifier, the least and most of its value, and its test."""

    ai: int
    least: int
    most: int
    right: Callable[[str], bool]


# By the first two digits (3.2): all that have a predefined length, and the variable ones that a workshop meets.
_ELEMENTS: Mapping[str, _Element] = {
    "00": _Element(2, 18, 18, _checked),
    **dict.fromkeys(("01", "02", "03"), _Element(2, 14, 14, _checked)),
    **dict.fromkeys(("11", "12", "13", "15", "16", "17"), _Element(2, 6, 6, _day)),
    "20": _Element(2, 2, 2, _number),
    **dict.fromkeys(("31", "32", "33", "34", "35", "36"), _Element(4, 6, 6, _number)),
    "41": _Element(3, 13, 13, _checked),
    **dict.fromkeys(("10", "21"), _Element(2, 1, 20, _letters)),
    **dict.fromkeys(("30", "37"), _Element(2, 1, 8, _number)),
}


def elements(text: str) -> tuple[dict[str, str], tuple[str, ...]]:
    """The values of a label by application identifier, and its elements that are not known here, whole.

    `text` is ASCII without an AIM id. Refused when any element cannot be right: a value is never cut to fit.
    """
    values: dict[str, str] = {}
    unread: list[str] = []
    for segment in text.split(GS):
        rest = segment
        while rest:
            rule = _ELEMENTS.get(rest[:2])
            if rule is None:
                unread.append(rest)  # only the separator can end it
                break
            ai, value, rest = _first(rest, rule)
            if values.setdefault(ai, value) != value:
                raise Refused(_twice(ai))
    return values, tuple(unread)


def _first(segment: str, rule: _Element) -> tuple[str, str, str]:
    """The first element of a segment, and what follows it; a variable one must be the rest of its segment."""
    ai, rest = segment[: rule.ai], segment[rule.ai :]
    value = rest[: rule.most] if rule.least == rule.most else rest
    if len(value) < rule.least:
        raise Refused(_cut_off(ai))
    if len(value) > rule.most:
        raise Refused(_too_much(ai, len(value), rule.most))
    if not ai.isdigit() or not rule.right(value):
        raise Refused(wrong_digit(value) if rule.right is _checked and value.isdigit() else _not_this(ai, value))
    return ai, value, rest[len(value) :]


def wrong_digit(digits: str) -> Problem:
    """The sentence for a number whose check digit is wrong."""
    return Problem(
        "scan.check_digit",
        _("The last digit of {digits} does not fit the others: a digit is wrong."),
        hint=_("Scan again, or compare it with the digits printed under the bars."),
        values={"digits": digits},
    )


def _cut_off(ai: str) -> Problem:
    return Problem(
        "scan.gs1_short",
        _("Field ({ai}) of this label is cut off."),
        hint=_("Scan the whole label again."),
        values={"ai": ai},
    )


def _too_much(ai: str, count: int, most: int) -> Problem:
    return Problem(
        "scan.gs1_long",
        _("Field ({ai}) of this label has {count} characters; it may have {most}."),
        hint=_("Set the scanner to send the separator between fields (GS), then scan again."),
        values={"ai": ai, "count": count, "most": most},
    )


def _not_this(ai: str, value: str) -> Problem:
    return Problem(
        "scan.gs1_value",
        _("Field ({ai}) of this label cannot be “{value}”."),
        hint=_("Clean it and scan again, or type the number printed beside it."),
        values={"ai": ai, "value": value},
    )


def _twice(ai: str) -> Problem:
    return Problem(
        "scan.gs1_twice",
        _("Field ({ai}) is on this label twice, with two values."),
        hint=_("Type the right number, and tell the supplier."),
        values={"ai": ai},
    )
