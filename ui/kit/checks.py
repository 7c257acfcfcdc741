"""Checks: what is ticked off one by one, in rows high enough for a glove; a touch, a key or the DONE card ticks the next."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QPushButton, QScrollArea, QSizePolicy, QVBoxLayout, QWidget

from app.kernel import queries
from app.kernel.words import say
from ui.kit.bench import Bench, Told
from ui.kit.declared import Check, Checks
from ui.kit.icons import picture
from ui.kit.live import Live, Once
from ui.theme import role, tone, worn

MOST = 200  # rows of one record
Row = Mapping[str, Any]
Found = tuple[list[Row], frozenset[str]]


class ChecksPanel(QWidget):
    """The rows of a record that are ticked off, in their order."""

    def __init__(self, bench: Bench, declared: Checks, ident: UUID | None) -> None:
        super().__init__()
        self._bench, self._declared, self._ident = bench, declared, ident
        self._rows: list[Row] | None = None
        self._reads: frozenset[str] = frozenset()
        self._tiles: dict[UUID, CheckTile] = {}
        self._area = QScrollArea()
        self._area.setWidgetResizable(True)
        self._area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        column.addWidget(self._area)
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: self._reads, self._once.ask)

    def _look(self) -> Found:
        bench, declared = self._bench, self._declared
        with bench.app.read(bench.actor) as session:
            ask = bench.app.asked(session, declared.query, bench.actor, {declared.argument: self._ident})
            return [*queries.page(session, ask, limit=MOST).rows], ask.reads

    def _show(self, found: Found) -> None:
        rows, self._reads = found
        if rows == self._rows:
            return
        had = next((ident for ident, tile in self._tiles.items() if tile.hasFocus()), None)
        self._rows = rows
        self._area.setWidget(self._filled(rows))
        stay = self._tiles.get(had) if had is not None else None
        if stay is not None:
            stay.setFocus()
        following = self.next_row
        if following is not None:
            self._area.ensureWidgetVisible(self._tiles[following["id"]])

    def _filled(self, rows: Sequence[Row]) -> QWidget:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, worn().density.gap, 0)
        column.setSpacing(worn().density.gap)
        self._tiles, group = {}, ""
        for row in rows:
            check = self._declared.says(row)
            if check.group != group:
                column.addWidget(_words(check.group, "heading"))
                group = check.group
            tile = self._tiles[row["id"]] = CheckTile(check)
            tile.clicked.connect(partial(self._touched, row))
            column.addWidget(tile)
        if not rows:
            column.addWidget(_words(say(self._declared.empty), "quiet"))
        column.addStretch()
        return inside

    def _touched(self, row: Row, _checked: bool = False) -> None:
        self._declared.acts(self._bench, row, self._bench.ways.told)

    @property
    def next_row(self) -> Row | None:
        """The first that is not done yet."""
        return next((row for row in self._rows or () if not self._declared.says(row).done), None)

    def tick(self, told: Told) -> bool:
        """Ticks the next one off, where there is one left."""
        row = self.next_row
        if row is not None:
            self._declared.acts(self._bench, row, told)
        return row is not None


class CheckTile(QPushButton):
    """One row: whether it is done, what it is, quiet words, what is dangerous, and a value to the right."""

    def __init__(self, check: Check) -> None:
        super().__init__()
        role(self, "tile")
        self.setAccessibleName(", ".join(word for word in (check.what, check.value, check.danger, check.note) if word))
        gap = worn().density.gap
        line = QHBoxLayout(self)
        line.setContentsMargins(gap, gap // 2, gap, gap // 2)
        line.setSpacing(gap)
        line.addWidget(self._sign(done=check.done), 0, Qt.AlignmentFlag.AlignTop)
        words = QVBoxLayout()
        words.setSpacing(0)
        for text, name, tint in ((check.what, "", ""), (check.danger, "", "warn"), (check.note, "quiet", "")):
            if text:
                words.addWidget(tone(_words(text, name), tint))
        line.addLayout(words, 1)
        if check.value:
            value = role(QLabel(check.value), "heading")
            value.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
            line.addWidget(value, 0, Qt.AlignmentFlag.AlignTop)
        self.setSizePolicy(QSizePolicy.Policy.Expanding, QSizePolicy.Policy.Minimum)
        self.setMinimumHeight(worn().density.target)

    def _sign(self, *, done: bool) -> QLabel:
        label = QLabel()
        size = worn().density.icon
        label.setPixmap(picture("check" if done else "next", "ok" if done else "line", size, self.devicePixelRatioF()))
        label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        return label


def _words(text: str, name: str) -> QLabel:
    label = role(QLabel(text), name)
    label.setWordWrap(True)
    label.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
    return label
