"""What a handed-over job costs is one invoice in Odoo, posted once its net, tax and gross are ours to the cent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, object_session

from app.kernel.clock import stamp_time
from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.zones import business_date
from app.places.model import Site
from app.quotes.model import Quote
from app.work_orders.bill import Bill, bill
from app.work_orders.model import Delivery, WorkOrder
from sync.odoo import splitting
from sync.odoo.batch import Batch, mark_of
from sync.odoo.errors import Verdict
from sync.odoo.map import Out, Stuck, Value
from sync.odoo.maps import quotes
from sync.odoo.maps.sums import Row, Words, customer, disagrees, loaded, of_bill, read, spoken, sums_of
from sync.odoo.sending import by_external, numbers_of
from sync.odoo.splitting import QUIET, Item
from sync.odoo.waiting import Line

MODEL, LINE = "account.move", "billed"
DRAFT, POSTED = "draft", "posted"
BILLED = ("DELIVERED", "CLOSED")
READ = ["name", "state", "amount_untaxed", "amount_tax", "amount_total"]


@dataclass
class Due:
    """An invoice on its way."""

    delivery: Delivery
    order: WorkOrder
    bill: Bill
    number: int = 0
    row: Row | None = None

    @property
    def id(self) -> UUID:
        return self.delivery.id

    @property
    def state(self) -> str:
        return str(self.row["state"]) if self.row else ""


def send(batch: Batch) -> None:
    """Makes drafts, compares them, posts those that agree, and reads back that they are posted."""
    words = spoken(batch)
    if words is None:
        return
    found = [one for row in batch.rows if (one := _due(batch, row)) is not None]
    numbers = {one.id: known.number for one in found if (known := batch.placed(batch.out.name, one.id))}
    numbers |= by_external(batch, [one.delivery for one in found if one.id not in numbers])
    _learn(batch, found, numbers)
    found = [one for one in found if _is_due(batch, one)]
    _learn(batch, found, _drafted(batch, [one for one in found if one.state != POSTED], words))
    fit = [one for one in found if one.row and _agrees(batch, one, words)]
    posted = {one.number: one for one in fit if one.state == DRAFT}
    for number, verdict in splitting.press(batch.odoo, MODEL, "action_post", list(posted), QUIET).items():
        batch.refuse(posted[number].id, verdict)
    _settle(batch, fit)


def _due(batch: Batch, row: Delivery) -> Due | None:
    order = batch.session.get(WorkOrder, row.order_id)
    return Due(row, order, bill(batch.session, order)) if order is not None else None


def _learn(batch: Batch, found: Sequence[Due], numbers: Mapping[UUID, int]) -> None:
    rows = read(batch, MODEL, sorted(set(numbers.values())), READ)
    for one in found:
        if numbers.get(one.id, 0) in rows:
            one.number = numbers[one.id]
            one.row = rows[one.number]
            batch.keep_beside(batch.out.name, one.id, one.number, _name(one))


def _name(one: Due) -> str:
    """A draft has no number of its own yet."""
    return str(one.row["name"] or "") if one.row else ""


def _is_due(batch: Batch, one: Due) -> bool:
    """What costs nothing, or was taken back, leaves no invoice; one that Odoo has posted already is for people to credit."""
    if one.order.state in BILLED and not one.delivery.retired and (one.bill.lines or one.number):
        return True
    if one.state == POSTED:
        values = {"order": one.order.number, "invoice": _name(one)}
        batch.refuse(one.id, Verdict("human", Problem("odoo.invoiced", _INVOICED, _CREDIT, values=values)))
    else:
        batch.keep(one.id, one.number, "", mark_of([one.order.state]))
    return False


def _drafted(batch: Batch, found: Sequence[Due], words: Words) -> dict[UUID, int]:
    items: list[Item] = []
    for one in found:
        try:
            items.append(_item(batch, one, words))
        except Stuck as error:
            batch.stuck(one.id, error)
    return loaded(batch, MODEL, items)


def _item(batch: Batch, one: Due, words: Words) -> Item:
    stated = of_bill(one.bill)
    words.learn(stated)
    site = batch.session.get(Site, one.order.site_id)
    cells: dict[str, Value] = {
        "id": batch.out.external(one.id),
        "move_type": "out_invoice",
        "partner_id/.id": customer(batch, one.order.customer_id),
        "invoice_date": str(business_date(stamp_time(one.delivery.stamp), site.zone if site is not None else "UTC")),
        "ref": one.order.number,
        "invoice_origin": one.order.number,
    }
    offered = _offered(batch, one.order.id)
    lines: list[dict[str, Value]] = []
    for line in stated:
        told = words.cells(line, LINE, "quantity", inclusive=one.bill.inclusive) | {"sale_line_ids/.id": offered.get(line.id)}
        lines.append({f"invoice_line_ids/{name}": value for name, value in told.items()})
    return Item(one.id, cells, tuple(lines))


def _offered(batch: Batch, order: UUID) -> dict[str, int]:
    """The lines of the confirmed quote in Odoo, by the row that both were made of."""
    wanted = select(Quote).where(Quote.order_id == order, Quote.state == "confirmed").order_by(Quote.version)
    names: dict[str, str] = {}
    for quote in batch.session.scalars(wanted):
        names |= {line["id"]: f"{quotes.LINE}_{quote.id.hex}_{line['id']}" for line in quote.lines}
    known = numbers_of(batch, "sale.order.line", list(names.values()))
    return {line: known[name] for line, name in names.items() if name in known}


def _agrees(batch: Batch, one: Due, words: Words) -> bool:
    wrong = disagrees(one.order.number, sums_of(one.bill), one.row or {}, words.currency)
    if wrong is not None:
        batch.refuse(one.id, wrong)
    return wrong is None


def _settle(batch: Batch, found: Sequence[Due]) -> None:
    """Reads back: only what is posted counts."""
    sent = [one for one in found if one.id not in batch.bad]
    _learn(batch, sent, {one.id: one.number for one in sent})
    for one in sent:
        if one.state == POSTED:
            batch.keep(one.id, one.number, _name(one), mark_of([POSTED]))
        else:
            batch.refuse(
                one.id, Verdict("human", Problem("odoo.not_posted", _NOT_POSTED, _OPEN, values={"order": one.order.number}))
            )


def _needs(row: Delivery, session: Session) -> Iterator[Line]:
    order = session.get(WorkOrder, row.order_id)
    if order is None:
        return
    if order.customer_id is not None:
        yield "customer", order.customer_id
    for line in bill(session, order).lines:
        if line.part_id is not None:
            yield "part", line.part_id


def _not_yet(row: Delivery) -> bool:
    """Until the vehicle is handed over there is nothing to invoice, unless Odoo has heard of it before."""
    session = object_session(row)
    order = session.get(WorkOrder, row.order_id) if session is not None else None
    return order is None or order.state not in (*BILLED, "READY")


_INVOICED = _("{order} is not handed over here any more, and Odoo has posted {invoice} for it.")
_CREDIT = _("Credit the invoice in Odoo, or hand the vehicle over again; then try again.")
_NOT_POSTED = _("Odoo has made the invoice of {order}, and not posted it.")
_OPEN = _("Open it in Odoo and see what it waits for, then try again here.")
INVOICES = Out(
    Delivery,
    MODEL,
    "invoice",
    follows=((WorkOrder, "order_id"),),
    skips=_not_yet,
    needs=_needs,
    send=send,
)
