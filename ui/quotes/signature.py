"""Signature panel: who decided on a version, when and how, with the signature as it was drawn."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kernel.words import _, say
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from ui.kit.bench import Bench
from ui.kit.live import Live, Once
from ui.kit.readable import words
from ui.kit.signing import SignatureView, plain
from ui.kit.values import moment
from ui.theme import worn

Found = tuple[str, list[Any]]


class SignaturePanel(QWidget):
    """On the page of a quote."""

    def __init__(self, bench: Bench, ident: UUID | None) -> None:
        super().__init__()
        self._bench, self._id = bench, ident
        gap = worn().density.gap
        column = QVBoxLayout(self)
        column.setContentsMargins(gap, gap, gap, gap)
        self._told, self._view = words("", "heading"), SignatureView()
        self._view.setMaximumHeight(4 * worn().density.primary_target)
        self._view.hide()
        column.addWidget(self._told)
        column.addWidget(self._view, 1)
        column.addStretch()
        self._once = Once(bench, self, lambda: self._look, self._show)
        Live(bench, self, lambda: frozenset({"quote", "work_order"}), self._once.ask)

    def _look(self) -> Found:
        with self._bench.app.read(self._bench.actor) as session:
            quote = session.get(Quote, self._id)
            order = session.get(WorkOrder, quote.order_id) if quote is not None else None
            return (_told(quote, order), plain(quote.strokes)) if quote is not None else ("", [])

    def _show(self, found: Found) -> None:
        told, strokes = found
        self._told.setText(told)
        self._view.show_strokes(strokes)
        self._view.setVisible(bool(strokes))


def _told(quote: Quote, order: WorkOrder | None) -> str:
    if quote.decided_at is None:
        return say(_("The customer has not decided yet."))
    when = moment(quote.decided_at)
    if quote.state == "rejected":
        return say(_("Rejected {when}: {reason}"), when=when, reason=quote.reason or "–")
    if quote.strokes:
        return say(_("Signed by {name}, {when}"), name=quote.signer or "–", when=when)
    if quote.signer:
        return say(_("Signed on paper by {name}, {when}"), name=quote.signer, when=when)
    return say(_("Agreed otherwise, {when}: {how}"), when=when, how=(order.agreed_how if order is not None else "") or "–")
