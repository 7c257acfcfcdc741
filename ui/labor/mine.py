"""My jobs: what a mechanic's clock runs on, what comes next, and the jobs that are theirs."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kernel.meanings import Match
from app.kernel.queries import Row
from app.kernel.words import _, say
from app.labor.states import BREAK, IDLE, JOB, OUT
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.list import Table
from ui.kit.live import Live, Once
from ui.kit.reading import Source
from ui.kit.screen import Deed, Screen
from ui.kit.sentence import Sentence
from ui.kit.values import moment
from ui.labor.clocking import on_job, running, step, take
from ui.theme import role, worn

COLUMNS = ("number", "what", "plate", "state", "bay", "promised")
_SAID = {
    JOB: _("On {number} since {time}"),
    IDLE: _("Between jobs since {time}"),
    BREAK: _("In a break since {time}"),
    OUT: _("You are not clocked in"),
}


class MinePage(Screen):
    """One's clock in big words, the next job, and the list; a scan of any job moves the clock on."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("My jobs"))
        self._clock: Row | None = None
        self._next: Row | None = None
        self._sentence, self._what, self._after = Sentence(), role(QLabel(), "quiet"), role(QLabel(), "heading")
        self.table = Table(bench, Source("my_jobs", columns=COLUMNS), name=self.title, page=self)
        self.table.opened.connect(self._open)
        self._none = role(QLabel(say(_("No open job is given to you. Scan the tag of one to begin it."))), "heading")
        self._none.setWordWrap(True)
        self._none.hide()
        self.table.rows.counted.connect(self._counted)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        for widget in (self._sentence, self._what, self._after, self._none):
            layout.addWidget(widget)
        layout.addWidget(self.table, 1)
        layout.addStretch()
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: frozenset({"stint", "work_order"}), self._once.ask)

    @property
    def first(self) -> QWidget:
        return self.table

    def _look(self) -> tuple[Row | None, list[Row]]:
        app, actor = self.bench.app, self.bench.actor
        clock = running(app.ask("my_clock", actor).rows) if app.can(actor, "labor.clock") else None
        return clock, app.ask("my_jobs", actor, limit=2).rows

    def _show(self, found: tuple[Row | None, list[Row]]) -> None:
        self._clock, jobs = found
        here = self._clock["order_id"] if self._clock else None
        self._next = next((row for row in jobs if row["id"] != here), None)
        time = moment(self._clock["started"]) if self._clock else ""
        number = self._clock["number"] if self._clock else ""
        self._sentence.say(say(_SAID[self._stands], number=number, time=time))
        self._what.setText((self._clock or {}).get("what") or "")
        self._what.setVisible(bool(self._what.text()))
        self._after.setText(say(_("Next: {number} {what}"), **_of(self._next)) if self._next else "")
        self._after.setVisible(self._next is not None)
        self.altered.emit()

    def _counted(self, number: int) -> None:
        self._none.setVisible(number == 0)
        self.table.setVisible(number > 0)

    def _open(self, row: Row) -> None:
        self.bench.ways.go(Place("page", "work_order", row["id"]))

    @property
    def _stands(self) -> str:
        return self._clock["kind"] if self._clock else OUT

    # ------------------------------------------------------------------------------------------------------- the clock

    @property
    def primary(self) -> Deed | None:
        if not self.bench.can("labor.clock"):
            return None
        if self._stands == OUT:
            return self._deed("in", _("Clock in"), "clock")
        if self._stands == BREAK:
            return self._deed("back", _("Back to work"), "next")
        if self._stands == IDLE and self._next is not None:
            return Deed(say(_("Clock on {number}"), number=self._next["number"]), self._begin_next, "clock")
        return self._deed("break", _("Take a break"), "pause")

    @property
    def others(self) -> tuple[Deed, ...]:
        if not self.bench.can("labor.clock"):
            return ()
        times = Deed(say(_("My times")), lambda: self.bench.ways.go(Place("list", "my_times")), "clock")
        steps = {OUT: (), BREAK: ("out",), JOB: ("off", "out"), IDLE: ("break", "out") if self._next else ("out",)}
        return (times, *(self._deed(name, *_LOOKS[name]) for name in steps[self._stands]))

    def _deed(self, name: str, label: str, icon: str) -> Deed:
        return Deed(say(label), lambda: self._take(name), icon)

    def _take(self, name: str) -> None:
        take(self.bench, step(self.bench, self.bench.actor.id, name), self.bench.ways.told)

    def _begin_next(self) -> None:
        if self._next is not None:
            job = Match("work_order", self._next["id"], self._next["number"])
            take(self.bench, on_job(self.bench, self.bench.actor.id, job), self.bench.ways.told)

    @property
    def near(self) -> UUID | None:
        return self._clock["order_id"] if self._clock else None


_LOOKS = {
    "out": (_("Clock out"), "sign-out"),
    "off": (_("Stop the job"), "minus"),
    "break": (_("Take a break"), "pause"),
}


def _of(row: Row) -> dict[str, Any]:
    return {"number": row["number"], "what": row["what"]}
