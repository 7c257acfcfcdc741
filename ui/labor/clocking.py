"""Clocking: what the scan of a job and the BREAK and OUT cards do to the clock of whoever scans. No touch, and no question."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import partial
from typing import Any
from uuid import UUID

from app.kernel.commands import Answer, Command
from app.kernel.meanings import Match
from app.kernel.queries import Row
from app.kernel.scan_log import Outcome
from app.kernel.settings import read_setting
from app.kernel.words import _, say
from app.labor.commands import BackToWork, ClockIn, ClockOff, ClockOn, ClockOut, TakeBreak
from app.labor.reactions import JOB_SCAN, is_meant
from app.labor.states import BREAK, OUT
from ui.kit.bench import Bench, Told, said_of
from ui.kit.declared import Place
from ui.kit.values import moment

AT_ONCE = timedelta(seconds=1)  # a scan that was dealt with so soon has no time of its own


@dataclass(frozen=True)
class Deal:
    """A step of the clock: its command, the words by which it is taken back, and what is said once it is done."""

    command: Command
    words: str
    said: str


def running(rows: list[Row]) -> Row | None:
    """The clock that runs, among what `my_clock` tells."""
    return next((row for row in rows if row["ended"] is None), None)


def scan_job(bench: Bench, job: Match, made: datetime | None, told: Told, otherwise: Callable[[], None]) -> None:
    """A job was scanned where nothing else waits for it: the clock of who works on jobs runs on it, and its page opens."""

    def decided(clocks: bool) -> None:
        if not clocks:
            otherwise()
            return
        bench.ways.go(Place("page", job.entity, job.id))
        take(bench, on_job(bench, bench.actor.id, job, waited(bench, made)), told)

    bench.read(bench, lambda: _clocks_on(bench, job.id), decided)


def _clocks_on(bench: Bench, job: UUID) -> bool:
    """Whether this scan begins work; not where the clock runs on the job already."""
    app, actor = bench.app, bench.actor
    with app.read(actor) as session:
        whom = read_setting(session, app.registry, actor.org_id, JOB_SCAN.key, actor.id, app.station.id)
    if not is_meant(app.current(actor), str(whom)):
        return False
    now = running(app.ask("my_clock", actor).rows)
    return now is None or now["order_id"] != job


def waited(bench: Bench, made: datetime | None) -> datetime | None:
    """The moment of a scan that waited, as behind a question; nothing where it is now."""
    return made if made is not None and bench.app.clock.now() - made > AT_ONCE else None


def on_job(bench: Bench, person: UUID, job: Match, at: datetime | None = None) -> Deal:
    source = "scan" if person == bench.actor.id else "hand"
    command = ClockOn(person=person, order=job.id, at=at, source=source)
    return Deal(command, say(_("clock on {job}"), job=job.title), say(_("The clock runs on {job}."), job=job.title))


def pause(bench: Bench, made: datetime | None, told: Told) -> None:
    """The BREAK card: a break begins, or the one that goes on is over."""
    at, actor = waited(bench, made), bench.actor

    def decided(rows: list[Row]) -> None:
        now = running(rows)
        back = now is not None and now["kind"] == BREAK
        take(bench, step(bench, actor.id, "back" if back else "break", at, "scan"), told)

    bench.read(bench, lambda: bench.app.ask("my_clock", actor).rows, decided)


def leave(bench: Bench, made: datetime | None, told: Told) -> None:
    """The OUT card: whoever is signed in goes home."""
    take(bench, step(bench, bench.actor.id, "out", waited(bench, made), "scan"), told)


def step(bench: Bench, person: UUID, name: str, at: datetime | None = None, source: str = "hand") -> Deal:
    """A step of the clock that needs nothing but its person."""
    kind: Any = {"in": ClockIn, "off": ClockOff, "break": TakeBreak, "back": BackToWork, OUT: ClockOut}[name]
    words, said = _SAID[name]
    return Deal(kind(person=person, at=at, source=source), say(words), say(said, time=moment(at or bench.app.clock.now())))


_SAID = {
    "in": (_("clock in"), _("Clocked in at {time}.")),
    "off": (_("job stopped"), _("Between jobs since {time}.")),
    "break": (_("break"), _("Break since {time}. Scan BREAK again, or a job, to go on.")),
    "back": (_("back to work"), _("Back to work at {time}.")),
    "out": (_("clock out"), _("Clocked out at {time}.")),
}


def take(bench: Bench, deal: Deal, told: Told) -> None:
    """Takes a step, says so, and leaves it to be undone."""
    bench.run(bench, deal.command, partial(_taken, deal, told), deal.words)


def _taken(deal: Deal, told: Told, answer: Answer) -> None:
    if answer.done:
        told(Outcome.SUCCESS, deal.said, answer.id)
    else:
        told(Outcome.ERROR, said_of(answer))
