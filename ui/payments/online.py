"""Online page: where the customer pays, as a QR code for their telephone and as text; it says by itself when they have paid."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtCore import QSize, Qt
from PySide6.QtGui import QPixmap
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.meanings import Match
from app.kernel.words import _, say
from app.payments.model import Payment
from app.payments.page import PaymentPage, page_of
from app.work_orders.model import WorkOrder
from ui.kit.bench import Bench
from ui.kit.declared import Place
from ui.kit.live import Live, Once
from ui.kit.readable import words
from ui.kit.screen import Deed, Screen
from ui.papers.screens import make
from ui.payments.parts import headline
from ui.payments.reading import figures
from ui.theme import role, tone, worn

SIDE = 280  # points of the code on the glass, at the most
TYPED = 120  # letters of an address that anybody types
ENDED = {
    "success": _("It is paid. Nothing more is to be done here."),
    "failed": _("It was not paid. Ask for the money once more on the page of the job."),
    "refund": _("This money goes back to the customer: send it back at the provider, then confirm it."),
    "pending": _("No payment provider is chosen. An administrator chooses one in the settings, under payments."),
}


@dataclass(frozen=True)
class Shown:
    """A payment as it stands, with the page at the provider's and the picture of its address while it waits."""

    number: str
    amount: str
    state: str
    order: str
    page: PaymentPage | None = None
    code: bytes = b""


class OnlinePage(Screen):
    """The customer scans it from the glass or types it; whoever stands at the counter types nothing."""

    def __init__(self, bench: Bench, place: Place) -> None:
        super().__init__(bench, place)
        self.title = say(_("Pay online"))
        self._seen: Shown | None = None
        self._sum, self._head = role(QLabel(), "sentence"), words("", "quiet")
        self._code, self._address = QLabel(), words("", "heading")
        self._address.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._told, self._double = words("", "text"), words("", "heading", "warn")
        gap = worn().density.gap
        beside = QVBoxLayout()
        beside.setSpacing(gap)
        for part in (self._told, self._address, self._double):
            beside.addWidget(part)
        beside.addStretch()
        middle = QHBoxLayout()
        middle.setSpacing(3 * gap)
        middle.addWidget(self._code, 0, Qt.AlignmentFlag.AlignTop)
        middle.addLayout(beside, 1)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(headline(self._sum, self._head))
        layout.addLayout(middle, 1)
        self._once = Once(bench, self, lambda: partial(_look, bench, place.id), self._show)
        Live(bench, self, lambda: frozenset({"payment", "setting_value"}), self._once.ask)

    def _show(self, seen: Shown | None) -> None:
        if seen is None:
            self._told.setText(say(_("This payment is not here any more.")))
            return
        self._seen, page = seen, seen.page
        self.where = seen.number
        self._head.setText(f"{seen.number} · {seen.order}")
        self._sum.setText(seen.amount)
        typed = page.address if page is not None and len(page.address) <= TYPED else ""
        either = _("The customer scans this with their telephone, or types the address.")
        waits = either if typed else _("The customer scans this with their telephone.")
        self._told.setText(say(waits if page is not None else ENDED[seen.state]))
        tone(self._told, "ok" if seen.state == "success" else "")
        self._address.setText(typed)
        self._double.setText(say(page.label) if page is not None and page.double else "")
        self._draw(seen)
        self.altered.emit()

    def _draw(self, seen: Shown) -> None:
        picture = QPixmap()
        self._code.setVisible(bool(seen.code) and picture.loadFromData(seen.code))
        if not picture.isNull():
            side = QSize(SIDE, SIDE)
            self._code.setPixmap(picture.scaled(side, Qt.AspectRatioMode.KeepAspectRatio))
            self._code.setAccessibleName(say(_("QR code of the address where to pay")))

    @property
    def primary(self) -> Deed | None:
        return Deed(say(_("Go on")), self.bench.ways.back, "next")

    @property
    def others(self) -> tuple[Deed, ...]:
        seen, ident = self._seen, self.place.id
        if seen is None or seen.page is None or ident is None or not self.bench.can("payments.read"):
            return ()
        match = Match(Payment.__tablename__, ident, seen.number)
        return (Deed(say(_("Put on paper")), lambda: make(self.bench, "receipt", match, self.bench.ways.told), "print"),)


def _look(bench: Bench, ident: UUID | None) -> Shown | None:
    with bench.app.read(bench.actor) as session:
        payment = session.get(Payment, ident) if ident is not None else None
        if payment is None:
            return None
        order = session.get(WorkOrder, payment.order_id)
        page = page_of(session, bench.app.registry, payment)
        code = bench.paper.code(page.address) if page is not None and bench.paper is not None else b""
        number = order.number if order is not None else ""
        state = "refund" if payment.refund_of_id is not None and payment.state == "pending" else payment.state
        return Shown(payment.number, figures(bench, payment.amount), state, number, page, code)
