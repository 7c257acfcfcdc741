"""Pane: one card in full: what is so, both sides with what was there before, and the choices as tiles."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.attention.reading import CardView, first_way
from ui.attention.sides import ChoiceTile, side_tile
from ui.kit.bench import Bench
from ui.kit.readable import ReadArea, table, words
from ui.kit.strip import PhotoStrip
from ui.kit.tiles import grid_of
from ui.theme import worn

SHORT = 18  # letters of a value on the filled button
HOW = (_("It is as it should be."), _("It has been put right."), _("We talked about it."))


@dataclass(frozen=True)
class Chosen:
    """What would be done: the choice, the words that go with it, and the verb on the filled button."""

    name: str
    how: str
    label: str


class CardPane(ReadArea):
    """`altered` says that something else is chosen."""

    altered = Signal()

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self.card: CardView | None = None
        self._tiles: list[tuple[ChoiceTile, Chosen]] = []

    @property
    def chosen(self) -> Chosen | None:
        return next((chosen for tile, chosen in self._tiles if tile.isChecked()), None)

    def show_card(self, card: CardView) -> None:
        """Draws a card; what was chosen on the same card before stays chosen."""
        before = self.chosen.name if self.card is not None and self.card.id == card.id and self.chosen else ""
        self.card = card
        self._tiles = []
        inside, column = self._drawn(card)
        if card.group is None:
            column.addWidget(PhotoStrip(self._bench, "discrepancy", card.id, lambda: card.about))
        column.addStretch(1)
        self.setWidget(inside)
        self._choose_first(before or first_way(card))

    def _drawn(self, card: CardView) -> tuple[QWidget, QVBoxLayout]:
        inside = QWidget()
        column = QVBoxLayout(inside)
        gap = worn().density.gap
        column.setContentsMargins(gap, 0, gap, 0)
        column.setSpacing(gap)
        column.addWidget(words(card.about, "quiet"))
        column.addWidget(words(card.sentence, "heading"))
        if by := _by(card):
            column.addWidget(words(by, "caption"))
        if card.advice:
            column.addWidget(words(card.advice))
        if card.sides:
            column.addLayout(self._sides(card))
        if card.base:
            column.addWidget(words(say(_("Before: {value}"), value=card.base), "quiet"))
        if not card.sides or card.kind not in ("field", "state"):
            column.addLayout(self._ways(card))
        if card.tried:
            column.addLayout(table(card.tried))
        return inside, column

    # -------------------------------------------------------------------------------------------------------- choices

    def _sides(self, card: CardView) -> QHBoxLayout:
        row = QHBoxLayout()
        row.setSpacing(worn().density.gap)
        names = {way.name for way in card.ways}
        for place, side in enumerate(card.sides):
            other = card.sides[1 - place].value
            verb = _("Keep “{value}”") if side.stands else _("Take “{value}”")
            if side.choice in names:
                tile = side_tile(len(self._tiles) + 1, side, other)
                self._add(tile, Chosen(side.choice, "", say(verb, value=_short(side.value))))
            else:
                tile = side_tile(0, side, other)
            row.addWidget(tile, 1)
        return row

    def _ways(self, card: CardView) -> QGridLayout:
        tiles: list[QWidget] = []
        sides = {side.choice for side in card.sides}
        for way in card.ways:
            if way.name in sides:
                continue
            more = HOW[1:2] if card.sides else HOW
            for label in (way.label, *(say(one) for one in more)) if way.says_how else (way.label,):
                tile = ChoiceTile(len(self._tiles) + 1, label, escape(label))
                self._add(tile, Chosen(way.name, label if way.says_how else "", say(_("Settle it")) if way.says_how else label))
                tiles.append(tile)
        return grid_of(tiles, 2)

    def _add(self, tile: ChoiceTile, chosen: Chosen) -> None:
        tile.clicked.connect(lambda: self.choose(tile))
        self._tiles.append((tile, chosen))

    def choose(self, tile: ChoiceTile) -> None:
        """One is chosen, the others are not."""
        for one, _chosen in self._tiles:
            one.setChecked(one is tile)
        self.altered.emit()

    def choose_at(self, place: int) -> bool:
        """The choice with a number key, from 1; whether there is one."""
        if not 0 < place <= len(self._tiles):
            return False
        self.choose(self._tiles[place - 1][0])
        return True

    def step(self, by: int) -> None:
        """The choice beside the chosen one."""
        place = next((at for at, (tile, _chosen) in enumerate(self._tiles) if tile.isChecked()), 0)
        self.choose_at(min(max(place + by, 0), len(self._tiles) - 1) + 1)

    def _choose_first(self, name: str) -> None:
        found = next((tile for tile, chosen in self._tiles if chosen.name == name), None)
        if found is not None or self._tiles:
            self.choose(found or self._tiles[0][0])


def _by(card: CardView) -> str:
    """Who did it and when, where the sides do not say so; and how many more there are of it."""
    more = say(_("and {count} more like it"), count=card.alike - 1) if card.alike > 1 else ""
    return " · ".join(part for part in (*(() if card.sides else (card.who, card.when)), more) if part)


def _short(value: str) -> str:
    return value if len(value) <= SHORT else value[: SHORT - 1].rstrip() + "…"
