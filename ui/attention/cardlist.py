"""Card list: what each card is about, one under the other; a touch opens it."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QScrollArea, QVBoxLayout, QWidget

from ui.attention.reading import CardView
from ui.kit.tiles import BigTile


class CardList(QScrollArea):
    """`opened` carries the place of the card that was touched."""

    opened = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)

    def show_cards(self, cards: Sequence[CardView], at: int) -> None:
        """Draws them; the one at `at` is open."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        tiles = [BigTile(card.about, card.sentence) for card in cards]
        for place, tile in enumerate(tiles):
            tile.setCheckable(True)
            tile.setChecked(place == at)
            tile.clicked.connect(partial(self.opened.emit, place))
            column.addWidget(tile)
        column.addStretch()
        self.setWidget(inside)
        if tiles:
            self.ensureWidgetVisible(tiles[at])
