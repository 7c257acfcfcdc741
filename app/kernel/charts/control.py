"""Control charts: whether a process does what it always did. Individuals and moving range, with three of the common rules.

Limits and rules are those of the NIST/SEMATECH e-Handbook of Statistical Methods, 6.3.2.2 (individuals: mean ± 2.66 times the
mean moving range) and 6.3.2 (a point beyond the limits; eight in a row on one side; six in a row rising or falling).
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

from app.kernel.charts.spec import CONTROL, Chart, Limit, Series, Sign, plain
from app.kernel.words import _, say

TIMES = 2.66  # three sigma over d2 = 1.128 of two values
SIDE, TREND = 8, 6


@dataclass(frozen=True)
class Limits:
    """What the process does by itself: its mean, and how far it strays."""

    mean: float
    low: float
    high: float


def limits_of(values: Sequence[float]) -> Limits:
    """From the values alone; at least two. ValueError for fewer."""
    if len(values) < 2:
        raise ValueError("a control chart wants two values at least")
    mean = sum(values) / len(values)
    moving = sum(abs(after - before) for before, after in pairwise(values)) / (len(values) - 1)
    return Limits(mean, mean - TIMES * moving, mean + TIMES * moving)


def signs_of(values: Sequence[float], limits: Limits) -> tuple[Sign, ...]:
    """Every value that breaks a rule, each with the first rule that it breaks."""
    return tuple(_signs(values, limits))


def _signs(values: Sequence[float], limits: Limits) -> Iterator[Sign]:
    for place, value in enumerate(values):
        if not limits.low <= value <= limits.high:
            yield Sign(place, _("beyond the limits"))
        elif _one_side(values[: place + 1], limits.mean):
            yield Sign(place, _("eight in a row on one side"))
        elif _trend(values[: place + 1]):
            yield Sign(place, _("six in a row in one direction"))


def _one_side(values: Sequence[float], mean: float) -> bool:
    last = values[-SIDE:]
    return len(last) == SIDE and (all(value > mean for value in last) or all(value < mean for value in last))


def _trend(values: Sequence[float]) -> bool:
    steps = [after - before for before, after in pairwise(values[-TREND:])]
    return len(steps) == TREND - 1 and (all(step > 0 for step in steps) or all(step < 0 for step in steps))


def control(title: str, places: Sequence[str], values: Sequence[float], unit: str = "") -> Chart:
    """A control chart of single values, with what is unusual said in its note."""
    limits = limits_of(values)
    signs = signs_of(values, limits)
    told = ", ".join(f"{places[sign.place]}: {say(sign.sentence)}" for sign in signs[:3])
    note = say(_("Out of control: {told}."), told=told) if signs else say(_("In control: nothing unusual."))
    lines = (
        Limit(say(_("Upper limit {value}"), value=plain(limits.high)), limits.high),
        Limit(say(_("Mean {value}"), value=plain(limits.mean)), limits.mean, "quiet", dashed=False),
        Limit(say(_("Lower limit {value}"), value=plain(limits.low)), limits.low),
    )
    return Chart(CONTROL, title, tuple(places), (Series(title, tuple(values)),), lines, signs=signs, unit=unit, note=note)
