"""Pad: digits big enough for a glove, for quantities and PINs; no keyboard of the machine is needed."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.icons import icon
from ui.theme import role, worn

_KEYS = "123456789.0"
MOST = 12


class Pad(QWidget):
    """Digits, a way back and a way on. `secret` shows dots; `entered` carries the text."""

    entered = Signal(str)

    def __init__(self, go_on: str, *, secret: bool = False, decimals: bool = False) -> None:
        super().__init__()
        self._secret = secret
        self._text = ""
        self._shown = role(QLabel(), "title")
        self._shown.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._shown.setAccessibleName(say(_("What you typed")))
        self._decimals = decimals
        self._on = role(QPushButton(go_on), "primary")
        self._on.clicked.connect(self._enter)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(worn().density.gap)
        layout.addWidget(self._shown)
        layout.addLayout(self._grid())
        layout.addWidget(self._on)
        self._show()

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setSpacing(worn().density.gap)
        for place, key in enumerate(_KEYS):
            if key != "." or self._decimals:
                grid.addWidget(self._key(key), place // 3, place % 3)
        back = role(QPushButton(), "key")
        back.setIcon(icon("back", size=worn().density.icon))
        back.setAccessibleName(say(_("Delete the last digit")))
        back.clicked.connect(self._back)
        grid.addWidget(_wide(back), 3, 2)
        return grid

    def _key(self, key: str) -> QPushButton:
        button = role(QPushButton(key), "key")
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
