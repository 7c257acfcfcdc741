"""What must hold when stock moves; pure, so a screen may ask before anyone presses a button."""

from __future__ import annotations

from collections.abc import Mapping

from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.stock.model import StockLine


def short(wanted: Quantity, left: Quantity, policy: str, part: str, bin: str) -> Problem | None:
    """More is taken than is booked. By default people say why and go on: what they hold in their hand is the truth."""
    if wanted <= left or policy == "allow":
        return None
    below = left < Quantity(0)
    return Problem(
        "stock.short",
        _("{bin} is booked below zero: {left} of {part}.") if below else _("Only {left} of {part} is booked in {bin}."),
        field="quantity",
        blocks=policy == "block",
        asks="reason",
        hint=_("Scan another bin, or say why."),
        values={"left": left, "part": part, "bin": bin},
    )


def none_at_least(counted: Quantity) -> Problem | None:
    """An empty bin is a good count; less than nothing is a slip."""
    if counted >= Quantity(0):
        return None
    return Problem(
        "stock.counted",
        _("Nobody finds {counted} in a bin."),
        field="counted",
        hint=_("Write what lies there; 0 when it is empty."),
        values={"counted": counted},
    )


def changes_something(change: Quantity) -> Problem | None:
    if change:
        return None
    return Problem(
        "stock.no_change", _("Nothing would change."), field="change", hint=_("Write how much is missing (-2) or too much (2).")
    )


def costs_something(cost: Money | None) -> Problem | None:
    """A gift costs nothing; less than nothing is a slip."""
    if cost is None or cost.minor >= 0:
        return None
    return Problem("stock.cost", _("A part never costs less than nothing."), field="cost", hint=_("Write the price on the note."))


def already_reversed(line: StockLine, by: StockLine | None) -> Problem | None:
    if line.reverses_id is None and by is None:
        return None
    return Problem("stock.reversed", _("This movement has already been taken back."), hint=_("Look at the history of the part."))


def count_stays(line: StockLine) -> Problem | None:
    """A count says what somebody saw; its mirror image would say nothing."""
    if line.kind != "count":
        return None
    return Problem("stock.count_stays", _("A count is not taken back."), hint=_("Count the bin again: the last count holds."))


def is_a_job_s(line: StockLine) -> Problem | None:
    """What went to a job, or came back from it, is taken back there, where it is known what the job still has."""
    if line.kind not in ("issue", "return"):
        return None
    return Problem(
        "stock.of_a_job",
        _("This movement belongs to a job."),
        hint=_("Undo it there, or return the part from the job."),
    )


def bin_is_empty(lying: Mapping[str, object]) -> Problem | None:
    """What still lies in a bin that is to go."""
    if not lying:
        return None
    return Problem(
        "stock.bin_full",
        _("{left} of {part} is still booked in {bin}."),
        hint=_("Move it to another bin, or count it, then do this again."),
        values=lying,
    )


def part_is_gone(lying: Mapping[str, object]) -> Problem | None:
    """What is still there of a part that is to go."""
    if not lying:
        return None
    return Problem(
        "stock.part_left",
        _("{left} of {part} is still booked in {bin}."),
        hint=_("Use it up, or count it to 0, then take the part out of use."),
        values=lying,
    )


def unit_counts(lying: Mapping[str, object]) -> Problem | None:
    """What is booked was counted in the old unit."""
    if not lying:
        return None
    return Problem(
        "stock.unit",
        _("{left} of {part} is booked in {bin} in the old unit."),
        field="unit",
        hint=_("Count it to 0, change the unit, and count it again in the new one."),
        values=lying,
    )


def same_bin(out: object, into: object) -> Problem | None:
    if out != into:
        return None
    return Problem("stock.same_bin", _("The part is already in this bin."), field="into", hint=_("Scan the bin it goes to."))


def too_large(change: Quantity, limit: int, *, may: bool) -> Problem | None:
    """Large adjustments want a second person."""
    if abs(change) <= Quantity(limit) or may:
        return None
    return Problem(
        "stock.large",
        _("An adjustment of more than {limit} needs a supervisor."),
        field="quantity",
        hint=_("Ask one to scan their badge, or adjust less."),
        values={"limit": limit},
    )


def far_off(counted: Quantity, booked: Quantity, limit: int, *, may: bool) -> Problem | None:
    """A count far from the book is most likely a slip, and otherwise somebody else's to know."""
    if abs(counted - booked) <= Quantity(limit) or may:
        return None
    return Problem(
        "stock.far_off",
        _("{counted} is more than {limit} away from what is booked."),
        field="counted",
        hint=_("Count again; if it is so, someone who may book large adjustments scans their badge."),
        values={"counted": counted, "limit": limit},
    )


def reason_is_there(reason: str) -> Problem | None:
    if reason.strip():
        return None
    return Problem(
        "stock.reason", _("An adjustment needs a reason."), field="reason", hint=_("Say in a few words what happened.")
    )


def booked_already(part: str, bin: str) -> Problem:
    """Opening stock comes before everything else; afterwards stock is counted on the floor."""
    return Problem(
        "stock.booked",
        _("{part} in {bin} has been booked already: it is too late for opening stock."),
        field="quantity",
        hint=_("Count the bin, or book an adjustment with its reason."),
        values={"part": part, "bin": bin},
    )
