"""Sync: what waits for the hub and since when, what it has confirmed, why the last try failed, and what was repaired."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from app.kernel.records import CONFIRMED, PARKED, WAITING
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import Button
from ui.kit.declared import Place
from ui.kit.list import Table
from ui.kit.live import Live, Once
from ui.kit.screen import Deed, Screen
from ui.kit.table import Source
from ui.sync.reading import Known, known
from ui.theme import role, tone, worn

CHIPS = ((WAITING, _("Waiting")), (PARKED, _("Parked")), (CONFIRMED, _("Confirmed")))
COLUMNS = ("command", "at", "state", "problems")


class SyncPage(Screen):
    """On the left how it stands, on the right the commands, the latest first."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Hub"))
        self._known: Known | None = None
        self._chips: list[Button] = []
        self._facts = QScrollArea()
        shown = {"state": WAITING} if bench.app.station.enrolled else {}
        self._table = Table(bench, Source("sent", shown, COLUMNS), name=say(_("What was done here")), page=self)
        self._lay_out()
        self._once = Once(bench, self, lambda: partial(known, bench), self._show)
        every = frozenset(bench.app.registry.entities)
        Live(bench, self, lambda: every, self._once.ask)
        bench.linked.connect(self._seen_again)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        chips = QHBoxLayout()
        for state, label in CHIPS if self.bench.app.station.enrolled else ():
            chip = Button(say(label), button_role="chip")
            chip.setChecked(state == WAITING)
            chip.clicked.connect(partial(self._turn, state))
            self._chips.append(chip)
            chips.addWidget(chip)
        chips.addStretch()
        right = QVBoxLayout()
        right.setSpacing(gap)
        right.addLayout(chips)
        right.addWidget(self._table, 1)
        self._facts.setWidgetResizable(True)
        self._facts.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        body = QHBoxLayout(self)
        body.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        body.setSpacing(2 * gap)
        body.addWidget(self._facts, 5)
        body.addLayout(right, 6)

    def _turn(self, state: str, _on: bool = True) -> None:
        for chip, (one, _label) in zip(self._chips, CHIPS, strict=False):
            chip.setChecked(one == state)
        self._table.rows.point({"state": state})

    def _show(self, found: Known) -> None:
        self._known = found
        inside = QWidget()
        column = QVBoxLayout(inside)
        gap = worn().density.gap
        column.setContentsMargins(0, 0, gap, 0)
        column.setSpacing(gap)
        column.addWidget(_words(found.state, "title", found.tone))
        for problem in found.problems:
            column.addWidget(_told(problem))
        column.addLayout(_grid(found.facts))
        if found.notices:
            column.addWidget(role(QLabel(say(_("Put right by itself"))), "heading"))
            column.addLayout(_grid(found.notices))
        if found.fresh:
            column.addWidget(role(QLabel(say(_("Up to when everything is here"))), "heading"))
            column.addLayout(_grid(found.fresh))
        column.addStretch()
        self._facts.setWidget(inside)
        self.altered.emit()

    @property
    def primary(self) -> Deed | None:
        """Tries at once, where there is a hub."""
        if self._known is None or not self._known.hub:
            return None
        return Deed(say(_("Try now")), self._try, "sync")

    def _try(self) -> None:
        self.bench.link.try_now()
        self._once.ask()

    def _seen_again(self) -> None:
        """The link stands otherwise now."""
        if self.isVisible():
            self._once.ask()
            self._table.rows.reload()

    def arrive(self) -> None:
        self._once.ask()


def _told(problem: Problem) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(_words(problem.sentence, "heading", "warn"))
    column.addWidget(_words(problem.advice, "quiet"))
    return box


def _words(text: str, name: str, tone_name: str = "") -> QLabel:
    label = tone(role(QLabel(text), name), tone_name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _grid(pairs: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * worn().density.gap)
    grid.setColumnStretch(1, 1)
    for line, (label, value) in enumerate(pairs):
        grid.addWidget(_words(label, "quiet"), line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_words(value, ""), line, 1)
    return grid
