"""Hand-over page: the delivery checklist in three touches: the work was explained, how they pay, and there it goes."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.payments.commands import AskPayment, TakePayment
from app.payments.rules import ONLINE
from app.payments.sums import NOTHING
from app.work_orders.delivery import CheckDelivery
from app.work_orders.model import METHODS
from ui.kit.bench import Bench, said_of
from ui.kit.declared import Place
from ui.kit.live import Live, Once
from ui.kit.readable import words
from ui.kit.screen import Deed, Screen
from ui.kit.vouching import ask_colleague
from ui.payments.parts import Tick, Ways, headline
from ui.payments.reading import READS, Bought, bought, figures
from ui.theme import role, worn

VOUCHED = "quotes.on_top"  # what a colleague's badge settles


class HandOverPage(Screen):
    """What is to pay is what the bill says; whoever hands over says it to the customer, and cannot say another sum."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Hand over"))
        self._seen: Bought | None = None
        self._method = ""
        self._head, self._sum = words("", "quiet"), role(QLabel(), "sentence")
        self._explained = Tick(say(_("The work was explained")), say(_("What was done, and what it costs")))
        self._explained.toggled.connect(lambda _on: self.altered.emit())
        self._ways = Ways([name for name, _label in METHODS], "", self._choose)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(headline(self._sum, self._head))
        for part in (self._explained, words(say(_("How do they pay?")), "quiet"), self._ways):
            layout.addWidget(part)
        layout.addStretch()
        self._once = Once(bench, self, lambda: partial(self._look, bench), self._show)
        Live(bench, self, lambda: READS, self._once.ask)

    def _look(self, bench: Bench) -> Bought | None:
        return bought(bench, self.place.id) if self.place.id is not None else None

    def _show(self, seen: Bought | None) -> None:
        if seen is None:
            return
        self._seen = seen
        self._method = self._method or seen.method
        self._ways.show_chosen(self._method)
        self.where = seen.number
        self._head.setText(f"{seen.number} · {seen.whose}" if seen.whose else seen.number)
        self._sum.setText(say(_("{amount} to pay"), amount=figures(self.bench, max(seen.sums.due, NOTHING))))
        self.altered.emit()

    def _choose(self, method: str) -> None:
        self._method = method

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Space marks it as explained, a number key chooses how they pay, Enter hands over."""
        if event.key() == Qt.Key.Key_Space:
            self._explained.click()
        elif event.text() and event.text() in "123456789":
            self._ways.press(int(event.text()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.primary is not None and self.primary.live:
            self.primary.run()
        else:
            super().keyPressEvent(event)

    @property
    def primary(self) -> Deed | None:
        if self._seen is None:
            return None
        why = "" if self._explained.isChecked() else say(_("Explain the work to the customer, then touch that line."))
        return Deed(say(_("Hand over")), self._hand_over, "next", live=not why, why=why)

    def _hand_over(self, colleague: Actor | None = None) -> None:
        seen = self._seen
        if seen is not None:
            amount = max(seen.sums.due, NOTHING)
            command = CheckDelivery(order=seen.id, explained=True, method=self._method, amount=amount, hand_over=True)
            self.bench.run(self, command, self._done, say(_("{order} handed over"), order=seen.number), colleague)

    def _done(self, answer: Answer) -> None:
        seen = self._seen
        if not answer.done and [one.code for one in answer.problems if one.blocks] == [VOUCHED]:
            ask_colleague(self.bench, answer.problems[0], lambda who, _told: self._hand_over(who), lambda _told: None)
            return
        if not answer.done or seen is None:
            self.bench.ways.told(Outcome.ERROR, said_of(answer))
            return
        self.bench.ways.told(Outcome.SUCCESS, say(_("{order} is handed over."), order=seen.number), answer.id)
        self.bench.ways.back()
        wanted = AskPayment.needs if self._method == ONLINE else TakePayment.needs
        if seen.sums.left > NOTHING and self.bench.can(wanted):
            self.bench.ways.go(Place("pay", id=seen.id))
