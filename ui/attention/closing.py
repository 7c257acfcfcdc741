"""Closing: what was chosen on a card is done, the card is settled, and what came back may be tried again."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtWidgets import QWidget

from app.kernel.cards import AGAIN, SETTLES
from app.kernel.commands import Answer
from app.kernel.scan_log import Outcome
from app.kernel.settling import Settle, SettleOwn
from app.kernel.words import _, say
from ui.attention import again
from ui.attention.pane import Chosen
from ui.attention.reading import CardView
from ui.kit.bench import Bench, said_of


def close(bench: Bench, owner: QWidget, card: CardView, chosen: Chosen, over: Callable[[], None]) -> None:
    """Settles a card as was chosen; `over` hears that it is done, or came to nothing, which is told."""
    place = again.prepare(bench, card) if chosen.name == AGAIN else None
    redone = again.command(bench, card) if chosen.name == AGAIN and place is None else None

    def settle() -> None:
        kind = Settle if bench.can(SETTLES) else SettleOwn
        alike = tuple(ident for ident in card.members if ident != card.id)
        bench.run(owner, kind(discrepancy=card.id, choice=chosen.name, how=chosen.how, alike=alike), settled)

    def settled(answer: Answer) -> None:
        over()
        if not answer.done:
            bench.ways.told(Outcome.ERROR, said_of(answer))
            return
        bench.ways.told(Outcome.SUCCESS, say(_("Settled: {what}"), what=card.about), answer.id)
        if place is not None:
            bench.ways.go(place)

    def done_again(answer: Answer) -> None:
        if answer.done:
            settle()
        else:
            over()
            bench.ways.told(Outcome.ERROR, said_of(answer))

    if redone is not None:
        bench.run(owner, redone, done_again)
    else:
        settle()
