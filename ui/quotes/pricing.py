"""Pricing: another price for a line of a job: which, how much, and after the customer's yes why, and whose badge it takes."""

from __future__ import annotations

from dataclasses import replace
from functools import partial

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.figures import heard, spoken
from app.kernel.meanings import Match
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.work_orders.bill import BillLine, bill
from app.work_orders.model import WorkOrder
from app.work_orders.prices import KINDS, PRICED, SetPrice
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.question import Question, Tile
from ui.kit.vouching import ask_colleague

WHY = (_("The price was wrong"), _("More work than planned"), _("Goodwill"), _("Agreed with the customer"))
VOUCHED, ASKED = "quotes.reprice", "quotes.reprice_why"
Line = tuple[BillLine, Money | None]
"""A line of the bill, and the price of its own that it has."""


def reprice(bench: Bench, order: Match) -> None:
    """Asks which line, on the page of a job."""
    bench.read(bench, partial(_lines, bench, order), lambda lines: _ask_line(bench, order, lines))


def _lines(bench: Bench, order: Match) -> list[Line]:
    with bench.app.read(bench.actor) as session:
        job = session.get_one(WorkOrder, order.id)
        found = []
        for line in bill(session, job).lines:
            entity, field = PRICED[KINDS[line.kind]]
            row = session.get(entity, line.id)
            if row is not None:
                found.append((line, getattr(row, field)))
        return found


def _ask_line(bench: Bench, order: Match, lines: list[Line]) -> None:
    def chosen(one: Line, told: Told) -> None:
        told.quietly(Outcome.ASK, one[0].what)
        _ask_price(bench, *one)

    if not lines:
        bench.ways.told(Outcome.ERROR, say(_("Nothing on {order} has a price."), order=order.title))
        return
    tiles = tuple(Tile(line.what, (line, was), spoken(line.price.text(bench.currency))) for line, was in lines)
    bench.ways.ask(Question(say(_("Which price changes?")), chosen, tiles=tiles, tone=""))


def _ask_price(bench: Bench, line: BillLine, was: Money | None) -> None:
    def typed(text: str, told: Told) -> None:
        try:
            price = Money.parse(heard(text), bench.currency, "price")
        except Refused as refused:
            ask()
            told(Outcome.ERROR, sentence_of(refused.problem))
            return
        command = SetPrice(entity=KINDS[line.kind], line=line.id, price=Money(price.minor), was=(was,))
        _set(bench, line, command, told)

    def ask() -> None:
        advice = say(_("It was {price}."), price=spoken(line.price.text(bench.currency)))
        bench.ways.ask(Question(say(_("What does “{what}” cost?"), what=line.what), typed, advice, kind="number"))

    ask()


def _set(bench: Bench, line: BillLine, command: SetPrice, told: Told, colleague: Actor | None = None) -> None:
    words = say(_("New price: {what}"), what=line.what)
    bench.run(bench, command, partial(_done, bench, line, command, told, colleague), words, colleague)


def _done(bench: Bench, line: BillLine, command: SetPrice, told: Told, colleague: Actor | None, answer: Answer) -> None:
    problem = answer.problems[0] if answer.problems and not answer.done else None
    if answer.done:
        told(Outcome.SUCCESS, say(_("New price: {what}"), what=line.what), answer.id)
    elif problem is not None and problem.code == ASKED:
        told.quietly(Outcome.ASK, problem.sentence)
        _ask_why(bench, line, command, problem, colleague)
    elif problem is not None and problem.code == VOUCHED and colleague is None:
        told.quietly(Outcome.ASK, problem.sentence)
        ask_colleague(bench, problem, lambda who, by: _set(bench, line, command, by, who), lambda by: _left(by, line))
    else:
        told(Outcome.ERROR, said_of(answer))


def _ask_why(bench: Bench, line: BillLine, command: SetPrice, problem: Problem, colleague: Actor | None) -> None:
    def answer(reason: str, told: Told) -> None:
        _set(bench, line, replace(command, reason=reason), told, colleague)

    tiles = tuple(Tile(say(reason), say(reason)) for reason in WHY)
    leave = partial(_left, line=line)
    bench.ways.ask(Question(problem.sentence, answer, problem.advice, tiles=tiles, leave=leave, tone="warn"))


def _left(told: Told, line: BillLine) -> None:
    told(Outcome.ERROR, say(_("The price of “{what}” stays as it was."), what=line.what))
