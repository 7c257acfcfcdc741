"""Health: on the page of a job each reading as it came in and goes out, on that of a vehicle the last one; what changed, how it
went over the jobs, and a light that says what it means."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel.entity import fields_of
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.work_orders.health import light
from app.work_orders.model import HealthRecord
from app.work_orders.trend import Read, trend, vehicle_of
from ui.kit.bench import Bench
from ui.kit.curve import Curve
from ui.kit.live import Live, Once
from ui.kit.readable import ReadArea, words
from ui.kit.values import shown
from ui.theme import role, tone, worn

HEADS = ("before", "intake", "handover", "change")
SIGNS = {"ok": "●", "warn": "▲", "danger": "■"}  # another shape for each: nobody goes by the colour alone
Row = dict[str, Any]
Trend = Mapping[str, tuple[Read, ...]]
Found = tuple[dict[str, str], list[Row], Trend]


class _Panel(QWidget):
    """Readings under each other. It follows the store."""

    none = _("Nothing has been read yet. The health check is among the buttons below.")

    def __init__(self, bench: Bench, ident: UUID | None) -> None:
        super().__init__()
        self._bench, self._id = bench, ident
        self._area = ReadArea()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        column.addWidget(self._area)
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: frozenset({"health_record", "work_order"}), self._once.ask)

    def _look(self) -> Found:
        """The words above the columns, a row for each reading, and how each went so far."""
        raise NotImplementedError

    def _read(self, of: Callable[[Session, UUID], UUID | None]) -> Trend:
        with self._bench.app.read(self._bench.actor) as session:
            vehicle = of(session, self._id) if self._id is not None else None
            return trend(session, vehicle) if vehicle is not None else {}

    def _show(self, found: Found) -> None:
        heads, rows, so_far = found
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, worn().density.gap, 0)
        grid.setHorizontalSpacing(2 * worn().density.gap)
        grid.setVerticalSpacing(worn().density.gap)
        for place, name in enumerate(heads if rows else (), start=1):
            grid.addWidget(_right(role(QLabel(heads[name]), "quiet")), 0, place)
        by_word = {_word(name): values for name, values in so_far.items()}
        for line, row in enumerate(rows, start=1):
            _add(grid, line, row, tuple(heads), by_word.get(row["reading"], ()))
        if not rows:
            grid.addWidget(words(say(self.none), "quiet"), 0, 0)
        grid.setColumnStretch(0, 1)
        grid.setRowStretch(2 * len(rows) + 1, 1)
        self._area.setWidget(inside)


class HealthPanel(_Panel):
    """On the page of a job."""

    def _look(self) -> Found:
        app, actor = self._bench.app, self._bench.actor
        with app.read(actor) as session:
            asked = app.asked(session, "order_health", actor, {"order": self._id})
        heads = {column.name: say(column.label) for column in asked.columns}
        rows = app.ask("order_health", actor, order=self._id).rows
        return {name: heads[name] for name in HEADS}, rows, self._read(vehicle_of)


class VehicleHealth(_Panel):
    """On the page of a vehicle."""

    none = _("Nothing has been read on it yet. The health check is on the page of a job.")

    def _look(self) -> Found:
        so_far = self._read(lambda _session, vehicle: vehicle)
        return {"last": say(_("Last time"))}, [_last(name, values) for name, values in so_far.items()], so_far


def _last(name: str, values: tuple[Read, ...]) -> Row:
    found = light(name, values[-1], values[-2] if len(values) > 1 else None)
    last = values[-1] if isinstance(values[-1], Quantity) else Quantity(values[-1])
    said = {"verdict": say(found.sentence) if found else "", "tone": found.tone if found else "ok"}
    return {"reading": _word(name), "last": last, **said}


def _word(name: str) -> str:
    return say(fields_of(HealthRecord)[name].label)


def _add(grid: QGridLayout, line: int, row: Row, heads: tuple[str, ...], so_far: tuple[Read, ...]) -> None:
    """A reading takes two lines: its numbers, and below them what they mean and how it went so far."""
    at = 2 * line - 1
    grid.addWidget(words(row["reading"], "heading"), at, 0)
    for place, name in enumerate(heads, start=1):
        grid.addWidget(_right(QLabel(_number(row[name], name))), at, place)
    verdict = tone(QLabel(f"{SIGNS[row['tone']]}  {row['verdict']}"), row["tone"])
    if len(so_far) < 2:
        grid.addWidget(verdict, at + 1, 0, 1, len(heads) + 1)
        return
    grid.addWidget(verdict, at + 1, 0)
    curve = Curve(row["reading"], [float(str(one)) for one in so_far])
    grid.addWidget(curve, at + 1, 1, 1, len(heads), Qt.AlignmentFlag.AlignRight)


def _number(value: Quantity | None, name: str) -> str:
    if value is None:
        return "–"
    rises = name == "change" and value > Quantity(0)
    return f"+{shown(value)}" if rises else shown(value)


def _right(label: QLabel) -> QLabel:
    label.setAlignment(Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter)
    return label
