"""Running: the clock of whoever is signed in, followed as it changes; and the question when a forgotten one ended."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from uuid import UUID

from PySide6.QtCore import QObject, Signal

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.events import Notice
from app.kernel.meanings import Meaning
from app.kernel.queries import Row
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.kernel.zones import local_time
from app.labor.commands import ClockOn, ConfirmEnd
from ui.kit.bench import Bench, Told, said_of
from ui.kit.question import Question, Tile
from ui.kit.values import moment, word
from ui.labor.clocking import running

READS = frozenset({"stint", "work_order"})


class Running(QObject):
    """`shown` carries the clock that runs (a row of `my_clock`), or None."""

    shown = Signal(object)

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self._bench: Bench | None = None
        self._who: Actor | None = None
        self._asked: set[UUID] = set()

    def show_person(self, bench: Bench, who: Actor | None) -> None:
        """Somebody came, or went."""
        if self._bench is not None:
            self._bench.noticed.disconnect(self._noticed)
        if who is None or self._who is None or who.id != self._who.id:
            self._asked = set()
        self._bench, self._who = (bench, who) if who is not None and bench.can(ClockOn.needs) else (None, None)
        self.shown.emit(None)
        if self._bench is not None:
            self._bench.noticed.connect(self._noticed)
            self._look()

    def _noticed(self, notice: Notice) -> None:
        if notice.touches(READS):
            self._look()

    def _look(self) -> None:
        bench, who = self._bench, self._who
        if bench is not None and who is not None:
            bench.read(self, lambda: bench.app.ask("my_clock", who).rows, partial(self._came, bench, who))

    def _came(self, bench: Bench, who: Actor, rows: list[Row]) -> None:
        if self._who is None or self._who.id != who.id:
            return
        self.shown.emit(running(rows))
        for row in rows:
            if row["source"] == "proposed" and row["id"] not in self._asked:
                self._asked.add(row["id"])
                ask_end(bench, row)


# ------------------------------------------------------------------------------------------------- when a clock ended


def ask_end(bench: Bench, row: Row) -> None:
    """When a forgotten clock ended: what is proposed by one touch or the CONFIRM card, or another time."""
    what = row["number"] or word("kind", row["kind"])
    sentence = say(_("Your clock ran on since {time}: {what}. When did you stop?"), time=moment(row["started"]), what=what)
    tiles = (
        Tile(moment(row["ended"]), row["ended"], say(_("This is proposed"))),
        Tile(say(_("At another time")), None, say(_("Type it"))),
    )

    def answered(ended: datetime | None, told: Told) -> None:
        if ended is None:
            told.quietly(Outcome.SUCCESS, "")
            _ask_time(bench, row)
        else:
            _confirm(bench, row, ended, told)

    def takes(meaning: Meaning) -> datetime | None:
        return row["ended"] if meaning.command == "CONFIRM" else None

    bench.ways.ask(Question(sentence, answered, tiles=tiles, takes=takes))


def _ask_time(bench: Bench, row: Row) -> None:
    def answered(typed: str, told: Told) -> None:
        ended = time_after(row["started"], typed, bench.app.station.zone)
        if ended is None:
            told(Outcome.ERROR, say(_("{typed} is no time of day. Type it like 1630."), typed=typed))
            _ask_time(bench, row)
        else:
            _confirm(bench, row, ended, told)

    sentence = say(_("When did you stop? Type it like 1630 for half past four."))
    bench.ways.ask(Question(sentence, answered, kind="number", decimals=False))


def time_after(started: datetime, typed: str, zone: str) -> datetime | None:
    """The next moment after a start at which the clock on the wall shows what was typed, such as 730 or 1630."""
    if not (typed.isdigit() and 3 <= len(typed) <= 4) or int(typed[:-2]) > 23 or int(typed[-2:]) > 59:
        return None
    here = local_time(started, zone)
    same_day = here.replace(hour=int(typed[:-2]), minute=int(typed[-2:]), second=0, microsecond=0)
    return same_day if same_day >= here.replace(second=0, microsecond=0) else same_day + timedelta(days=1)


def _confirm(bench: Bench, row: Row, ended: datetime, told: Told) -> None:
    def done(answer: Answer) -> None:
        if answer.done:
            told(Outcome.SUCCESS, say(_("It ended at {time}."), time=moment(ended)), answer.id)
        else:
            told(Outcome.ERROR, said_of(answer))
            ask_end(bench, row)

    bench.run(bench, ConfirmEnd(stint=row["id"], ended=max(ended, row["started"])), done)
