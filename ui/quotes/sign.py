"""Sign page: what the customer agrees to, who they are, and a field for their name in their own hand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel import handing
from app.kernel.commands import Answer
from app.kernel.figures import spoken
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from app.parties.model import Customer
from app.quotes.commands import ConfirmQuote
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from ui.kit.bench import Bench, said_of
from ui.kit.buttons import secondary
from ui.kit.declared import Place
from ui.kit.live import Live, Once
from ui.kit.readable import words
from ui.kit.screen import Deed, Screen
from ui.kit.signing import SignatureField, png
from ui.theme import role, worn


@dataclass(frozen=True)
class Seen:
    """What is to be signed, and the job that it is for."""

    order: UUID
    number: str
    state: str
    gross: str
    what: str
    customer: str


class SignPage(Screen):
    """`place.id` is the version. Nobody waits for the picture: it is made beside, and where it cannot be kept the strokes are."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Customer signs"))
        self._seen: Seen | None = None
        self._saving = False
        self._named = False
        self._head, self._sum = words("", "quiet"), role(QLabel(), "title")
        self._name = QLineEdit()
        self._name.setMaxLength(120)
        self._name.setAccessibleName(say(_("Who signs")))
        self._field = SignatureField()
        self._wipe = secondary(say(_("Clear it")), "cross")
        self._wipe.setEnabled(False)
        self._wipe.clicked.connect(self._field.clear)
        self._lay_out()
        self._name.textEdited.connect(self._retyped)
        self._field.altered.connect(self._redrawn)
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: frozenset({"quote", "work_order", "customer"}), self._once.ask)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(_beside(self._head, self._sum, wide=0))
        label = QLabel(say(_("Who signs")))
        label.setBuddy(self._name)
        layout.addWidget(_beside(label, self._name, self._wipe))
        layout.addWidget(self._field, 1)

    @property
    def first(self) -> QWidget:
        return self._field

    # --------------------------------------------------------------------------------------------------------- looking

    def _look(self) -> Seen | None:
        bench = self.bench
        with bench.app.read(bench.actor) as session:
            quote = session.get(Quote, self.place.id) if self.place.id is not None else None
            return _seen(session, bench, quote) if quote is not None else None

    def _show(self, seen: Seen | None) -> None:
        self._seen = seen
        if seen is None:
            self._head.setText(say(_("This record is not here any more.")))
            return
        self.where = seen.number
        self._head.setText(" · ".join(part for part in (seen.number, seen.what) if part))
        self._sum.setText(seen.gross)
        if not self._named:
            self._name.setText(seen.customer)
        self._field.setEnabled(seen.state == "published")
        self.altered.emit()

    def _redrawn(self) -> None:
        self._wipe.setEnabled(not self._field.is_empty)
        self.altered.emit()

    def _retyped(self) -> None:
        self._named = True
        self.altered.emit()

    # ---------------------------------------------------------------------------------------------------------- acting

    @property
    def primary(self) -> Deed | None:
        return Deed(say(_("Keep signature")), self._keep, "check", live=not self._lacks(), why=self._lacks(), stays=True)

    @property
    def others(self) -> tuple[Deed, ...]:
        nameless = self._nameless()
        return (Deed(say(_("Signed on paper")), self._on_paper, "edit", live=not nameless and not self._saving, why=nameless),)

    def _nameless(self) -> str:
        if self._seen is None or self._seen.state != "published":
            return say(_("This quote is not waiting for a signature."))
        return "" if self._name.text().strip() else say(_("Write who signs."))

    def _lacks(self) -> str:
        if self._saving:
            return say(_("It is being saved already."))
        empty = say(_("The customer signs in the field first, or on paper.")) if self._field.is_empty else ""
        return self._nameless() or empty

    def _on_paper(self) -> None:
        self._field.clear()
        self._confirm(None)

    def _keep(self) -> None:
        """The picture is made beside, kept on the writer's thread, and then the command says so."""
        strokes, org = self._field.strokes, self.bench.actor.org_id
        self._saving = True
        self.altered.emit()

        def ready(file: handing.Ready) -> None:
            def kept(there: bool) -> None:
                self._confirm(file if there else None)

            self.bench.runner.submit(lambda: _keep(self.bench, org, file), kept, lambda _error: self._confirm(None), self)

        self.bench.read(self, lambda: handing.ready(png(strokes)), ready, self._without)

    def _without(self, _problem: Problem) -> None:
        self._confirm(None)

    def _confirm(self, file: handing.Ready | None) -> None:
        if self.place.id is None:
            return
        self._saving = True
        command = ConfirmQuote(
            quote=self.place.id,
            signer=self._name.text().strip(),
            strokes=self._field.strokes,
            picture=file.sha256 if file is not None else "",
            size=len(file.content) if file is not None else 0,
        )
        words = say(_("{quote} signed"), quote=self.where)
        self.bench.run(self, command, lambda answer: self._done(answer, file), words)

    def _done(self, answer: Answer, file: handing.Ready | None) -> None:
        self._saving = False
        self.altered.emit()
        if not answer.done:
            org = self.bench.actor.org_id
            if file is not None:
                self.bench.write(lambda session: _let_go(session, org, file))
            self.bench.ways.told(Outcome.ERROR, said_of(answer))
            return
        self.bench.ways.back()
        if self._seen is not None:
            self.bench.ways.go(Place("page", WorkOrder.__tablename__, self._seen.order))
        self.bench.ways.told(Outcome.SUCCESS, say(_("{quote} is signed."), quote=self.where), answer.id)

    def put_by(self) -> str:
        return "" if self._field.is_empty or self._saving else say(_("Not signed: what was drawn is not kept."))


def _seen(session: Session, bench: Bench, quote: Quote) -> Seen:
    order = session.get(WorkOrder, quote.order_id)
    customer = session.get(Customer, order.customer_id) if order is not None and order.customer_id else None
    gross = spoken(quote.gross.text(bench.currency))
    what, who = order.what if order is not None else "", customer.name if customer is not None else ""
    return Seen(quote.order_id, quote.number, quote.state, gross, what, who)


def _keep(bench: Bench, org: UUID, file: handing.Ready) -> bool:
    """Keeps the picture where the disk has room for it; whether it did."""
    if bench.app.against_files() is not None:
        return False
    with bench.app.writer.sessions() as session:
        handing.keep(session, org, file)
        session.commit()
    return True


def _let_go(session: Session, org: UUID, file: handing.Ready) -> None:
    handing.let_go(session, org, file.sha256)
    session.commit()


def _beside(*parts: QWidget, wide: int = 1) -> QWidget:
    """In a line; the one at this place takes what room there is."""
    box = QWidget()
    row = QHBoxLayout(box)
    row.setContentsMargins(0, 0, 0, 0)
    row.setSpacing(2 * worn().density.gap)
    for place, part in enumerate(parts):
        row.addWidget(part, int(place == wide))
    return box
