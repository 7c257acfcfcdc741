"""Matching: one of ours, and what there is in Odoo to choose from; a few letters, a touch, and it is matched."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.queries import Filter
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.odoo.commands import MatchInOdoo
from app.odoo.model import OdooMatch
from ui.kit.bench import Bench, said_of
from ui.kit.declared import Place
from ui.kit.live import Live, Once
from ui.kit.picker import MOST, Picker
from ui.kit.readable import words
from ui.kit.screen import Deed, Screen
from ui.kit.sentence import Sentence
from ui.kit.values import word
from ui.theme import worn


@dataclass(frozen=True)
class Seen:
    """The match as it is now."""

    ours: str
    kind: str
    theirs: str
    choices: int


class MatchPage(Screen):
    """What is ours in big words, and a search among what Odoo has of its kind."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Match with Odoo"))
        self._seen: Seen | None = None
        self._numbers: dict[UUID, int] = {}
        self._sentence, self._now = Sentence(), words("", "heading")
        self._picker = Picker(bench, finds=self._find)
        self._picker.picked.connect(self._choose)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        for widget in (self._sentence, self._now):
            layout.addWidget(widget)
        layout.addWidget(self._picker, 1)
        layout.addStretch()
        self._picker.setVisible(bench.can(MatchInOdoo.needs))
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: frozenset({"odoo_match", "odoo_thing"}), self._once.ask)

    @property
    def first(self) -> QWidget:
        return self._picker if self.bench.can(MatchInOdoo.needs) else self

    def _find(self, sought: str) -> list[Match]:
        """On a reader thread: what Odoo has of this kind whose name holds what was typed."""
        if self.place.id is None:
            return []
        given, app = (Filter("name", "has", sought.strip()),) if sought.strip() else (), self.bench.app
        rows = app.ask("odoo_choices", self.bench.actor, limit=MOST, filters=given, match=self.place.id).rows
        self._numbers |= {row["id"]: row["number"] for row in rows}
        return [Match("odoo_thing", row["id"], row["name"]) for row in rows]

    def _look(self) -> Seen | None:
        bench, ident = self.bench, self.place.id
        with bench.app.read(bench.actor) as session:
            row = session.get(OdooMatch, ident) if ident is not None else None
            if row is None:
                return None
            ours, kind, theirs = row.title or row.ours, word("kind", row.kind), row.theirs_name or ""
        return Seen(ours, kind, theirs, bench.app.count("odoo_choices", bench.actor, match=ident))

    def _show(self, seen: Seen | None) -> None:
        self._seen = seen
        if seen is None:
            self._sentence.say(say(_("This record is not here any more.")))
            return
        self._sentence.say(say(_("{kind} {ours}: what is it in Odoo?"), kind=seen.kind, ours=seen.ours), "ask")
        self._now.setText(self._told(seen))
        self.altered.emit()

    def _told(self, seen: Seen) -> str:
        if not self.bench.can(MatchInOdoo.needs):
            return say(_("An administrator chooses it."))
        if seen.theirs:
            return say(_("Now it is {theirs}."), theirs=seen.theirs)
        if not seen.choices:
            return say(_("Odoo has nothing of this kind yet. What is made there is offered here after the next pass."))
        return say(_("Choose from the list, or type a few letters."))

    @property
    def others(self) -> tuple[Deed, ...]:
        if self._seen is None or not self._seen.theirs or not self.bench.can(MatchInOdoo.needs):
            return ()
        return (Deed(say(_("Take the match away")), partial(self._run, None, ""), "cross"),)

    def _choose(self, found: Match) -> None:
        self._run(self._numbers[found.id], found.title)

    def _run(self, theirs: int | None, name: str) -> None:
        if self.place.id is not None:
            command = MatchInOdoo(match=self.place.id, theirs=theirs)
            self.bench.run(self, command, partial(self._ran, name), say(type(command).label))

    def _ran(self, name: str, answer: Answer) -> None:
        if not answer.done or self._seen is None:
            self.bench.ways.told(Outcome.ERROR, said_of(answer))
            return
        sentence = _("{ours} is {theirs} in Odoo.") if name else _("{ours} is to be chosen anew.")
        self.bench.ways.told(Outcome.SUCCESS, say(sentence, ours=self._seen.ours, theirs=name), answer.id)
        if name:
            self.bench.ways.back()
