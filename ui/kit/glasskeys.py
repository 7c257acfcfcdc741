"""Keys on the glass: letters, digits and signs for the text boxes of a window, where there is no keyboard to type on."""

from __future__ import annotations

from typing import cast

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtGui import QInputDevice, QMouseEvent
from PySide6.QtWidgets import QApplication, QGridLayout, QLineEdit, QPushButton, QScrollArea, QWidget

from app.kernel.words import _, language, say
from ui.kit.pad import eraser, key_of
from ui.theme import worn

SHIFT, ERASE, SPACE = "⇧", "⌫", " "
ROWS = {
    "en": ("1234567890-⌫", "qwertyuiop+@", "asdfghjkl',:", "⇧zxcvbnm_./ "),
    "de": ("1234567890-⌫", "qwertzuiopü@", "asdfghjklöä:", "⇧yxcvbnmß./ "),
}
"""Twelve keys beside each other, as the language has them on a keyboard."""


class GlassKeys(QWidget):
    """They come when a finger marks a text box of the window that they stand in, or anything else does before anybody has typed;
    and they go with the first key of a real keyboard."""

    def __init__(self) -> None:
        super().__init__()
        self._box: QLineEdit | None = None
        self._typed = self._shifted = False
        self._letters: list[QPushButton] = []
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(worn().density.gap, 0, worn().density.gap, worn().density.gap)
        self._grid.setSpacing(worn().density.gap)
        self.hide()
        self._app = cast(QApplication, QApplication.instance())
        self._app.installEventFilter(self)
        self._app.focusChanged.connect(self._moved)

    def leave(self) -> None:
        """Its window closes: nothing is watched any more."""
        self._app.removeEventFilter(self)
        self._app.focusChanged.disconnect(self._moved)

    def _lay_out(self) -> None:
        """The keys of the language that is spoken now."""
        while item := self._grid.takeAt(0):
            if (old := item.widget()) is not None:
                old.deleteLater()
        self._letters, self._shifted = [], False
        for line, keys in enumerate(ROWS.get(language(), ROWS["en"])):
            for place, key in enumerate(keys):
                self._grid.addWidget(self._key(key), line, place)

    def _key(self, key: str) -> QPushButton:
        if key == ERASE:
            return eraser(say(_("Delete the last letter")), self._back, "letter")
        if key == SHIFT:
            made = key_of(key, lambda _key: self._shift(), "letter")
            made.setAccessibleName(say(_("Capital letters")))
            return made
        made = key_of("␣" if key == SPACE else key, lambda shown: self.press(SPACE if shown == "␣" else made.text()), "letter")
        if key == SPACE:
            made.setAccessibleName(say(_("Space")))
        elif key.isalpha():
            self._letters.append(made)
        return made

    # ------------------------------------------------------------------------------------------------------------ typing

    def press(self, text: str) -> None:
        """Into the box, as if it had been typed; a capital letter is followed by small ones."""
        if self._box is not None:
            self._box.insert(text)
            self._box.textEdited.emit(self._box.text())
        if self._shifted:
            self._shift()

    def _back(self) -> None:
        if self._box is not None:
            self._box.backspace()
            self._box.textEdited.emit(self._box.text())

    def _shift(self) -> None:
        self._shifted = not self._shifted
        for key in self._letters:
            key.setText(key.text().upper() if self._shifted and key.text() != "ß" else key.text().lower())

    # ------------------------------------------------------------------------------------------------- coming and going

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if isinstance(event, QMouseEvent) and event.type() == QEvent.Type.MouseButtonPress:
            finger = event.deviceType() == QInputDevice.DeviceType.TouchScreen
            if isinstance(watched, QLineEdit) and watched.window() is self.window() and (finger or not self._typed):
                self._come(watched)
        elif event.type() == QEvent.Type.KeyPress and not self._typed:
            self._typed = True
            self.hide()
        return False

    def _come(self, box: QLineEdit) -> None:
        if self.isHidden():
            self._lay_out()
            self.show()
        self._mark(box)

    def _moved(self, _old: QWidget | None, now: QWidget | None) -> None:
        """They follow to the next box, and go where there is nothing to write."""
        if not self.isVisible():
            return
        if isinstance(now, QLineEdit) and now.window() is self.window():
            self._mark(now)
        elif now is not None:
            self.hide()

    def _mark(self, box: QLineEdit) -> None:
        self._box = box
        QTimer.singleShot(0, self, self._bring)  # the room is shared anew first

    def _bring(self) -> None:
        """Where the keys leave little room, the box is brought into what is left."""
        area: QObject | None = self._box
        while area is not None and not isinstance(area, QScrollArea):
            area = area.parent()
        if isinstance(area, QScrollArea) and self._box is not None:
            area.ensureWidgetVisible(self._box)
