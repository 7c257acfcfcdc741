"""Health page: how this terminal is, the worst first, each line with its sign, its word and what to do."""

from __future__ import annotations

from datetime import datetime
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QVBoxLayout, QWidget

from app.kernel import figures
from app.kernel.health import BAD, OK, WARN, Check
from app.kernel.problems import Problem
from app.kernel.words import _, say
from app.kernel.zones import local_time
from ui.health.doctor import LABELS, looked, worst_first
from ui.kit.bench import Bench
from ui.kit.declared import Action, Place
from ui.kit.icons import picture
from ui.kit.live import Once
from ui.kit.readable import ReadArea, words
from ui.kit.screen import Deed, Screen
from ui.theme import role, tone, worn

ACTIONS = (
    Action("health", _("Health"), "health", opens=Place("health"), needs="kernel.read", note=_("Disk, backups, clock, printer")),
)
MOMENTS = ("now", "last", "at")  # the values of checks that are moments
_SIGNS = {OK: ("check", "ok", _("Well")), WARN: ("warn", "warn", _("See to it")), BAD: ("cross", "danger", _("Wrong"))}


class HealthPage(Screen):
    """What can be told at once is there when it opens; looking through everything takes a while and is asked for."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Health"))
        self._deep = self._busy = False
        self._said, self._area = role(QLabel(), "title"), ReadArea()
        self._said.setWordWrap(True)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(self._said)
        layout.addWidget(self._area, 1)
        doctor = bench.doctor
        self._once = Once(bench, self, lambda: partial(looked, doctor, self._deep), self._show, self._missed) if doctor else None

    def arrive(self) -> None:
        if self._once is not None and not self._busy:
            self._deep = False
            self._once.ask()

    def _show(self, looked: tuple[bool, list[Check]]) -> None:
        deep, found = looked
        if self._busy and not deep:
            return  # everything is being looked through, and tells of itself
        self._busy = False
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, worn().density.gap, 0)
        column.addLayout(_lines(worst_first(found), self.bench.app.station.zone))
        column.addStretch()
        self._sum_up(found)
        self._area.setWidget(inside)
        self.altered.emit()

    def _missed(self, problem: Problem) -> None:
        """It may be looked through again; why it was not stands here until then."""
        self._busy = False
        tone(self._said, "danger")
        self._said.setText(say(_("Not everything could be looked through. {why}"), why=problem.sentence))
        self.altered.emit()

    def _sum_up(self, found: list[Check]) -> None:
        wrong, odd = (sum(one.state == state for one in found) for state in (BAD, WARN))
        if wrong:
            said = say(_("{count} things are wrong."), count=wrong) if wrong > 1 else say(_("One thing is wrong."))
        elif odd:
            said = say(_("{count} things should be seen to."), count=odd) if odd > 1 else say(_("One thing should be seen to."))
        else:
            said = say(_("All is well. Everything was looked through.") if self._deep else _("All is well."))
        tone(self._said, "danger" if wrong else "warn" if odd else "")
        self._said.setText(said)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """What there is no room for is scrolled to without a touch."""
        bar, pages = self._area.verticalScrollBar(), {Qt.Key.Key_Down: 0.5, Qt.Key.Key_PageDown: 1.0}
        pages |= {Qt.Key.Key_Up: -0.5, Qt.Key.Key_PageUp: -1.0}
        if event.key() in pages:
            bar.setValue(bar.value() + round(pages[Qt.Key(event.key())] * bar.pageStep()))
        else:
            super().keyPressEvent(event)

    @property
    def primary(self) -> Deed | None:
        if self._once is None:
            return None
        busy = say(_("It is being looked through.")) if self._busy else ""
        return Deed(say(_("Look through everything")), self._look, "search", live=not self._busy, why=busy)

    @property
    def others(self) -> tuple[Deed, ...]:
        place = Place("data")
        return (Deed(say(_("Where my data is")), lambda: self.bench.ways.go(place), "info"),) if self.bench.begins else ()

    def _look(self) -> None:
        if self._once is not None:
            self._deep = self._busy = True
            tone(self._said, "")
            self._said.setText(say(_("Looking through everything …")))
            self.altered.emit()
            self._once.ask()


def _spoken(check: Check, zone: str) -> str:
    """What is so, with moments as they are read here; always with their day, for it may be the day that is wrong."""
    found = {name: check.values[name] for name in MOMENTS if check.values.get(name)}
    told = {name: figures.moment(local_time(datetime.fromisoformat(at), zone)) for name, at in found.items()}
    return say(check.message, {**check.values, **told})


def _lines(found: list[Check], zone: str) -> QGridLayout:
    """The signs and words at the left; beside each what is so, and under it what to do."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * worn().density.gap)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(2, 1)
    for place, check in enumerate(found):
        _line(grid, 3 * place, check, zone)
    return grid


def _line(grid: QGridLayout, row: int, check: Check, zone: str) -> None:
    icon, tone_name, word = _SIGNS[check.state]
    shown = tone_name if check.state != OK else ""
    sign = QLabel()
    sign.setPixmap(picture(icon, shown or "quiet", worn().density.icon, sign.devicePixelRatioF()))
    sign.setAccessibleName(say(word))
    grid.addWidget(sign, row, 0, Qt.AlignmentFlag.AlignTop)
    label = say(LABELS.get(check.name, check.name))
    grid.addWidget(role(QLabel(label), "heading"), row, 1, Qt.AlignmentFlag.AlignTop)
    grid.addWidget(words(_spoken(check, zone), "", shown), row, 2)
    if check.advice:
        grid.addWidget(words(check.advice, "quiet"), row + 1, 2)
    grid.setRowMinimumHeight(row + 2, 2 * worn().density.gap)
