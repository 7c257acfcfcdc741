"""Welcome: what this machine is to be, in which language it is asked."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.access.founding import LANGUAGES
from app.kernel.words import _, language, say, speak
from ui.kit.buttons import Button
from ui.kit.tiles import BigTile, grid_of
from ui.theme import role, worn

OPEN, JOIN, DEMO = "open", "join", "demo"
WAYS = (
    (OPEN, _("A new workshop"), _("Five short questions; each can wait"), "home"),
    (JOIN, _("A terminal of a hub"), _("Somebody there has made a code for it"), "sync"),
    (DEMO, _("Only to look around"), _("A made-up workshop to try"), "jobs"),
)


class WelcomePage(QWidget):
    """`chosen` carries the way; `spoken` says that another language is spoken now."""

    chosen = Signal(str)
    spoken = Signal()

    def __init__(self) -> None:
        super().__init__()
        tiles = []
        for way, label, note, icon in WAYS:
            tile = BigTile(say(label), say(note), icon, tall=True)
            tile.clicked.connect(partial(self._choose, way))
            tiles.append(tile)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * worn().density.gap)
        column.addLayout(grid_of(tiles, 3))
        column.addWidget(role(QLabel(say(_("Language"))), "quiet"))
        column.addLayout(self._languages())
        column.addStretch()
        self.setFocusProxy(tiles[0])

    def _choose(self, way: str, _on: bool = False) -> None:
        self.chosen.emit(way)

    def _languages(self) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(worn().density.gap)
        for code, name in LANGUAGES:
            chip = Button(name, button_role="chip")
            chip.setChecked(code == language())
            chip.clicked.connect(partial(self._speak, code))
            row.addWidget(chip)
        row.addStretch()
        return row

    def _speak(self, code: str, _on: bool = False) -> None:
        speak(code)
        self.spoken.emit()
