"""Torque: the range that a bolt is tightened within, and how people read it."""

from __future__ import annotations

from app.kernel import figures
from app.kernel.types import SCALE, Quantity

USUAL = Quantity(4)
"""Per cent that a tightened bolt may be off where its procedure does not say: what a torque wrench itself may be off, by
ISO 6789."""
_WHOLE = 100 * SCALE


def allowed(tolerance: Quantity | None) -> Quantity:
    """Per cent that it may be off."""
    return USUAL if tolerance is None else tolerance


def limits(torque: Quantity, tolerance: Quantity | None) -> tuple[Quantity, Quantity]:
    """The least and the most that is right, in newton metres: no thousandth is within that should not be."""
    off = allowed(tolerance).thousandths
    low = -(-torque.thousandths * (_WHOLE - off) // _WHOLE)
    high = torque.thousandths * (_WHOLE + off) // _WHOLE
    return Quantity.of_thousandths(low), Quantity.of_thousandths(high)


def is_within(measured: Quantity, torque: Quantity, tolerance: Quantity | None) -> bool:
    low, high = limits(torque, tolerance)
    return low <= measured <= high


def in_words(torque: Quantity | None, tolerance: Quantity | None) -> str:
    """The range as people read it, such as 48.0–52.0 Nm; nothing where nothing is tightened."""
    if torque is None:
        return ""
    low, high = limits(torque, tolerance)
    return f"{newton(low)}–{newton(high)} Nm"


def newton(value: Quantity) -> str:
    """Newton metres with one decimal at least."""
    words = str(value)
    return figures.spoken(words if "." in words else f"{words}.0")
