"""Putting two customers or vehicles together: the other one is found or scanned, and the button is held."""

from __future__ import annotations

from functools import partial

from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.parties.merging import MergeCustomers, MergeVehicles
from ui.kit.bench import Bench, Told, said_of
from ui.kit.question import Question, Tile, row_of


def merge(bench: Bench, kept: Match) -> None:
    """Asks which other one is the same, and then for a held button."""
    sentence = say(_("Who or what is the same as {title}?"), title=kept.title)
    advice = say(_("Find the one that was written down a second time. Its jobs go to {title}."), title=kept.title)
    found = partial(_sure, bench, kept)
    bench.ways.ask(Question(sentence, found, advice, kind="find", entity=kept.entity, takes=row_of(kept.entity)))


def _sure(bench: Bench, kept: Match, other: Match, _told: Told) -> None:
    sentence = say(_("Put {other} into {title}?"), other=other.title, title=kept.title)
    advice = say(
        _("{other} is taken out of use, and all that hangs on it goes to {title}. Hold."), other=other.title, title=kept.title
    )
    tile = Tile(say(_("Put them together")), other, icon="check", grave=True)
    bench.ways.ask(Question(sentence, partial(_run, bench, kept), advice, tiles=(tile,), tone="danger"))


def _run(bench: Bench, kept: Match, other: Match, told: Told) -> None:
    if kept.entity == "customer":
        command: MergeCustomers | MergeVehicles = MergeCustomers(customer=kept.id, other=other.id)
    else:
        command = MergeVehicles(vehicle=kept.id, other=other.id)
    bench.run(bench, command, partial(_done, kept, told))


def _done(kept: Match, told: Told, answer: Answer) -> None:
    if answer.done:
        told(Outcome.SUCCESS, say(_("They are one now: {title}."), title=kept.title), answer.id)
    else:
        told(Outcome.ERROR, said_of(answer))
