"""Why: what Odoo said of a record, in a sentence, what to do about it, and for how long it has been lying."""

from __future__ import annotations

from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kernel.outgoing import age
from app.kernel.words import _, say
from app.odoo.model import OdooLetter
from ui.kit.bench import Bench
from ui.kit.live import Live, Once
from ui.kit.readable import ReadArea, table, words
from ui.kit.values import moment
from ui.theme import worn

Told = tuple[str, str, tuple[tuple[str, str], ...]]


class WhyPanel(ReadArea):
    """Follows the letter, which the next try may answer."""

    def __init__(self, bench: Bench, ident: UUID | None) -> None:
        super().__init__()
        self._once = Once(bench, self, lambda: partial(read, bench, ident), self._show)
        Live(bench, self, lambda: frozenset({"odoo_letter"}), self._once.ask)

    def _show(self, told: Told | None) -> None:
        inside, gap = QWidget(), worn().density.gap
        column = QVBoxLayout(inside)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        if told is not None:
            said, advice, facts = told
            column.addWidget(words(said, "heading"))
            column.addWidget(words(advice))
            column.addLayout(table(facts))
        column.addStretch()
        self.setWidget(inside)


def read(bench: Bench, ident: UUID | None) -> Told | None:
    """Asked on a reader thread."""
    with bench.app.read(bench.actor) as session:
        letter = session.get(OdooLetter, ident) if ident is not None else None
        if letter is None:
            return None
        values = letter.detail or {}
        lying = age(letter.since, bench.app.clock.now())
        facts = (
            (say(_("Lies here for")), say(_("{age}, since {when}"), age=lying, when=moment(letter.since))),
            (say(_("Tries")), str(letter.tries)),
        )
        return say(letter.said, values), say(letter.hint or "", values), facts
