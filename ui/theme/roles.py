"""Roles: a widget says what it is (`primary`, `sentence`) and what tone it speaks in; the style sheet does the rest."""

from __future__ import annotations

from typing import TypeVar

from PySide6.QtWidgets import QWidget

W = TypeVar("W", bound=QWidget)


def role(widget: W, name: str) -> W:
    """Gives the widget its role and hands it back.

    Labels: title, heading, sentence, number, caption, quiet, door. Buttons: primary, danger, quiet, chip, rail, key, letter,
    tile, photo (none is secondary). Frames: card, bar, rail, pill, banner, toast, flash. Fields: scan.
    """
    return _mark(widget, "role", name)


def tone(widget: W, name: str) -> W:
    """Gives the widget the tone of an outcome: ok, ask, warn, danger, or none for calm."""
    return _mark(widget, "tone", name)


def _mark(widget: W, key: str, value: str) -> W:
    if widget.property(key) == value:
        return widget
    widget.setProperty(key, value)
    style = widget.style()
    style.unpolish(widget)
    style.polish(widget)
    return widget
