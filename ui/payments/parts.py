"""Parts of the screens of money: the amount in big figures, and tiles of which one stays pressed."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QButtonGroup, QGridLayout, QHBoxLayout, QLabel, QPushButton, QWidget

from app.kernel.words import say
from app.work_orders.model import METHODS
from ui.kit.icons import picture
from ui.kit.tiles import BigTile, grid_of
from ui.theme import worn


def headline(amount: QLabel, whose: QLabel) -> QHBoxLayout:
    """The amount in big figures, and beside it what it is for: on a small glass there is no line to spare."""
    line = QHBoxLayout()
    line.setSpacing(2 * worn().density.gap)
    line.addWidget(amount)
    line.addWidget(whose, 1, Qt.AlignmentFlag.AlignVCenter)
    return line


class Ways(QWidget):
    """The ways to pay, of which one is chosen."""

    def __init__(self, names: Sequence[str], chosen: str, heard: Callable[[str], None]) -> None:
        super().__init__()
        self._group = QButtonGroup(self)
        self._tiles: dict[str, QPushButton] = {}
        for number, (name, label) in enumerate(((one, label) for one, label in METHODS if one in names), start=1):
            tile = BigTile(say(label), lead=str(number))
            tile.setCheckable(True)
            tile.setChecked(name == chosen)
            tile.clicked.connect(lambda _on, name=name: heard(name))
            self._group.addButton(tile)
            self._tiles[name] = tile
        grid: QGridLayout = grid_of(list(self._tiles.values()), 2)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setSpacing(worn().density.gap)
        self.setLayout(grid)

    def press(self, number: int) -> None:
        """Chooses by a number key, where there is such a tile."""
        tiles = list(self._tiles.values())
        if 0 < number <= len(tiles):
            tiles[number - 1].click()

    def show_chosen(self, name: str) -> None:
        if name in self._tiles:
            self._tiles[name].setChecked(True)


class Tick(BigTile):
    """A line that is ticked off by a touch."""

    def __init__(self, label: str, note: str) -> None:
        self._box = QLabel()
        super().__init__(label, note, "unpicked")
        self.setCheckable(True)
        self.toggled.connect(self._draw)

    def _lead(self, icon_name: str, lead: str) -> QLabel:
        self._box = super()._lead(icon_name, lead)
        return self._box

    def _draw(self, on: bool) -> None:
        self._box.setPixmap(picture("picked" if on else "unpicked", "text", worn().density.title + 8, self.devicePixelRatioF()))
