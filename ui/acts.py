"""Acts: what the guided tour does besides scanning, by the events that a real hand causes: it touches, types and signs."""

from __future__ import annotations

from collections.abc import Iterator

from PySide6.QtCore import QCoreApplication, QEvent, QPointF, Qt
from PySide6.QtGui import QKeyEvent, QMouseEvent
from PySide6.QtWidgets import QAbstractButton, QWidget

from ui.kit.fields import FieldBox
from ui.kit.signing import SignatureField
from ui.shell.window import Window

HAND = ((0.15, 0.6), (0.3, 0.3), (0.42, 0.65), (0.55, 0.35), (0.7, 0.6), (0.85, 0.4))  # across and down, of the field


def button(window: Window, name: str) -> QAbstractButton | None:
    """What is called so and can be touched: in the bar, else on the screen, else on the rail; else what begins so."""
    places: tuple[QWidget, ...] = (window.bar, window.floor.stage, window)
    live = [one for place in places for one in place.findChildren(QAbstractButton) if one.isVisible() and one.isEnabled()]
    whole = (one for one in live if one.accessibleName() == name)
    return next(whole, None) or next((one for one in live if one.accessibleName().startswith(name)), None)


def field(window: Window, name: str) -> QWidget | None:
    """Where something is typed: the field of a form by its name, else whatever is called so."""
    boxes = (one for one in window.findChildren(FieldBox) if one.isVisible() and one.field.name == name)
    found = next(boxes, None)
    if found is not None:
        return found.focusProxy()
    return next((one for one in window.findChildren(QWidget) if one.isVisible() and one.accessibleName() == name), None)


def paper(window: Window) -> SignatureField | None:
    """Where somebody can sign now."""
    return next((one for one in window.findChildren(SignatureField) if one.isVisible() and one.isEnabled()), None)


def touch(there: QWidget) -> None:
    """In the middle."""
    middle = QPointF(there.rect().center())
    _mouse(there, QEvent.Type.MouseButtonPress, middle)
    _mouse(there, QEvent.Type.MouseButtonRelease, middle)


def write(there: QWidget, text: str) -> None:
    """Key by key."""
    for letter in text:
        for kind in (QEvent.Type.KeyPress, QEvent.Type.KeyRelease):
            QCoreApplication.sendEvent(there, QKeyEvent(kind, ord(letter.upper()), Qt.KeyboardModifier.NoModifier, letter))


def sign(there: SignatureField) -> None:
    """With one stroke, as by a pen."""
    first, *others = _points(there)
    _mouse(there, QEvent.Type.MouseButtonPress, first)
    for point in others:
        _mouse(there, QEvent.Type.MouseMove, point)
    _mouse(there, QEvent.Type.MouseButtonRelease, others[-1])


def _points(there: SignatureField) -> Iterator[QPointF]:
    room = there.room
    for across, down in HAND:
        yield QPointF(room.x() + across * room.width(), room.y() + down * room.height())


def _mouse(there: QWidget, kind: QEvent.Type, at: QPointF) -> None:
    held = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseButtonRelease else Qt.MouseButton.LeftButton
    pressed = Qt.MouseButton.NoButton if kind is QEvent.Type.MouseMove else Qt.MouseButton.LeftButton
    event = QMouseEvent(kind, at, QPointF(there.mapToGlobal(at)), pressed, held, Qt.KeyboardModifier.NoModifier)
    QCoreApplication.sendEvent(there, event)
