"""Versions of a quote are sale orders in Odoo: a quotation once published, confirmed by the customer's yes, cancelled by a no.

They move no stock there: what a job takes is posted when it leaves its bin.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.problems import Problem
from app.kernel.words import _
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from sync.odoo import splitting
from sync.odoo.batch import Batch, mark_of
from sync.odoo.errors import Verdict
from sync.odoo.map import Life, Out, Step, Stuck, Value
from sync.odoo.maps.sums import Row, Stated, Sums, Words, customer, disagrees, loaded, of_quote, read, spoken
from sync.odoo.sending import by_external
from sync.odoo.splitting import QUIET, Item
from sync.odoo.waiting import Line

MODEL, LINE = "sale.order", "quoted"
DRAFT, SALE, CANCELLED = "draft", "sale", "cancel"
OPEN = (DRAFT, "sent")
STANDS = {"published": DRAFT, "confirmed": SALE, "rejected": CANCELLED, "superseded": CANCELLED}
LIFE = Life((Step("action_confirm", OPEN, SALE), Step("action_cancel", (*OPEN, SALE), CANCELLED)))
MOVES_NOTHING: Mapping[str, Any] = {**QUIET, "skip_procurement": True, "disable_cancel_warning": True}
READ = ["name", "state", "amount_untaxed", "amount_tax", "amount_total"]


@dataclass
class Offer:
    """A version on its way: where it should stand in Odoo, and where it does."""

    quote: Quote
    order: WorkOrder
    lines: list[Stated]
    wanted: str
    number: int = 0
    name: str = ""
    state: str = ""
    row: Row = field(default_factory=dict)

    @property
    def id(self) -> UUID:
        return self.quote.id

    @property
    def sums(self) -> Sums:
        return Sums(self.quote.net, self.quote.tax, self.quote.gross, self.quote.inclusive)


def send(batch: Batch) -> None:
    """A version never changes, so it is made once, and anew only while Odoo reckons it otherwise; then its state follows."""
    words = spoken(batch)
    if words is None:
        return
    offers = [offer for quote in batch.rows if (offer := _offer(batch.session, quote)) is not None]
    numbers = {one.id: known.number for one in offers if (known := batch.placed(batch.out.name, one.id))}
    numbers |= by_external(batch, [one.quote for one in offers if one.id not in numbers])
    numbers |= _made(batch, [one for one in offers if one.id not in numbers], words)
    _learn(batch, offers, numbers)
    _learn(batch, offers, _made(batch, [one for one in offers if _wrong(one, words) is not None], words))
    fit = [one for one in offers if one.number and _agrees(batch, one, words)]
    for step in LIFE.steps:
        _pressed(batch, fit, step)
    _settle(batch, offers)


def _offer(session: Session, quote: Quote) -> Offer | None:
    order = session.get(WorkOrder, quote.order_id)
    if order is None:
        return None
    wanted = CANCELLED if order.state == "CANCELLED" else STANDS[quote.state]
    return Offer(quote, order, of_quote(session, quote), wanted)


def _made(batch: Batch, offers: Sequence[Offer], words: Words) -> dict[UUID, int]:
    """Loads those that Odoo has not."""
    items: list[Item] = []
    for one in offers:
        try:
            items.append(_item(batch, one, words))
        except Stuck as error:
            batch.stuck(one.id, error)
    return loaded(batch, MODEL, items)


def _item(batch: Batch, one: Offer, words: Words) -> Item:
    quote = one.quote
    words.learn(one.lines)
    cells: dict[str, Value] = {
        "id": batch.out.external(quote.id),
        "name": quote.number,
        "partner_id/.id": customer(batch, one.order.customer_id),
        "client_order_ref": one.order.number,
        "date_order": quote.published_at.strftime("%Y-%m-%d %H:%M:%S") if quote.published_at else None,
    }
    lines = (words.cells(line, f"{LINE}_{quote.id.hex}", "product_uom_qty", inclusive=quote.inclusive) for line in one.lines)
    return Item(quote.id, cells, tuple({f"order_line/{name}": value for name, value in line.items()} for line in lines))


def _learn(batch: Batch, offers: Sequence[Offer], numbers: Mapping[UUID, int]) -> None:
    """Where each stands in Odoo; one that was deleted there is made again the next time."""
    rows = read(batch, MODEL, sorted(set(numbers.values())), READ)
    for one in offers:
        row = rows.get(numbers.get(one.id, 0))
        if row is not None:
            one.number, one.name, one.state, one.row = row["id"], row["name"], row["state"], row
            batch.keep_beside(batch.out.name, one.id, one.number, one.name)


def _wrong(one: Offer, words: Words) -> Verdict | None:
    """What stands against one that is not confirmed yet: its sums there are not ours. What is to be cancelled may have any."""
    if not one.number or one.state not in OPEN or one.wanted == CANCELLED:
        return None
    return disagrees(one.quote.number, one.sums, one.row, words.currency)


def _agrees(batch: Batch, one: Offer, words: Words) -> bool:
    wrong = _wrong(one, words)
    if wrong is not None and one.id not in batch.bad:
        batch.refuse(one.id, wrong)
    return wrong is None


def _pressed(batch: Batch, offers: Sequence[Offer], step: Step) -> None:
    """Presses a button for those whose way leads over it."""
    due = {one.number: one for one in offers if one.id not in batch.bad and step in (LIFE.way(one.state, one.wanted) or ())}
    due = {number: one for number, one in due.items() if one.state in step.frm}
    bad = splitting.press(batch.odoo, MODEL, step.method, list(due), MOVES_NOTHING)
    for number, verdict in bad.items():
        batch.refuse(due[number].id, verdict)


def _settle(batch: Batch, offers: Sequence[Offer]) -> None:
    """Reads back, and only what stands there as it should counts."""
    sent = [one for one in offers if one.number and one.id not in batch.bad]
    rows = read(batch, MODEL, [one.number for one in sent], READ)
    for one in sent:
        state = rows.get(one.number, {}).get("state")
        if state == one.wanted or (state in OPEN and one.wanted == DRAFT):
            batch.keep(one.id, one.number, one.name, mark_of([one.wanted]))
        else:
            values = {"quote": one.quote.number}
            batch.refuse(one.id, Verdict("human", Problem("odoo.quote_elsewhere", _ELSEWHERE, _LOOK, values=values)))


def _needs(quote: Quote, session: Session) -> Iterator[Line]:
    order = session.get(WorkOrder, quote.order_id)
    if order is not None and order.customer_id is not None:
        yield "customer", order.customer_id
    for line in of_quote(session, quote):
        if line.part is not None:
            yield "part", line.part


_ELSEWHERE = _("The order in Odoo for {quote} does not stand where the quote stands here.")
_LOOK = _("Open it in Odoo: set it to the same state, or unlock it; then try again here.")
QUOTES = Out(
    Quote,
    MODEL,
    "quote",
    follows=((WorkOrder, "order_id"),),
    skips=lambda quote: quote.state == "draft",
    needs=_needs,
    send=send,
)
