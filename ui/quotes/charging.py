"""Charging: what else a job costs: a fee, or something taken off. What for, how much, and after the yes whose badge it takes."""

from __future__ import annotations

from functools import partial

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.figures import heard
from app.kernel.meanings import Match
from app.kernel.money import Money
from app.kernel.problems import Refused
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.work_orders.charges import AddCharge
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.question import Question, Tile
from ui.kit.vouching import ask_colleague
from ui.quotes.pricing import VOUCHED

ON_TOP = (_("Towing"), _("Disposal"), _("Cleaning and small parts"), _("Express"))
OFF = (_("Discount"), _("Goodwill"))
MORE, LESS = 1, -1


def charge(bench: Bench, order: Match) -> None:
    """Asks what for, on the page of a job; whoever has another word writes it."""

    def chosen(one: tuple[str, int], told: Told) -> None:
        what, sign = one
        told.quietly(Outcome.ASK, what or say(_("Something else")))
        if what:
            _ask_amount(bench, order, what, sign)
        else:
            _ask_what(bench, order, sign)

    tiles = (*_tiles(ON_TOP, MORE, say(_("More to pay"))), *_tiles(OFF, LESS, say(_("Less to pay"))))
    bench.ways.ask(Question(say(_("What is charged, or taken off?")), chosen, tiles=tiles, tone=""))


def _tiles(names: tuple[str, ...], sign: int, note: str) -> list[Tile]:
    known = [Tile(say(name), (say(name), sign), note) for name in names]
    return [*known, Tile(say(_("Something else")), ("", sign), note)]


def _ask_what(bench: Bench, order: Match, sign: int) -> None:
    def written(text: str, told: Told) -> None:
        told.quietly(Outcome.ASK, text)
        _ask_amount(bench, order, text, sign)

    bench.ways.ask(Question(say(_("What for? It stands so on the bill.")), written, kind="text", tone=""))


def _ask_amount(bench: Bench, order: Match, what: str, sign: int) -> None:
    def typed(text: str, told: Told) -> None:
        try:
            amount = Money.parse(heard(text), bench.currency)
        except Refused as refused:
            ask()
            told(Outcome.ERROR, sentence_of(refused.problem))
            return
        _add(bench, AddCharge(order=order.id, what=what, amount=Money(sign * amount.minor)), told)

    def ask() -> None:
        bench.ways.ask(Question(sentence, typed, kind="number", tone=""))

    sentence = say(_("{what}: how much is taken off?") if sign == LESS else _("{what}: how much?"), what=what)
    ask()


def _add(bench: Bench, command: AddCharge, told: Told, colleague: Actor | None = None) -> None:
    words = say(_("Charge: {what}"), what=command.what)
    bench.run(bench, command, partial(_done, bench, command, told, words), words, colleague)


def _done(bench: Bench, command: AddCharge, told: Told, words: str, answer: Answer) -> None:
    problem = answer.problems[0] if answer.problems else None
    if answer.done:
        told(Outcome.SUCCESS, " ".join((words, *(one.sentence for one in answer.problems))), answer.id)
    elif problem is not None and problem.code == VOUCHED:
        told.quietly(Outcome.ASK, problem.sentence)
        ask_colleague(bench, problem, lambda who, by: _add(bench, command, by, who), partial(_left, what=command.what))
    else:
        told(Outcome.ERROR, said_of(answer))


def _left(told: Told, what: str) -> None:
    told(Outcome.ERROR, say(_("“{what}” is not on the bill."), what=what))
