"""Health on the page of a job: each reading as it came in and goes out, what changed, and a light that says what it means."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.types import Quantity
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.live import Live, Once
from ui.kit.readable import ReadArea, words
from ui.kit.values import shown
from ui.theme import role, tone, worn

HEADS = ("before", "intake", "handover", "change")
SIGNS = {"ok": "●", "warn": "▲", "danger": "■"}  # another shape for each: nobody goes by the colour alone
Row = dict[str, Any]


class HealthPanel(QWidget):
    """It follows the store."""

    def __init__(self, bench: Bench, ident: UUID | None) -> None:
        super().__init__()
        self._bench, self._id = bench, ident
        self._area = ReadArea()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        column.addWidget(self._area)
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: frozenset({"health_record", "work_order"}), self._once.ask)

    def _look(self) -> tuple[dict[str, str], list[Row]]:
        app, actor = self._bench.app, self._bench.actor
        with app.read(actor) as session:
            asked = app.asked(session, "order_health", actor, {"order": self._id})
        heads = {column.name: say(column.label) for column in asked.columns}
        return heads, app.ask("order_health", actor, order=self._id).rows

    def _show(self, found: tuple[dict[str, str], list[Row]]) -> None:
        heads, rows = found
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, worn().density.gap, 0)
        grid.setHorizontalSpacing(2 * worn().density.gap)
        grid.setVerticalSpacing(worn().density.gap)
        for place, name in enumerate(HEADS if rows else (), start=1):
            grid.addWidget(_right(role(QLabel(heads[name]), "quiet")), 0, place)
        for line, row in enumerate(rows, start=1):
            _add(grid, line, row)
        if not rows:
            grid.addWidget(
                words(say(_("Nothing has been read yet. The health check is among the buttons below.")), "quiet"), 0, 0
            )
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(2 * len(rows) + 1, 1)
        self._area.setWidget(inside)


def _add(grid: QGridLayout, line: int, row: Row) -> None:
    """A reading takes two lines: its numbers, and below them what they mean."""
    at = 2 * line - 1
    grid.addWidget(words(row["reading"], "heading"), at, 0)
    for place, name in enumerate(HEADS, start=1):
        grid.addWidget(_right(QLabel(_number(row[name], name))), at, place)
    verdict = tone(QLabel(f"{SIGNS[row['tone']]}  {row['verdict']}"), row["tone"])
    grid.addWidget(verdict, at + 1, 0, 1, len(HEADS) + 1)


def _number(value: Quantity | None, name: str) -> str:
    if value is None:
        return "–"
    rises = name == "change" and value > Quantity(0)
    return f"+{shown(value)}" if rises else shown(value)


def _right(label: QLabel) -> QLabel:
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
