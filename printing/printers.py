"""What printers can put on paper: dots to the millimetre, and how many of them a module needs to be read again."""

from __future__ import annotations

from typing import NamedTuple

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

USUAL = 203  # dots an inch; templates count a module's dots at this resolution


class Printer(NamedTuple):
    """Dots to the millimetre, and the fewest to a module of bars and to one of squares that cameras were measured to read."""

    per_mm: float
    bars: int
    squares: int

    def least(self, linear: bool) -> int:
        return self.bars if linear else self.squares


PRINTERS = {USUAL: Printer(8.0, 2, 3), 300: Printer(300 / 25.4, 3, 4)}


def printer(dpi: int) -> Printer:
    """The printer of so many dots an inch; Refused when labels are not drawn for such a one."""
    if dpi not in PRINTERS:
        message = _("Labels cannot be drawn for {dpi} dots an inch.")
        known = ", ".join(str(known) for known in PRINTERS)
        raise Refused(
            Problem("printing.dpi", message, hint=_("Choose one of: {known}."), field="dpi", values={"dpi": dpi, "known": known})
        )
    return PRINTERS[dpi]
