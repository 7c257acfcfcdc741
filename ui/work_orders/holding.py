"""Holding: what a job waits for, asked in a touch; it is a flag beside the state, and taken off when the job goes on."""

from __future__ import annotations

from functools import partial

from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.work_orders.commands import FLAGS, HoldOrder
from app.work_orders.model import HOLDS, WorkOrder
from ui.kit.bench import Bench, Told, said_of
from ui.kit.question import Question, Tile


def hold(bench: Bench, order: Match) -> None:
    """Asks what the job waits for; one that waits already may go on."""

    def look() -> str:
        with bench.app.read(bench.actor) as session:
            return session.get_one(WorkOrder, order.id).hold or ""

    bench.read(bench, look, partial(_ask, bench, order))


def _ask(bench: Bench, order: Match, before: str) -> None:
    words = dict(HOLDS)
    tiles = [Tile(say(words[flag]), flag, icon="clock") for flag in FLAGS if flag != before]
    if before:
        tiles.append(Tile(say(_("It goes on")), "", say(words[before]), "next"))
    sentence = say(_("What does {order} wait for?"), order=order.title)
    bench.ways.ask(Question(sentence, partial(_held, bench, order, before), tiles=tuple(tiles), tone=""))


def _held(bench: Bench, order: Match, before: str, flag: str, told: Told) -> None:
    words = say(dict(HOLDS)[flag]) if flag else say(_("It goes on"))
    said = say(_("{order}: {what}"), order=order.title, what=words)

    def ran(answer: Answer) -> None:
        if answer.done:
            told(Outcome.SUCCESS, said, answer.id)
        else:
            told(Outcome.ERROR, said_of(answer))

    bench.run(bench, HoldOrder(order=order.id, hold=flag, before=before), ran, said)
