"""Stock: what lies on the shelves at the beginning, from a file or by counting; it can wait."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path

from PySide6.QtWidgets import QLabel

from app.kernel.words import _, say
from ui.first.port import Begins, Brought
from ui.first.step import Step, Works
from ui.kit.tiles import BigTile, grid_of
from ui.theme import role, tone

FILES = (
    ("part", _("Parts from a file"), _("A sheet (.csv, .xlsx) with a column for code and name")),
    ("stock_line", _("Stock from a file"), _("With columns for part, bin and quantity; after the parts")),
)


class StockStep(Step):
    """`choose` lets somebody choose a file, and hands nothing back where they left it."""

    label, icon, verb = _("Opening stock"), "stock", _("Go on")
    advice = _(
        "Bring what lies on the shelves from a file, or count it at the terminal: “Count a bin” is among your tasks there."
    )

    def __init__(self, begins: Begins, works: Works, choose: Callable[[], Path | None]) -> None:
        super().__init__(begins, works)
        self._choose = choose
        self._said = role(QLabel(), "heading")
        self._said.setWordWrap(True)
        tiles = []
        for entity, label, note in FILES:
            tile = BigTile(say(label), say(note), "part" if entity == "part" else "stock")
            tile.clicked.connect(partial(self._bring, entity))
            tiles.append(tile)
        self.column.addLayout(grid_of(tiles))
        self.column.addWidget(self._said)
        self.column.addStretch()

    def _bring(self, entity: str, _on: bool = False) -> None:
        file = self._choose()
        if file is not None:
            tone(self._said, "")
            self._said.setText(say(_("Reading {file}…"), file=file.name))
            self.do(lambda: self.begins.bring(entity, file, lambda _lines: None), self._brought)

    def _brought(self, came: Brought) -> None:
        told = say(_("{made} made, {changed} changed, {refused} refused."), vars(came))
        self._said.setText(f"{told} {came.first}".strip())
        tone(self._said, "warn" if came.refused else "ok")
