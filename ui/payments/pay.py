"""Pay page: what is due in big figures, the ways to pay, and the change; two touches take a payment."""

from __future__ import annotations

from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QVBoxLayout

from app.kernel.access import Actor
from app.kernel.commands import Answer, Command
from app.kernel.figures import heard
from app.kernel.meanings import Match
from app.kernel.money import Money
from app.kernel.problems import Refused
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.words import _, say
from app.payments.commands import AskPayment, TakePayment
from app.payments.rules import CASH, ONLINE, unconfirmed
from app.payments.sums import NOTHING
from app.work_orders.model import METHODS, WorkOrder
from ui.kit.bench import Bench, Told, said_of, sentence_of
from ui.kit.declared import Place
from ui.kit.live import Live, Once
from ui.kit.question import Question
from ui.kit.readable import words
from ui.kit.screen import Deed, Screen
from ui.kit.values import word
from ui.kit.vouching import ask_colleague
from ui.papers.screens import give_receipt
from ui.payments.parts import Ways, headline
from ui.payments.reading import READS, Bought, bought, figures
from ui.theme import role, tone, worn


class PayPage(Screen):
    """The amount is what is left to pay unless another one is typed; what is given above it is change for cash."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Payment"))
        self._seen: Bought | None = None
        self._channel, self._typed, self._busy = "", NOTHING, False
        self._head, self._sum = words("", "quiet"), role(QLabel(), "sentence")
        self._told, self._against = words("", "heading"), words("", "heading", "warn")
        self._may = [name for name, _label in METHODS if bench.can(TakePayment.needs) or name == ONLINE]
        self._ways = Ways(self._may, "", self._choose)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(headline(self._sum, self._head))
        for part in (self._told, self._against, self._ways):
            layout.addWidget(part)
        layout.addStretch()
        self._once = Once(bench, self, lambda: partial(self._look, bench), self._show)
        Live(bench, self, lambda: READS, self._once.ask)

    def _look(self, bench: Bench) -> Bought | None:
        return bought(bench, self.place.id) if self.place.id is not None else None

    def _show(self, seen: Bought | None) -> None:
        if seen is None:
            self._against.setText(say(_("This job is not here any more.")))
            return
        self._seen = seen
        self._channel = self._channel or (seen.method if seen.method in self._may else self._may[0])
        self._ways.show_chosen(self._channel)
        self.where = self.title = seen.number
        self._tell(seen)

    def _tell(self, seen: Bought) -> None:
        bench, sums = self.bench, seen.sums
        self._head.setText(f"{seen.number} · {seen.whose}" if seen.whose else seen.number)
        self._sum.setText(say(_("{amount} to pay"), amount=figures(bench, max(sums.left, NOTHING))))
        told = say(_("Bill {gross} · paid {paid}"), gross=figures(bench, sums.gross), paid=figures(bench, sums.paid))
        if sums.pending:
            told += " · " + say(_("asked for online {pending}"), pending=figures(bench, sums.pending))
        if self._change:
            told = say(_("Given {given}: change {change}"), given=self._said(self._typed), change=self._said(self._change))
        self._told.setText(told)
        self._against.setText(sentence_of(seen.against) if seen.against is not None else "")
        self._against.setVisible(seen.against is not None)
        self._ways.setEnabled(seen.against is None and bool(self._left))
        tone(self._sum, "ok" if sums.left <= NOTHING else "")
        self.altered.emit()

    def _said(self, amount: Money) -> str:
        return figures(self.bench, amount)

    # --------------------------------------------------------------------------------------------------------- choosing

    @property
    def _left(self) -> Money:
        return max(self._seen.sums.left, NOTHING) if self._seen is not None else NOTHING

    @property
    def _change(self) -> Money:
        """What goes back over the counter: only cash is given in round notes."""
        return max(self._typed - self._left, NOTHING) if self._channel == CASH and self._left else NOTHING

    @property
    def amount(self) -> Money:
        """What would be booked."""
        return self._typed - self._change if self._typed else self._left

    def _choose(self, channel: str) -> None:
        self._channel = channel
        if self._seen is not None:
            self._tell(self._seen)

    def _ask_amount(self) -> None:
        sentence = say(_("How much is given?"))
        advice = say(_("For cash what is above the sum is change."))
        self.bench.ways.ask(Question(sentence, self._heard, advice=advice, kind="number"))

    def _heard(self, text: str, told: Told) -> None:
        try:
            self._typed = Money(Money.parse(heard(text), self.bench.currency).minor)
        except Refused as refused:
            told(Outcome.ERROR, sentence_of(refused.problem))
            return
        told.quietly(Outcome.SUCCESS, text)
        if self._seen is not None:
            self._tell(self._seen)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A number key chooses a way to pay, Enter takes the payment."""
        if event.text() and event.text() in "123456789":
            self._ways.press(int(event.text()))
        elif event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.primary is not None and self.primary.live:
            self.primary.run()
        else:
            super().keyPressEvent(event)

    # ----------------------------------------------------------------------------------------------------------- taking

    @property
    def primary(self) -> Deed | None:
        seen = self._seen
        if seen is None:
            return None
        if seen.state == "DELIVERED" and seen.sums.pending and not self._left:
            return Deed(say(_("Close before it is confirmed")), self._close, "lock")
        if seen.against is not None and seen.against.field == "quote" and seen.quote is not None:
            place = Place("page", "quote", seen.quote)
            return Deed(say(_("Open the quote")), partial(self._instead, place), "next")
        label = say(_("Take {amount}: {way}"), amount=self._said(self.amount), way=word("channel", self._channel))
        live = seen.against is None and bool(self.amount) and not self._busy
        return Deed(label, self._take, "pay", live=live, why=seen.against.sentence if seen.against else "")

    def _instead(self, place: Place) -> None:
        """In place of this page: Back leads to the job again."""
        self.bench.ways.back()
        self.bench.ways.go(place)

    @property
    def others(self) -> tuple[Deed, ...]:
        seen = self._seen
        if seen is None:
            return ()
        asked = Place("online", id=seen.asked)
        shown = (Deed(say(_("Show where to pay")), partial(self._instead, asked), "pay"),) if seen.asked is not None else ()
        if seen.against is not None or not self._left:
            return shown
        return (Deed(say(_("Another amount")), self._ask_amount, "edit", stays=True), *shown)

    def _take(self) -> None:
        seen = self._seen
        if seen is None or self._busy:
            return
        self._busy = True
        ask = self._channel == ONLINE and not self.bench.can(TakePayment.needs)
        command: Command = (
            AskPayment(order=seen.id, amount=self.amount)
            if ask
            else TakePayment(order=seen.id, channel=self._channel, amount=self.amount)
        )
        said = say(_("{amount} paid: {way}."), amount=self._said(self.amount), way=word("channel", self._channel))
        if self._channel == ONLINE:
            said = say(_("{amount} asked for online. The job closes when it is confirmed."), amount=self._said(self.amount))
        if self._change:
            said += " " + say(_("Give back {change}."), change=self._said(self._change))
        self.bench.run(self, command, partial(self._taken, said, done=self.amount >= self._left), said)
        self.altered.emit()

    def _taken(self, said: str, answer: Answer, *, done: bool = False) -> None:
        self._busy = False
        if not answer.done:
            self.bench.ways.told(Outcome.ERROR, said_of(answer))
            self.altered.emit()
            return
        self._typed = NOTHING
        warned = " ".join(problem.sentence for problem in answer.problems)
        self.bench.ways.told(Outcome.SUCCESS, f"{said} {warned}".strip(), answer.id)
        paid = next((ident for name, ident in answer.rows if name == "payment"), None)
        if paid is not None and self._channel != ONLINE:
            give_receipt(self.bench, Match("payment", paid, said), self.bench.ways.told)
        if paid is not None and self._channel == ONLINE and self._seen is not None and self._seen.online:
            self._instead(Place("online", id=paid))
        elif done:
            self.bench.ways.back()

    def _close(self) -> None:
        """Not every provider answers at once: a manager may let the customer go."""
        seen = self._seen
        if seen is None:
            return
        problem = unconfirmed(WorkOrder(number=seen.number), seen.sums, may=self.bench.can("payments.confirm"))
        if problem is None:
            self._closed_by(None)
        else:
            ask_colleague(self.bench, problem, lambda who, _told: self._closed_by(who), lambda _told: None)

    def _closed_by(self, colleague: Actor | None) -> None:
        if self._seen is not None:
            command = Transition(entity="work_order", id=self._seen.id, move="close")
            said = say(_("{order} is closed."), order=self._seen.number)
            self.bench.run(self, command, partial(self._taken, said, done=True), cosigner=colleague)
