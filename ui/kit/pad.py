"""Pad: digits big enough for a glove, for quantities and PINs; no keyboard of the machine is needed."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import primary
from ui.kit.icons import icon
from ui.theme import role, worn

_KEYS = "1234567890."
MOST = 12
HIGH = 84  # pixels of a key where there is room


class Pad(QWidget):
    """Digits, a way back and a way on. `secret` shows dots; `entered` carries the text."""

    entered = Signal(str)

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
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(worn().density.gap)
        for place, key in enumerate("123456789"):
            grid.addWidget(self._key(key), place // 3, place % 3)
        grid.addWidget(self._eraser(), 3, 0)
        grid.addWidget(self._key("0"), 3, 1)
        if decimals:
            grid.addWidget(self._key("."), 3, 2)
        grid.addWidget(self._shown, 0, 3)
        grid.addWidget(_wide(self._on), 1, 3, 3, 1)
        grid.setColumnMinimumWidth(3, 11 * worn().density.body)
        self.setMaximumHeight(4 * HIGH)
        self._show()

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
        self._text = ""
        self._show()

    def press(self, key: str) -> None:
        """A digit, from the glass or the keyboard."""
        if len(self._text) < MOST and (key != "." or (self._decimals and "." not in self._text)):
            self._text += key
            self._show()

    def _back(self) -> None:
        self._text = self._text[:-1]
        self._show()

    def _show(self) -> None:
        self._shown.setText(("•" * len(self._text) if self._secret else self._text) or " ")
        self._on.setEnabled(bool(self._text))

    def _enter(self) -> None:
        if self._text:
            self.entered.emit(self._text)

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
