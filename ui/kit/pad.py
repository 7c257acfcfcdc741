"""Pad: digits big enough for a glove, for quantities and PINs; no keyboard of the machine is needed."""

from __future__ import annotations

from collections.abc import Callable

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
            self._grid.addWidget(key_of(key, self.press), first + place // 3, place % 3)
        self._grid.addWidget(eraser(say(_("Delete the last digit")), self._back), first + 3, 0)
        self._grid.addWidget(key_of("0", self.press), first + 3, 1)
        if self._decimals:
            self._grid.addWidget(key_of(".", self.press), first + 3, 2)

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


def key_of(key: str, press: Callable[[str], None], kind: str = "key") -> QPushButton:
    """A key on the glass, by its role. It takes no focus from what is typed into."""
    button = role(QPushButton(key), kind)
    button.setAccessibleName(key)
    button.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    button.clicked.connect(lambda: press(key))
    return _wide(button)


def eraser(name: str, back: Callable[[], None], kind: str = "key") -> QPushButton:
    """The key that takes the last one back."""
    made = role(QPushButton(), kind)
    size = worn().density.title
    made.setIcon(icon("back", size=size))
    made.setIconSize(QSize(size, size))
    made.setAccessibleName(name)
    made.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    made.clicked.connect(back)
    return _wide(made)


def _wide(button: QPushButton) -> QPushButton:
    button.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding)
    return button
