"""Crew: a supervisor moves the clock of somebody else: from the page of a person, or of a job."""

from __future__ import annotations

from functools import partial
from typing import Any

from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.labor.states import BREAK, OUT, STANDINGS, open_steps
from ui.kit.bench import Bench, Told
from ui.kit.question import Question, Tile, row_of
from ui.labor.clocking import on_job, step, take


def clock_on_here(bench: Bench, job: Match) -> None:
    """From the page of a job: one's own clock runs on it."""
    take(bench, on_job(bench, bench.actor.id, job), bench.ways.told)


def move_clock(bench: Bench, person: Match) -> None:
    """Asks which step somebody's clock shall take."""

    def stands() -> str:
        rows = bench.app.ask("people_now", bench.actor, limit=1000).rows
        return str(next((row["standing"] for row in rows if row["id"] == person.id), OUT))

    bench.read(bench, stands, partial(_ask_step, bench, person))


def _ask_step(bench: Bench, person: Match, standing: str) -> None:
    tiles = [Tile(say(one.label), one.name) for one in open_steps(standing)]
    if standing in (OUT, BREAK):
        tiles.append(Tile(say(_("Clock on")), "on"))
    sentence = say(_("{name}: {standing}. What now?"), name=person.title, standing=say(dict(STANDINGS)[standing]))
    bench.ways.ask(Question(sentence, partial(_chosen, bench, person), tiles=tuple(tiles), tone=""))


def _chosen(bench: Bench, person: Match, name: Any, told: Told) -> None:
    if name != "on":
        take(bench, step(bench, person.id, name), told)
        return
    told.quietly(Outcome.SUCCESS, "")
    sentence = say(_("Which job does {name} work on?"), name=person.title)
    advice = say(_("Scan its tag, or type a few letters of it."))

    def answer(job: Match, by: Told) -> None:
        take(bench, on_job(bench, person.id, job), by)

    question = Question(sentence, answer, advice, kind="find", entity="work_order", takes=row_of("work_order"))
    bench.ways.ask(question)
