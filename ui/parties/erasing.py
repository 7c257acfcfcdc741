"""Erasing a customer at the counter: why is asked, and the button is held; it cannot be taken back."""

from __future__ import annotations

from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.parties.erasing import EraseCustomer
from ui.kit.bench import Bench, Told, said_of
from ui.kit.question import Question, Tile

REASONS = (_("They asked for it"), _("They have not been here for a long time"), _("They were entered by mistake"))


def erase(bench: Bench, customer: Match) -> None:
    """Each reason is a button that must be held."""

    def answer(reason: str, told: Told) -> None:
        command = EraseCustomer(customer=customer.id, reason=reason)
        bench.run(bench, command, lambda done: _erased(bench, done, told))

    tiles = tuple(Tile(say(reason), say(reason), icon="cross", grave=True) for reason in REASONS)
    sentence = say(_("Erase {name} for good: why?"), name=customer.title)
    advice = say(
        _("Name, address, phone, plates, notes and photos are overwritten here and at every terminal. Jobs and stock stay. Hold.")
    )
    bench.ways.ask(Question(sentence, answer, advice, tiles=tiles, tone="danger"))


def _erased(bench: Bench, answer: Answer, told: Told) -> None:
    if not answer.done:
        told(Outcome.ERROR, said_of(answer))
        return
    bench.ways.back()
    told(Outcome.SUCCESS, say(_("The customer is erased.")), answer.id)
