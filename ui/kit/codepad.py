"""Code pad: letters and digits on the glass, for fields of a machine that has no keyboard."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtWidgets import QGridLayout, QLineEdit, QSizePolicy, QWidget

from app.kernel.ids import CROCKFORD
from app.kernel.words import _, say
from ui.kit.pad import HIGH, eraser, key_of
from ui.theme import worn

ACROSS = 11  # keys beside each other: so wide is the smallest glass for a glove


class CodePad(QWidget):
    """The digits and letters of our codes, and a way back. What is touched goes into the field that was marked last, at first
    into the first; `marked` carries the field that somebody comes to or touches a key for."""

    marked = Signal(object)

    def __init__(self, boxes: Sequence[QLineEdit]) -> None:
        super().__init__()
        self._box = boxes[0]
        for box in boxes:
            box.installEventFilter(self)
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(worn().density.gap)
        keys = [key_of(key, self.press, "letter") for key in CROCKFORD]
        keys.append(eraser(say(_("Delete the last letter")), self._back, "letter"))
        for place, key in enumerate(keys):
            grid.addWidget(key, place // ACROSS, place % ACROSS)
        self.setMaximumHeight(grid.rowCount() * HIGH)
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Minimum)

    def press(self, key: str) -> None:
        """A letter or a digit, into the field."""
        self._box.insert(key)
        self.marked.emit(self._box)

    def _back(self) -> None:
        self._box.backspace()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.FocusIn and isinstance(watched, QLineEdit):
            self._box = watched
            self.marked.emit(watched)
        return False
