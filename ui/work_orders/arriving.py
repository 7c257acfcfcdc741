"""Who has just come in, on the check-in screen: what is known stands there at once, what is new has a few fields in place."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QGridLayout, QVBoxLayout, QWidget

from app.kernel.entity import Field, fields_of
from app.kernel.meanings import Match
from app.kernel.problems import Problem
from app.kernel.words import _, say
from app.parties.model import Customer, Vehicle
from app.work_orders.arrivals import Arrival, LastJob
from ui.kit.bench import Bench
from ui.kit.chips import Chips
from ui.kit.fields import FieldBox, box_for
from ui.kit.readable import words
from ui.kit.values import moment, word
from ui.theme import role, tone, worn

OF_CUSTOMER, OF_VEHICLE = ("name", "phone"), ("model", "make", "plate", "vin")
ANOTHER = "another"  # vehicle than those that are known


class Whose(QFrame):
    """`altered` says that something was typed, `chosen` carries one of several vehicles that a customer has."""

    altered = Signal()
    chosen = Signal(object)

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        role(self, "card")
        self.known = Arrival()
        self._who, self._what, self._last = words("", "heading"), words("", "heading"), words("", "quiet")
        self._garage = Chips(_("Which vehicle?"))
        self._garage.altered.connect(self._choose)
        self._boxes = {field.name: box_for(field, bench) for field in _fields()}
        gap = worn().density.gap
        column = QVBoxLayout(self)
        column.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        column.setSpacing(gap // 2)
        for part in (self._who, self._what, self._last, self._garage):
            column.addWidget(part)
        column.addLayout(self._grid())
        for box in self._boxes.values():
            box.altered.connect(self.altered)

    def _grid(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * worn().density.gap)
        grid.setVerticalSpacing(worn().density.gap)
        for place, box in enumerate(self._boxes.values()):
            grid.addWidget(box, place // 2, place % 2)
            grid.setColumnStretch(place % 2, 1)
        return grid

    # ---------------------------------------------------------------------------------------------------------- showing

    def show_known(self, known: Arrival) -> None:
        """What is known, and fields for the rest."""
        self.known = known
        _say(self._who, " · ".join(filter(None, (known.customer.title, known.phone))) if known.customer else "")
        _say(self._what, known.vehicle.title if known.vehicle else "")
        _say(self._last, _last_of(known))
        tone(self._last, "warn" if known.last is not None and known.last.is_open else "")
        several = known.vehicle is None and len(known.garage) > 1
        self._garage.setVisible(several)
        if several:
            self._garage.offer([*((one.id, one.title) for one in known.garage), (ANOTHER, say(_("Another vehicle")))])
        for name, box in self._boxes.items():
            box.setVisible(known.customer is None if name in OF_CUSTOMER else known.vehicle is None and not several)

    def _choose(self) -> None:
        for value in self._garage.chosen:
            if value == ANOTHER:
                self.show_known(replace(self.known, garage=()))
                self.altered.emit()
            else:
                self.chosen.emit(Match("vehicle", value, ""))

    @property
    def first(self) -> QWidget | None:
        """The first field that has nothing in it."""
        empty = (box for box in self._boxes.values() if not box.isHidden() and not box.value())
        return next(empty, None)

    # ----------------------------------------------------------------------------------------------------------- values

    def fill(self, typed: dict[str, Any]) -> None:
        for name, box in self._boxes.items():
            box.set_value(typed.get(name, ""))
            box.fail(None)

    @property
    def typed(self) -> dict[str, str]:
        return {name: box.value() for name, box in self._boxes.items() if not box.isHidden() and box.value()}

    @property
    def asked(self) -> dict[str, Any]:
        """The fields of `CheckIn` that say whose it is."""
        known = {"customer": self.known.customer, "vehicle": self.known.vehicle}
        return {**self.typed, **{name: match.id for name, match in known.items() if match is not None}}

    def mark(self, problems: tuple[Problem, ...]) -> None:
        """What is wrong stands at its field; the first of those has the keys."""
        found = {problem.field: problem for problem in problems}
        for name, box in self._boxes.items():
            box.fail(found.get(name))
        wrong: FieldBox | None = next((box for name, box in self._boxes.items() if name in found and not box.isHidden()), None)
        if wrong is not None:
            wrong.setFocus()


def _fields() -> list[Field]:
    """The customer's and the vehicle's; both have what the other one lacks."""
    return [*(fields_of(Customer)[name] for name in OF_CUSTOMER), *(fields_of(Vehicle)[name] for name in OF_VEHICLE)]


def _say(label: Any, text: str) -> None:
    label.setText(text)
    label.setVisible(bool(text))


def _last_of(known: Arrival) -> str:
    """What the vehicle showed last, and what was done on it."""
    parts = [say(_("{km} km last time"), km=known.odometer)] if known.odometer is not None else []
    if known.last is not None:
        parts.append(_job(known.last))
    elif known.vehicle is not None:
        parts.append(say(_("never here before")))
    return " · ".join(parts)


def _job(last: LastJob) -> str:
    told: dict[str, object] = {
        "number": last.number,
        "what": last.what,
        "state": word("state", last.state),
        "when": moment(last.at),
    }
    return say(_("still on {number}: {what}, {state}") if last.is_open else _("last job: {what}, {state}, {when}"), told)
