"""A payment here is a payment in Odoo: of the invoice once there is one, else on the customer's account. It bears our number,
by which it is found again."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.clock import stamp_time
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.zones import business_date
from app.payments.model import Payment
from app.places.model import Site
from app.work_orders.model import Delivery, WorkOrder
from sync.odoo import splitting
from sync.odoo.batch import Batch, mark_of
from sync.odoo.errors import Said, Verdict, verdict_of
from sync.odoo.map import Out, Stuck, Value
from sync.odoo.maps.invoices import BILLED
from sync.odoo.maps.sums import Row, Words, customer, exact, read, spoken
from sync.odoo.splitting import QUIET, Item
from sync.odoo.waiting import Line, waiting

MODEL, WIZARD, INVOICE = "account.payment", "account.payment.register", "account.move"
NONE = Money(0)
READ = ["name", "memo", "state", "amount"]
WAITS = ("draft",)
UNDONE = (*WAITS, "cancel", "canceled", "rejected")


def send(batch: Batch) -> None:
    """Those that Odoo has already are read; the others are made, one by one where they pay an invoice."""
    words = spoken(batch)
    if words is None:
        return
    there = _there(batch, batch.rows)
    fresh = [row for row in batch.rows if row.number not in there]
    on_account = [row for row in fresh if not _pays(batch.session, row)]
    on_account += _on_invoices(batch, [row for row in fresh if row not in on_account], words)
    _loaded(batch, on_account, words)
    _posted(batch)
    _settle(batch)


def _on_invoices(batch: Batch, rows: Sequence[Payment], words: Words) -> list[Payment]:
    """Pays posted invoices, and holds what comes before one; what is left over where nothing is left to pay."""
    there = {row.id: batch.number(Delivery.__tablename__, delivery_of(row)) for row in rows}
    read_now = read(batch, INVOICE, sorted({number for number in there.values() if number}), ["state", "amount_residual"])
    left = {number: exact(one["amount_residual"], words.currency) for number, one in read_now.items() if one["state"] == "posted"}
    over: list[Payment] = []
    for row in rows:
        number = there[row.id]
        if _is_too_early(batch, row, number, posted=number in left):
            batch.held.append(row.id)  # its invoice is a draft until somebody has seen to it
        elif left.get(number, 0) <= 0:
            over.append(row)
        elif _registered(batch, row, words):
            left[number] -= row.amount.minor
    return over


def _is_too_early(batch: Batch, row: Payment, number: int, *, posted: bool) -> bool:
    """Whether the invoice is still to come; a hand-over for which nothing is billed has none."""
    order = batch.session.get(WorkOrder, row.order_id)
    has_none = not number and order is not None and order.state in BILLED
    return not (posted or has_none) or bool(waiting(batch.session, batch.org_id, Delivery.__tablename__, [delivery_of(row)]))


def _there(batch: Batch, rows: Sequence[Payment]) -> dict[str, Row]:
    """Odoo's payments by our numbers; of those that are known there somebody may have changed what is written on them."""
    found: dict[str, Row] = {}
    numbers = [row.number for row in rows]
    for start in range(0, len(numbers), splitting.AT_ONCE):
        domain = [("memo", "in", numbers[start : start + splitting.AT_ONCE]), ("company_id", "=", batch.places.company)]
        found |= {row["memo"]: row for row in batch.odoo.search_read(MODEL, domain, READ)}
    known = {one.number: row.number for row in rows if (one := batch.placed(batch.out.name, row.id)) is not None}
    return found | {known[number]: row for number, row in read(batch, MODEL, sorted(known), READ).items()}


def _pays(session: Session, row: Payment) -> bool:
    """Whether it is money for a job; what is given back, and what a cancelled job had brought, lies on the account."""
    order = session.get(WorkOrder, row.order_id)
    return row.amount > NONE and order is not None and order.state != "CANCELLED"


def _loaded(batch: Batch, rows: Sequence[Payment], words: Words) -> None:
    items: list[Item] = []
    for row in rows:
        try:
            items.append(Item(row.id, _on_account(batch, row, words)))
        except Stuck as error:
            batch.stuck(row.id, error)
    _found, bad = splitting.load(batch.odoo, MODEL, items)
    for ident, verdict in bad.items():
        batch.refuse(ident, verdict)


def _on_account(batch: Batch, row: Payment, words: Words) -> dict[str, Value]:
    order = batch.session.get(WorkOrder, row.order_id)
    return {
        "id": batch.out.external(row.id),
        "payment_type": "inbound" if row.amount > NONE else "outbound",
        "partner_type": "customer",
        "partner_id/.id": customer(batch, order.customer_id if order is not None else None),
        "amount": abs(row.amount).figures(words.currency),
        "journal_id/.id": batch.matched("channel", row.channel),
        "date": _day(batch.session, row),
        "memo": row.number,
    }


def _registered(batch: Batch, row: Payment, words: Words) -> bool:
    """Pays the invoice by Odoo's own form, which makes, posts and matches the payment in one transaction; whether it did."""
    try:
        wanted = _form(batch, row, words)
        invoice = {"active_model": INVOICE, "active_ids": [batch.number(Delivery.__tablename__, delivery_of(row))]}
        [form] = as_list(batch.odoo.call(WIZARD, "create", vals_list=[wanted], context={**QUIET, **invoice}))
        batch.odoo.call(WIZARD, "action_create_payments", [form], context={**QUIET, **invoice})
    except Stuck as error:
        batch.stuck(row.id, error)
    except Said as error:
        verdict = verdict_of(error)
        if verdict.everywhere:
            raise
        batch.refuse(row.id, verdict)
    return row.id not in batch.bad and row.id not in batch.held


def _form(batch: Batch, row: Payment, words: Words) -> Mapping[str, Any]:
    return {
        "communication": row.number,
        "payment_date": _day(batch.session, row),
        "journal_id": batch.matched("channel", row.channel),
        "amount": float(row.amount.figures(words.currency)),
        "payment_difference_handling": "open",
    }


def as_list(made: Any) -> list[int]:
    """`create` answers with one id or with a list, as the version has it."""
    return made if isinstance(made, list) else [made]


def _posted(batch: Batch) -> None:
    """Posts what lies on the account; a form has posted its own."""
    there = _there(batch, batch.rows)
    due = {there[row.number]["id"]: row for row in batch.rows if row.number in there and there[row.number]["state"] in WAITS}
    for number, verdict in splitting.press(batch.odoo, MODEL, "action_post", list(due)).items():
        batch.refuse(due[number].id, verdict)


def _settle(batch: Batch) -> None:
    """Reads back: only what is posted counts."""
    there = _there(batch, batch.rows)
    for row in batch.rows:
        one = there.get(row.number)
        if row.id in batch.bad or row.id in batch.held:
            continue
        if one is not None and one["state"] not in UNDONE:
            batch.keep(row.id, one["id"], str(one["name"] or ""), mark_of([row.number]))
        else:
            batch.refuse(row.id, Verdict("human", Problem("odoo.not_paid", _NOT_PAID, _OPEN, values={"payment": row.number})))


def _day(session: Session, row: Payment) -> str:
    site = session.get(Site, row.site_id)
    moment = row.settled_at or stamp_time(row.stamp)
    return str(business_date(moment, site.zone if site is not None else "UTC"))


def delivery_of(row: Payment) -> UUID:
    """The hand-over of a payment's job: its invoice."""
    return derived_id(row.order_id, Delivery.__tablename__)


def _needs(row: Payment, session: Session) -> Iterator[Line]:
    """Money for a job waits for the invoice."""
    order = session.get(WorkOrder, row.order_id)
    if order is not None and order.customer_id is not None:
        yield "customer", order.customer_id
    if _pays(session, row):
        yield Delivery.__tablename__, delivery_of(row)


_NOT_PAID = _("Odoo did not post {payment}.")
_OPEN = _("Open the customer's payments in Odoo and see what it waits for, then try again here.")
PAYMENTS = Out(
    Payment,
    MODEL,
    "payment",
    follows=((WorkOrder, "order_id"),),
    skips=lambda row: row.state != "success" or not row.amount,
    needs=_needs,
    send=send,
)
