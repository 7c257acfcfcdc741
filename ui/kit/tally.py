"""Tally: how many. What waits for the next part, and what the acts on the last one add up to."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

from app.kernel.types import SCALE, Quantity
from app.kernel.words import say
from ui.kit.steps import Mark

NONE, ONE = Quantity(0), Quantity(1)


def scaled(one: Quantity, times: Quantity) -> Quantity:
    """So many times one scan's worth, such as 2.5 litres or three packs of four."""
    return Quantity.of_thousandths(one.thousandths * times.thousandths // SCALE)


@dataclass
class Tally:
    """`times` and `mark` wait for the next part; `steps` is what each act on the last part booked, less ones below zero."""

    times: Quantity | None = None
    mark: Mark | None = None
    steps: list[Quantity] = field(default_factory=list)

    @property
    def waiting(self) -> str:
        """What counts for the next part and for no other, in words; empty where nothing waits."""
        times = [f"× {self.times}"] if self.times else []
        return " · ".join([*times, *([say(self.mark.word)] if self.mark else [])])

    @property
    def total(self) -> Quantity:
        return sum(self.steps, NONE)

    def taken(self, one: Quantity) -> tuple[Quantity, dict[str, Any]]:
        """The part has come: how many of it, and what the card set. Whatever becomes of it, nothing waits any more."""
        quantity, more = scaled(one, self.times or ONE), dict(self.mark.values) if self.mark else {}
        self.drop()
        return quantity, more

    def drop(self) -> None:
        """Nothing waits any more."""
        self.times, self.mark = None, None

    def back(self) -> None:
        """The last act was taken back."""
        self.steps = self.steps[:-1]
