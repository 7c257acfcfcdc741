"""Pad: digits big enough for a glove, for quantities and PINs; no keyboard of the machine is needed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFocusEvent, QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import primary
from ui.kit.icons import icon
from ui.theme import role, tone, worn

_KEYS = "1234567890."
MOST = 12
HIGH = 84  # pixels of a key where there is room


class Pad(QWidget):
    """Digits, a way back and a way on. `secret` shows dots; `entered` carries the text, `typed` says that it is another one.

    Without a word for the way on it stands beside other fields: the number is above the keys, and Enter alone goes on.
    """

    entered = Signal(str)
    typed = Signal()

    def __init__(self, go_on: str, *, secret: bool = False, decimals: bool = False) -> None:
        super().__init__()
        self._secret = secret
        self._text = ""
        self._shown = role(QLabel(), "typed")
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._shown.setAccessibleName(say(_("What you typed")))
        self._decimals = decimals
        self._on = primary(go_on)
        self._on.clicked.connect(self._enter)
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setSpacing(worn().density.gap)
        first = 0 if go_on else 1
        self._lay_out(first)
        if go_on:
            self._grid.addWidget(self._shown, 0, 3)
            self._grid.addWidget(_wide(self._on), 1, 3, 3, 1)
            self._grid.setColumnMinimumWidth(3, 11 * worn().density.body)
        else:
            self._on.setParent(self)
            self._on.hide()
            self._grid.addWidget(self._shown, 0, 0, 1, 3)
            self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setMaximumHeight((4 + first) * HIGH)
        self._show()

    def _lay_out(self, first: int) -> None:
        """The keys, from this line on."""
        for place, key in enumerate("123456789"):
            self._grid.addWidget(self._key(key), first + place // 3, place % 3)
        self._grid.addWidget(self._eraser(), first + 3, 0)
        self._grid.addWidget(self._key("0"), first + 3, 1)
        if self._decimals:
            self._grid.addWidget(self._key("."), first + 3, 2)

    def _eraser(self) -> QPushButton:
        back = role(QPushButton(), "key")
        size = worn().density.title
        back.setIcon(icon("back", size=size))
        back.setIconSize(QSize(size, size))
        back.setAccessibleName(say(_("Delete the last digit")))
        back.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        back.clicked.connect(self._back)
        return _wide(back)

    def _key(self, key: str) -> QPushButton:
        button = role(QPushButton(key), "key")
        button.setAccessibleName(key)
        button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        button.clicked.connect(lambda: self.press(key))
        return _wide(button)

    @property
    def text(self) -> str:
        return self._text

    def clear(self) -> None:
        self.set_text("")

    def set_text(self, text: str) -> None:
        """Shows this number."""
        self._text = text[:MOST]
        self._show()

    def press(self, key: str) -> None:
        """A digit, from the glass or the keyboard."""
        if len(self._text) < MOST and (key != "." or (self._decimals and "." not in self._text)):
            self._text += key
            self._show()
            self.typed.emit()

    def _back(self) -> None:
        self._text = self._text[:-1]
        self._show()
        self.typed.emit()

    def _show(self) -> None:
        self._shown.setText(("•" * len(self._text) if self._secret else self._text) or " ")
        self._on.setEnabled(bool(self._text))

    def _enter(self) -> None:
        if self._text:
            self.entered.emit(self._text)

    def focusInEvent(self, event: QFocusEvent) -> None:
        super().focusInEvent(event)
        tone(self._shown, "" if self._on.isVisibleTo(self) else "ask")

    def focusOutEvent(self, event: QFocusEvent) -> None:
        super().focusOutEvent(event)
        tone(self._shown, "")

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """The keyboard works as well as the glass."""
        if event.text() and event.text() in _KEYS + ",":
            self.press(event.text().replace(",", "."))
        elif event.key() == Qt.Key.Key_Backspace:
            self._back()
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self._enter()
        else:
            super().keyPressEvent(event)


def _wide(button: QPushButton) -> QPushButton:
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    return button
