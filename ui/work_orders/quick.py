"""The quick check at check-in, folded away until somebody wants it: battery, tyres, noises, and how urgent it is."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QWidget

from app.kernel.entity import Field, fields_of
from app.kernel.problems import Problem, Refused
from app.kernel.types import Quantity
from app.kernel.words import _
from app.work_orders.model import HealthRecord, WorkOrder
from ui.kit.bench import Bench
from ui.kit.fields import box_for
from ui.theme import worn

READ = ("battery", "front_tyre", "rear_tyre")
NORMAL = "normal"


class QuickCheck(QWidget):
    """`altered` says that something was typed."""

    altered = Signal()

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._boxes = {field.name: box_for(field, bench) for field in _fields()}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(2 * worn().density.gap)
        grid.setVerticalSpacing(worn().density.gap)
        for place, box in enumerate(self._boxes.values()):
            grid.addWidget(box, place // 2, place % 2, 1, 2 if box.field.name == "priority" else 1)  # its chips are wide
            grid.setColumnStretch(place % 2, 1)
            box.altered.connect(self.altered)
        self.fill({})

    def fill(self, typed: dict[str, Any]) -> None:
        for name, box in self._boxes.items():
            box.set_value(typed.get(name, NORMAL if name == "priority" else ""))
            box.fail(None)

    @property
    def first(self) -> QWidget:
        return next(iter(self._boxes.values()))

    @property
    def typed(self) -> dict[str, Any]:
        """What was filled in."""
        return {name: box.value() for name, box in self._boxes.items() if box.value() and box.value() != NORMAL}

    def read(self) -> dict[str, Any]:
        """The fields of `CheckIn`; Refused, with its problem at the field, where a reading is no number."""
        found: dict[str, Any] = {name: value for name, value in self.typed.items() if name not in READ}
        for name in READ:
            try:
                text = self._boxes[name].read()
            except Refused as refused:
                self.mark(refused.problems)
                raise
            found |= {} if text is None else {name: Quantity.parse(text)}
        return found

    def mark(self, problems: tuple[Problem, ...]) -> bool:
        """Shows what is wrong at its field; whether anything is."""
        found = {problem.field: problem for problem in problems}
        for name, box in self._boxes.items():
            box.fail(found.get(name))
        return not found.keys().isdisjoint(self._boxes)


def _fields() -> list[Field]:
    known = fields_of(HealthRecord)
    noise = replace(known["notes"], name="noise", label=_("Noises and remarks"), size=250)
    return [*(known[name] for name in READ), noise, fields_of(WorkOrder)["priority"]]
