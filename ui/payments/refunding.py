"""Refunding: how much of a payment, why, and whose badge it takes, asked one after the other."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from sqlalchemy import select

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.figures import heard
from app.kernel.meanings import Match
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.payments.commands import RefundPayment
from app.payments.model import Payment
from app.payments.sums import refunded
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.declared import Place
from ui.kit.question import Question, Tile
from ui.kit.values import word
from ui.kit.vouching import ask_colleague
from ui.payments.reading import figures

MOST = 9  # tiles, each with its number key
WHY = (_("Paid twice"), _("The customer complained"), _("The job was cancelled"), _("Typed wrongly"))


def choose_payment(bench: Bench, match: Match) -> None:
    """Opens a payment of a job; where there are several, the one that is touched."""
    bench.read(bench, partial(_payments, bench, match), lambda tiles: _ask_which(bench, tiles))


def _payments(bench: Bench, match: Match) -> list[Tile]:
    with bench.app.read(bench.actor) as session:
        wanted = select(Payment).where(Payment.order_id == match.id, Payment.state != "failed").order_by(Payment.id.desc())
        rows = session.scalars(wanted.limit(MOST)).all()
        return [Tile(figures(bench, row.amount), row.id, f"{row.number} · {word('channel', row.channel)}") for row in rows]


def _ask_which(bench: Bench, tiles: list[Tile]) -> None:
    def go(ident: UUID) -> None:
        bench.ways.go(Place("page", Payment.__tablename__, ident))

    def chosen(ident: UUID, told: Told) -> None:
        told.quietly(Outcome.SUCCESS, say(_("Payment")))
        go(ident)

    if not tiles:
        bench.ways.told(Outcome.ERROR, say(_("Nothing was paid for this job.")))
    elif len(tiles) == 1:
        go(tiles[0].value)
    else:
        bench.ways.ask(Question(say(_("Which payment?")), chosen, tiles=tuple(tiles), tone=""))


def pay_otherwise(bench: Bench, match: Match) -> None:
    """Leads from what was not paid to where its job is."""

    def job() -> UUID | None:
        with bench.app.read(bench.actor) as session:
            payment = session.get(Payment, match.id)
            return payment.order_id if payment is not None else None

    bench.read(bench, job, lambda order: bench.ways.go(Place("pay", id=order)) if order is not None else None)


def refund_it(bench: Bench, match: Match) -> None:
    """Asks all that a refund wants, for the payment whose page is open."""
    bench.read(bench, partial(_left, bench, match), lambda left: _ask_amount(bench, match, left))


def _left(bench: Bench, match: Match) -> Money:
    with bench.app.read(bench.actor) as session:
        payment = session.get_one(Payment, match.id)
        return payment.amount - refunded(session, payment)


def _ask_amount(bench: Bench, match: Match, left: Money) -> None:
    everything = Tile(say(_("All of it: {left}"), left=figures(bench, left)), left)
    part = Tile(say(_("A part of it")), None)

    def chosen(amount: Money | None, told: Told) -> None:
        told.quietly(Outcome.SUCCESS, match.title)
        if amount is None:
            bench.ways.ask(Question(say(_("How much goes back?")), typed, kind="number"))
        else:
            _ask_why(bench, match, amount)

    def typed(text: str, told: Told) -> None:
        try:
            amount = Money(Money.parse(heard(text), bench.currency).minor)
        except Refused as refused:
            told(Outcome.ERROR, sentence_of(refused.problem))
            return
        told.quietly(Outcome.SUCCESS, text)
        _ask_why(bench, match, amount)

    sentence = say(_("How much of {number} goes back?"), number=match.title)
    bench.ways.ask(Question(sentence, chosen, tiles=(everything, part)))


def _ask_why(bench: Bench, match: Match, amount: Money) -> None:
    def chosen(reason: str, told: Told) -> None:
        told.quietly(Outcome.SUCCESS, reason)
        _sign_off(bench, RefundPayment(payment=match.id, amount=amount, reason=reason))

    sentence = say(_("Why does {amount} go back?"), amount=figures(bench, amount))
    bench.ways.ask(Question(sentence, chosen, tiles=tuple(Tile(say(one), say(one)) for one in WHY)))


def _sign_off(bench: Bench, command: RefundPayment) -> None:
    """Whoever may not give money back alone has a colleague scan their badge."""
    if bench.can(command.needs):
        _run(bench, command, None)
        return
    problem = Problem("access.denied", _("A refund is for a manager."))
    ask_colleague(bench, problem, lambda who, _told: _run(bench, command, who), lambda _told: None)


def _run(bench: Bench, command: RefundPayment, colleague: Actor | None) -> None:
    said = say(_("{amount} given back."), amount=figures(bench, command.amount))

    def ran(answer: Answer) -> None:
        if answer.done:
            bench.ways.told(Outcome.SUCCESS, said, answer.id)
        else:
            bench.ways.told(Outcome.ERROR, said_of(answer))

    bench.run(bench, command, ran, said, colleague)
