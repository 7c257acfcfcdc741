"""What the check-in screen asks of the store (where it stands, and whom a text or a scan means), and what it prints at last."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QObject, Signal
from sqlalchemy import select

from app.kernel import drafts
from app.kernel.commands import Answer
from app.kernel.meanings import Match, Meaning
from app.kernel.scan_log import Outcome
from app.kernel.settings import read_setting
from app.kernel.words import _, say
from app.places.model import Site
from app.work_orders.arrivals import COMES, Arrival, arrival
from app.work_orders.check_in import SYMPTOMS, promises, symptoms
from ui.kit.bench import Bench, Told
from ui.kit.declared import Place
from ui.kit.papers import print_papers
from ui.kit.question import choose
from ui.kit.seeker import Seeker

FORM = "check_in:new"
PAPERS = ("wo_tag", "drop_off")  # what hangs on the vehicle, and what the customer takes along


@dataclass(frozen=True)
class Begun:
    """Where the screen begins: the site, its phrases, what may be promised, and what was left half filled in."""

    site: UUID | None
    phrases: tuple[str, ...]
    promises: tuple[tuple[datetime, str], ...]
    draft: dict[str, Any]
    known: Arrival


def begin(bench: Bench) -> Begun:
    """The terminal's own site, or the first one there is."""
    app, actor = bench.app, bench.actor
    with app.read(actor) as session:
        first = select(Site).where(Site.org_id == actor.org_id, Site.retired.is_(False)).order_by(Site.code).limit(1)
        own = app.station.site_id
        site = (session.get(Site, own) if own else None) or session.scalars(first).first()
        set_to = read_setting(session, app.registry, actor.org_id, SYMPTOMS.key, site.id if site else None)
        times = promises(app.clock.now(), site.zone if site else app.station.zone)
        draft = drafts.find(session, actor.id, FORM)
        known = draft.get("known")
        return Begun(
            site.id if site else None,
            symptoms(set_to),
            tuple((then, words) for words, then in times),
            draft,
            arrival(session, Match(known[0], UUID(known[1]), "")) if known else Arrival(),
        )


class Comer(QObject):
    """From what was typed, touched or scanned to who it is. `found` carries what is known of them, with the match and who is to
    hear of it; `fresh` the text of somebody new; `alike` says that nobody is called just so."""

    found = Signal(object, object)
    fresh = Signal(str)
    alike = Signal()

    def __init__(self, bench: Bench, seeker: Seeker) -> None:
        super().__init__(seeker)
        self._bench, self._seeker, self._sought = bench, seeker, ""
        seeker.picked.connect(lambda match: self.look(match, bench.ways.told))
        seeker.entered.connect(self._seek)

    def look(self, match: Match, told: Told) -> None:
        """What is known of a record that was scanned or touched."""
        bench = self._bench

        def known() -> Arrival:
            with bench.app.read(bench.actor) as session:
                return arrival(session, match)

        bench.read(self, known, lambda here: self.found.emit(here, told))

    def which(self, matches: Sequence[Match], told: Told) -> None:
        """The only one there is, or the one that somebody says."""
        if len(matches) == 1:
            self.look(matches[0], told)
            return
        sentence = say(_("Which one is it?"))
        kinds = {name: say(self._bench.app.registry.entities[name].__about__.label) for name in COMES}
        self._bench.ways.ask(choose(sentence, matches, kinds, self.look))
        told(Outcome.ASK, sentence)

    def _seek(self, text: str) -> None:
        """Enter: whoever is written so, or somebody new; a second Enter where somebody is only called alike."""
        bench, again = self._bench, text == self._sought
        self._sought = text
        bench.read(self, lambda: bench.app.meaning(text, bench.actor, COMES), partial(self._meant, text, again))

    def _meant(self, text: str, again: bool, meaning: Meaning) -> None:
        matches = come(meaning)
        if matches:
            self.which(matches, self._bench.ways.told)
        elif again or not self._seeker.list.count():
            self.fresh.emit(text)
        else:
            self.alike.emit()


def come(meaning: Meaning) -> list[Match]:
    """Whom a scan or a text names."""
    return [match for match in meaning.matches if match.entity in COMES]


def tell_and_print(bench: Bench, order: Match, answer: Answer, told: Told) -> None:
    """On to the job's page; that it is checked in, with whatever is to be looked at again; and its papers."""
    bench.ways.back()
    bench.ways.go(Place("page", "work_order", order.id))
    said = [say(_("{title} is checked in."), title=order.title), *(one.sentence for one in answer.problems)]
    if bench.labels is None:
        said.append(say(_("This terminal has no label printer: write the number on a tag.")))
    told(Outcome.SUCCESS, " ".join(said), answer.id)
    print_papers(bench, order, PAPERS, bench.ways.told)
