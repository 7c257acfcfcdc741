"""Tiles: big answers and big doors, each with its icon, its word and a few quiet words more."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QPushButton, QSizePolicy, QVBoxLayout, QWidget

from ui.kit.icons import picture
from ui.theme import role, worn

QWIDGETSIZE_MAX = (1 << 24) - 1


class BigTile(QPushButton):
    """A button that is mostly word. `lead` stands before it: a number key, or nothing where there is an icon."""

    def __init__(self, label: str, note: str = "", icon_name: str = "", lead: str = "", *, tall: bool = False) -> None:
        super().__init__()
        role(self, "tile")
        self.setAccessibleName(f"{label}, {note}" if note else label)
        size = worn().density
        row = QHBoxLayout(self)
        row.setContentsMargins(size.gap + 4, 4, size.gap, 4)
        row.setSpacing(size.gap + 4)
        if icon_name or lead:
            row.addWidget(self._lead(icon_name, lead))
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addStretch()
        words.addWidget(_word(label, "heading"))
        self._label, self._note = label, _word(note, "quiet")
        words.addWidget(self._note)
        if not note:
            self._note.hide()  # to say that it is seen would make a window of it: it has no parent yet
        words.addStretch()
        row.addLayout(words, 1)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Expanding if tall else QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(worn().density.primary_target + worn().density.gap)
        self.setMaximumHeight(2 * worn().density.primary_target if tall else QWIDGETSIZE_MAX)

    def _lead(self, icon_name: str, lead: str) -> QLabel:
        label = role(QLabel(lead), "number")
        if icon_name:
            label.setPixmap(picture(icon_name, "text", worn().density.title + 8, self.devicePixelRatioF()))
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        label.setFixedWidth(worn().density.title + 12)
        return label

    def set_note(self, note: str) -> None:
        """Changes the quiet words."""
        self._note.setText(note)
        self._note.setVisible(bool(note))
        self.setAccessibleName(f"{self._label}, {note}" if note else self._label)


def _word(text: str, name: str) -> QLabel:
    label = role(QLabel(text), name)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    label.setWordWrap(True)
    return label


def grid_of(tiles: Sequence[QWidget], columns: int = 2) -> QGridLayout:
    """Tiles in reading order."""
    grid = QGridLayout()
    grid.setSpacing(worn().density.gap)
    for place, tile in enumerate(tiles):
        grid.addWidget(tile, place // columns, place % columns)
    for column in range(columns):
        grid.setColumnStretch(column, 1)
    return grid
