"""Why: what is to be decided, in a sentence, with what to do about it: what Odoo said of a record, or two numbers of one bin."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel.outgoing import age
from app.kernel.words import _, say
from app.odoo.model import OdooDifference, OdooLetter
from ui.kit.bench import Bench
from ui.kit.declared import Drawn
from ui.kit.live import Live, Once
from ui.kit.readable import ReadArea, table, words
from ui.kit.values import moment, shown
from ui.theme import worn


@dataclass(frozen=True)
class Said:
    """A sentence, what to do, and pairs of a word and its value."""

    sentence: str
    advice: str
    facts: tuple[tuple[str, str], ...]


Says = Callable[[Bench, Session, UUID], Said | None]


class WhyPanel(ReadArea):
    """Follows what it speaks of, which the next pass may change."""

    def __init__(self, bench: Bench, ident: UUID | None, reads: str, says: Says) -> None:
        super().__init__()
        self._once = Once(bench, self, lambda: partial(_read, bench, ident, says), self._show)
        Live(bench, self, lambda: frozenset({reads}), self._once.ask)

    def _show(self, said: Said | None) -> None:
        inside, gap = QWidget(), worn().density.gap
        column = QVBoxLayout(inside)
        column.setContentsMargins(gap, gap, gap, gap)
        column.setSpacing(gap)
        if said is not None:
            column.addWidget(words(said.sentence, "heading"))
            column.addWidget(words(said.advice))
            column.addLayout(table(said.facts))
        column.addStretch()
        self.setWidget(inside)


def _read(bench: Bench, ident: UUID | None, says: Says) -> Said | None:
    """Asked on a reader thread."""
    with bench.app.read(bench.actor) as session:
        return says(bench, session, ident) if ident is not None else None


def of_letter(bench: Bench, session: Session, ident: UUID) -> Said | None:
    """What Odoo said, and for how long it has been lying here."""
    letter = session.get(OdooLetter, ident)
    if letter is None:
        return None
    values, lying = letter.detail or {}, age(letter.since, bench.app.clock.now())
    facts = (
        (say(_("Lies here for")), say(_("{age}, since {when}"), age=lying, when=moment(letter.since))),
        (say(_("Tries")), str(letter.tries)),
    )
    return Said(say(letter.said, values), say(letter.hint or "", values), facts)


def of_difference(_bench: Bench, session: Session, ident: UUID) -> Said | None:
    """Both numbers, and what lies between them."""
    row = session.get(OdooDifference, ident)
    if row is None:
        return None
    ours, theirs, between = (shown(one, "quantity") for one in (row.ours, row.theirs, row.ours - row.theirs))
    advice = say(_("Look into the bin where you can; whichever number holds, the other side is set right by what lies between."))
    facts = ((say(_("What lies between")), between), (say(_("As of")), moment(row.as_of)))
    return Said(say(_("Here {ours}, in Odoo {theirs}"), ours=ours, theirs=theirs), advice, facts)


WHY = Drawn(_("Why"), lambda bench, ident: WhyPanel(bench, ident, "odoo_letter", of_letter))
NUMBERS = Drawn(_("Both numbers"), lambda bench, ident: WhyPanel(bench, ident, "odoo_difference", of_difference))
