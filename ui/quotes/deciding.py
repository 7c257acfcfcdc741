"""Deciding: publishing a job's quote and going to it, the signature from the job's page, and a no with its reason."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from app.kernel.commands import Answer, Command
from app.kernel.meanings import Match
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.quotes.commands import DraftQuote, PublishQuote, RejectQuote
from app.quotes.rules import active
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.declared import Place
from ui.kit.question import Question, Tile

REASONS = (_("Too expensive"), _("Not now"), _("They want only a part of it"), _("They go elsewhere"), _("It was wrong"))


def publish(bench: Bench, order: Match) -> None:
    """One touch publishes; what was published is seen next, with the customer's signature a touch away."""
    _make(bench, PublishQuote(order=order.id), say(_("The quote of {order} is published."), order=order.title))


def draft(bench: Bench, order: Match) -> None:
    _make(bench, DraftQuote(order=order.id), say(_("A quote of {order} is drafted."), order=order.title))


def _make(bench: Bench, command: Command, said: str) -> None:
    def made(answer: Answer) -> None:
        if not answer.done:
            bench.ways.told(Outcome.ERROR, said_of(answer))
            return
        bench.ways.go(Place("page", "quote", answer.row("quote")))
        bench.ways.told(Outcome.SUCCESS, said, answer.id)

    bench.run(bench, command, made, said)


def sign(bench: Bench, order: Match) -> None:
    """From the job's page to the version that waits for the customer."""
    bench.read(bench, partial(_waiting, bench, order.id), lambda found: _go_to(bench, order, found))


def _waiting(bench: Bench, order: UUID) -> UUID | None:
    with bench.app.read(bench.actor) as session:
        quote = active(session, order)
        return quote.id if quote is not None and quote.state == "published" else None


def _go_to(bench: Bench, order: Match, quote: UUID | None) -> None:
    if quote is not None:
        bench.ways.go(Place("sign", id=quote))
    else:
        bench.ways.told(Outcome.ERROR, sentence_of(nothing_waits(order.title)))


def nothing_waits(order: str) -> Problem:
    return Problem(
        "quotes.nothing_waits",
        _("No quote of {order} waits for the customer."),
        hint=_("Publish the quote first."),
        values={"order": order},
    )


def reject(bench: Bench, quote: Match) -> None:
    """Why not is a touch; whoever has another reason writes it."""

    def answer(reason: str, told: Told) -> None:
        if reason:
            command = RejectQuote(quote=quote.id, reason=reason)
            bench.run(bench, command, lambda done: _rejected(done, quote, told), say(_("{quote} rejected"), quote=quote.title))
        else:
            told.quietly(Outcome.ASK, say(_("Another reason")))
            bench.ways.ask(Question(sentence, answer, kind="text"))

    sentence = say(_("Why does the customer reject {quote}?"), quote=quote.title)
    tiles = (*(Tile(say(reason), say(reason)) for reason in REASONS), Tile(say(_("Another reason")), ""))
    bench.ways.ask(Question(sentence, answer, tiles=tiles))


def _rejected(answer: Answer, quote: Match, told: Told) -> None:
    if answer.done:
        told(Outcome.SUCCESS, say(_("{quote} is rejected."), quote=quote.title), answer.id)
    else:
        told(Outcome.ERROR, said_of(answer))
