"""What must hold when stock moves; pure, so a screen may ask before anyone presses a button."""

from __future__ import annotations

from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.stock.model import StockLine


def short(wanted: Quantity, left: Quantity, policy: str, part: str, bin: str) -> Problem | None:
    """More is taken than is booked. By default people say why and go on: what they hold in their hand is the truth."""
    if wanted <= left or policy == "allow":
        return None
    return Problem(
        "stock.short",
        _("Only {left} of {part} is booked in {bin}."),
        field="quantity",
        blocks=policy == "block",
        asks="reason",
        hint=_("Scan another bin, or say why."),
        values={"left": left, "part": part, "bin": bin},
    )


def already_reversed(line: StockLine, by: StockLine | None) -> Problem | None:
    if line.reverses_id is None and by is None:
        return None
    return Problem("stock.reversed", _("This movement has already been taken back."), hint=_("Look at the history of the part."))


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


def reason_is_there(reason: str) -> Problem | None:
    if reason.strip():
        return None
    return Problem(
        "stock.reason", _("An adjustment needs a reason."), field="reason", hint=_("Say in a few words what happened.")
    )
