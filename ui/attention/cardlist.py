"""Card list: what each card is about, one under the other, and above it which cards are shown; a touch opens one."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.attention.reading import CardView
from ui.kit.bench import Bench
from ui.kit.buttons import Button
from ui.kit.room import RoomLine
from ui.kit.tiles import BigTile
from ui.theme import role, worn

NONE = {False: _("Nothing needs you."), True: _("Nothing was noted.")}
WORDS = ((False, _("Needs you")), (True, _("Only noted")))


class CardHead(QWidget):
    """`turned` carries whether what was merely noted is wanted; `next_wanted` is said where one card is seen at a time. A disk
    that fills up needs somebody too, though there is nothing to choose: it has a line here."""

    turned = Signal(bool)
    next_wanted = Signal()

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench, self._noted, self._room = bench, False, RoomLine()
        self._chips = [Button(say(label), button_role="chip") for _noted, label in WORDS]
        self._place = role(QLabel(), "quiet")
        self._next = Button(say(_("Next card")), button_role="chip")
        self._next.setCheckable(False)
        self._next.clicked.connect(self.next_wanted)
        line = QHBoxLayout()
        line.setSpacing(worn().density.gap)
        for chip, (noted, _label) in zip(self._chips, WORDS, strict=True):
            chip.clicked.connect(partial(self.turned.emit, noted))
            line.addWidget(chip)
        line.addWidget(self._place)
        line.addStretch()
        line.addWidget(self._next)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(worn().density.gap)
        column.addLayout(line)
        column.addWidget(self._room)
        bench.roomed.connect(self._show_room)
        self.turn(noted=False)

    @property
    def nothing(self) -> str:
        """What stands in the place of cards where there are none."""
        return say(_("Nothing else needs you.") if self._told is not None else NONE[self._noted])

    @property
    def _told(self) -> Problem | None:
        return None if self._noted else self._bench.room

    def _show_room(self) -> None:
        self._room.show_room(self._told)

    def turn(self, noted: bool) -> None:
        """Marks what is shown."""
        self._noted = noted
        self._show_room()
        for chip, (one, _label) in zip(self._chips, WORDS, strict=True):
            chip.setChecked(one == noted)

    def show_place(self, at: int, count: int, *, alone: bool) -> None:
        """Which of how many is open; `alone` where the others are not seen beside it."""
        self._next.setVisible(alone and count > 1)
        self._place.setText(say(_("{place} of {count}"), place=at + 1, count=count) if count else "")


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
