"""Check-in: a plate, a number, a name or a key tag; then what is wrong, what the odometer shows, and the tag is printed."""

from __future__ import annotations

from functools import partial

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kernel.commands import Answer
from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Refused
from app.kernel.scan_log import Outcome
from app.kernel.types import millis
from app.kernel.words import _, say
from app.work_orders.arrivals import COMES, Arrival, place_for
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.declared import Place
from ui.kit.drafting import Drafting
from ui.kit.screen import Deed, Screen
from ui.work_orders.coming import FORM, Begun, Comer, begin, come, tell_and_print
from ui.work_orders.sheet import Sheet


class CheckInPage(Screen):
    """First whose it is, and then everything else at once."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Check in"))
        self.ready, self._busy = False, False
        self._begun: Begun | None = None
        self._sheet = Sheet(bench)
        self._comer = Comer(bench, self._sheet.seeker)
        self._comer.found.connect(self._known)
        self._comer.fresh.connect(self.begin_with)
        self._comer.alike.connect(self._sheet.ask_which)
        self._sheet.whose.chosen.connect(lambda match: self._comer.look(match, bench.ways.told))
        self._drafting = Drafting(bench, FORM, self._sheet.kept, self)
        self._sheet.altered.connect(self._drafting.stir)
        self._sheet.altered.connect(self.altered)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._sheet)
        bench.read(self, partial(begin, bench), self._begin)

    def _begin(self, begun: Begun) -> None:
        self._begun = begun
        self._sheet.offer(begun.phrases, [(millis(then), say(words)) for then, words in begun.promises])
        self.ready = True
        if begun.draft:
            self._sheet.show_known(begun.known)
            self._sheet.come_back(begun.draft)
        self.altered.emit()

    # ------------------------------------------------------------------------------------------------------ whose it is

    @property
    def first(self) -> QWidget:
        return self._sheet.first

    @property
    def expected(self) -> tuple[str, ...]:
        return COMES

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """A key tag, a customer's card or the tag of an earlier job says whose it is; once it is said, no other one does."""
        matches = come(meaning)
        if matches and self._sheet.open and self._sheet.whose.known.vehicle is not None:
            told(Outcome.ERROR, say(_("{title} is being checked in. Finish it or begin anew first."), title=self._sheet.title))
        elif matches:
            self._comer.which(matches, told)
        return bool(matches)

    def _known(self, known: Arrival, told: Told) -> None:
        self._sheet.show_known(known)
        told(Outcome.SUCCESS, self._sheet.title)
        self._drafting.stir()
        self.altered.emit()

    def begin_with(self, text: str) -> None:
        """Somebody new, of whom this was typed."""
        self._sheet.whose.fill(dict([place_for(text)]) if text else {})
        self._sheet.show_known(Arrival())
        self.altered.emit()

    def _take(self, other: Match) -> None:
        """Who is there already. Of a customer it is the vehicle that was typed that has come."""
        if other.entity == "customer" and self._sheet.whose.known.vehicle is None:
            self._known(Arrival(customer=other), self.bench.ways.told)
        else:
            self._comer.look(other, self.bench.ways.told)

    # ---------------------------------------------------------------------------------------------------------- its deeds

    @property
    def primary(self) -> Deed | None:
        if not self._sheet.open:
            return Deed(say(_("New customer")), lambda: self.begin_with(self._sheet.seeker.text), "plus", live=self.ready)
        return Deed(say(_("Check in")), self.save, "check", live=self.ready and not self._busy)

    @property
    def others(self) -> tuple[Deed, ...]:
        if not self._sheet.open:
            return ()
        return (Deed(say(_("Begin anew")), self.begin_anew, "undo"), *self._sheet.deeds)

    def begin_anew(self) -> None:
        """Nothing is kept of whoever was being checked in."""
        self._sheet.clear()
        self._drafting.forget()
        self.altered.emit()
        self.first.setFocus()

    def put_by(self) -> str:
        kept = self._drafting.keep()
        return say(_("Not checked in. What you typed is kept, and is there when you come back.")) if kept else ""

    # ------------------------------------------------------------------------------------------------------------- saving

    def finish(self, told: Told) -> None:
        """The DONE card checks in."""
        if self._sheet.open and not self._busy:
            self.save(told)
        else:
            super().finish(told)

    def save(self, told: Told | None = None) -> None:
        """One command, and what it prints."""
        told = told or self.bench.ways.told
        try:
            command = self._sheet.command(self._begun.site if self._begun else None)
        except Refused as refused:
            told(Outcome.ERROR, sentence_of(refused.problem))
            return
        self._busy = True
        self.altered.emit()
        self.bench.run(self, command, partial(self._saved, told), say(_("{what} checked in"), what=self._sheet.title))

    def _saved(self, told: Told, answer: Answer) -> None:
        self._busy = False
        if not answer.done:
            self._sheet.mark(answer.problems, self._take)
            told(Outcome.ERROR, said_of(answer))
            self.altered.emit()
            return
        order = Match("work_order", answer.row("work_order"), self._sheet.title)
        self._sheet.photos.put_on(order)
        self.begin_anew()
        tell_and_print(self.bench, order, answer, told)
