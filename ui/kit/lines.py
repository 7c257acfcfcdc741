"""Lines: fields one under the other, each behind its label, in an area that scrolls where the glass is small."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget

from app.kernel.words import say
from ui.theme import worn


class Lines(QGridLayout):
    """Enter in any field is `submit`."""

    def __init__(self, submit: Callable[[], object]) -> None:
        super().__init__()
        self._submit = submit
        self.setHorizontalSpacing(2 * worn().density.gap)
        self.setVerticalSpacing(worn().density.gap)
        self.setColumnStretch(1, 1)

    def line(self, label: str, widget: QWidget) -> None:
        """One more field under those that are there."""
        words = QLabel(say(label))
        words.setWordWrap(True)
        words.setMinimumWidth(13 * worn().density.body)
        words.setBuddy(widget)
        if not widget.accessibleName():
            widget.setAccessibleName(say(label))
        place = self.rowCount()
        self.addWidget(words, place, 0)
        self.addWidget(widget, place, 1)

    def box(self, label: str, value: str = "", shape: str = "", *, secret: bool = False) -> QLineEdit:
        """A line to type in."""
        made = QLineEdit(value)
        made.setPlaceholderText(shape)
        if secret:
            made.setEchoMode(QLineEdit.EchoMode.Password)
        made.returnPressed.connect(self._submit)
        self.line(label, made)
        return made


def scrolled(over: QWidget) -> QVBoxLayout:
    """Fills a widget with a column that scrolls; the column."""
    inside = QWidget()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it moves to the field that Tab has come to
    area.setWidget(inside)
    whole = QVBoxLayout(over)
    whole.setContentsMargins(0, 0, 0, 0)
    whole.addWidget(area)
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, worn().density.gap, 0)
    column.setSpacing(worn().density.gap)
    return column
