"""The papers there are: of a job its order, its job card, its pick list and its delivery note; a quote; a payment's receipt."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from itertools import chain
from typing import Any

from sqlalchemy import select

from app.kernel import figures, queries
from app.kernel.entity import Entity, fields_of
from app.kernel.money import Money, Rate
from app.kernel.queries import Row
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.papers.desk import Desk, amount
from app.papers.paper import Paper, Table
from app.parts_issue.queries import proposed_bins
from app.payments.model import Payment
from app.payments.page import PaymentPage, page_of, page_of_job
from app.payments.sums import owed
from app.quotes.copies import Line, copied
from app.quotes.model import Quote
from app.quotes.rules import OFFERED
from app.services.torque import allowed
from app.work_orders.bill import bill, share_of
from app.work_orders.model import HealthRecord, OrderStep, ServiceLine, WorkOrder
from app.work_orders.queries import lines_of

PRICED = (_("What"), _("Quantity"), _("Unit"), _("Price"), _("Tax, %"), _("Amount"))
READINGS = ("odometer", "rpm", "battery", "front_tyre", "rear_tyre", "coolant", "oil", "notes")
NONE = Quantity(0)


@dataclass(frozen=True)
class Kind:
    """One kind of paper: what it is called, what it is of, and how its words are found."""

    title: str
    entity: type[Entity]
    make: Callable[[Desk, Any], Mapping[str, Any]]


def written(desk: Desk, kind: str, row: Entity) -> Paper:
    """The paper of a record, in words."""
    one = KINDS[kind]
    told = {"title": say(one.title, of=row.title), **one.make(desk, row)}
    page = say(_("{title}, page {number}"), title=told["title"], number="{number}")
    return Paper(kind=kind, code=desk.code(row), letterhead=desk.letterhead(), page=page, **told)


def _lines(desk: Desk, of: type[Any], order: WorkOrder) -> list[Any]:
    wanted = select(of).where(of.order_id == order.id, of.retired.is_(False)).order_by(of.id)
    return list(desk.session.scalars(wanted))


def _heads(*words: str) -> tuple[str, ...]:
    return tuple(map(say, words))


# ----------------------------------------------------------------------------------------------------------------- a job


def order_paper(desk: Desk, order: WorkOrder) -> Mapping[str, Any]:
    """What was asked for, in what state it came in, and what it will cost as it stands."""
    copy = copied(bill(desk.session, order))
    return {
        "facts": (*desk.about(order), (say(_("State")), desk.word(order, "state"))),
        "tables": (*_checks(desk, order), _priced(desk, copy["lines"])),
        "sums": _sums(desk, copy),
        "sign": say(_("Customer")),
    }


def job_card(desk: Desk, order: WorkOrder) -> Mapping[str, Any]:
    """What the mechanic does, step by step, and with what; no prices."""
    steps = sorted(_lines(desk, OrderStep, order), key=lambda step: (step.service_id, step.place))
    services = tuple((line.what, amount(line.hours)) for line in _lines(desk, ServiceLine, order))
    return {
        "facts": desk.about(order),
        "tables": (
            Table(
                say(_("Steps")),
                _heads(_("Step"), _("Tools"), _("Danger"), _("Torque, Nm"), _("Measured, Nm")),
                tuple((step.what, step.tools, step.hazard, _torque(step), amount(step.measured)) for step in steps),
                frozenset({3, 4}),
            ),
            Table(say(_("Services")), _heads(_("Service"), _("Planned hours")), services, frozenset({1})),
            _parts(desk, order),
        ),
        "ticks": True,
        "sign": say(_("Mechanic")),
    }


def _torque(step: OrderStep) -> str:
    """With what it may be off, also where the procedure leaves that to the wrench."""
    if step.torque is None:
        return ""
    return f"{amount(step.torque)} ± {amount(allowed(step.tolerance))} %"


def pick_list(desk: Desk, order: WorkOrder) -> Mapping[str, Any]:
    """What is still to be fetched, in the order of the bins."""
    rows = sorted(filter(None, (_fetched(desk, order, part) for part in _parts_of(desk, order))))
    heads = _heads(_("Bin"), _("Code"), _("Part"), _("Quantity"), _("Unit"))
    return {
        "facts": desk.about(order),
        "tables": (Table(say(_("To fetch")), heads, tuple(rows), frozenset({3}), 2),),
        "ticks": True,
    }


def _parts_of(desk: Desk, order: WorkOrder) -> list[Row]:
    """Each part of a job once, as its page has it: however many lines plan it, and also where none does and it was taken."""
    return list(queries.rows(desk.session, lines_of(order.id)))


def _fetched(desk: Desk, order: WorkOrder, part: Row) -> tuple[str, ...] | None:
    left = part["planned"] - _used(part)
    if left <= NONE:
        return None
    bins = proposed_bins(desk.session, part["id"], order.warehouse_id)
    return bins[0].code if bins else "–", part["code"], part["name"], amount(left), part["unit"]


def _used(part: Row) -> Quantity:
    used: Quantity = part["issued"] - part["returned"]
    return used


def _parts(desk: Desk, order: WorkOrder) -> Table:
    found = _parts_of(desk, order)
    rows = tuple((part["code"], part["name"], amount(part["planned"]), amount(_used(part))) for part in found)
    heads = _heads(_("Code"), _("Part"), _("Planned"), _("Used"))
    return Table(say(_("Parts")), heads, rows, frozenset({2, 3}), 1)


def delivery_note(desk: Desk, order: WorkOrder) -> Mapping[str, Any]:
    """What was done and put in, and in what state it leaves; no prices."""
    done = tuple((line.what,) for line in _lines(desk, ServiceLine, order))
    return {
        "facts": desk.about(order),
        "tables": (Table(say(_("Work done")), _heads(_("Service")), done), _parts(desk, order), *_checks(desk, order)),
        "sign": say(_("Received by")),
    }


def _checks(desk: Desk, order: WorkOrder) -> Iterable[Table]:
    """The readings when it came in, and before it was handed over."""
    return [_check(desk, record) for record in _lines(desk, HealthRecord, order)]


def _check(desk: Desk, record: HealthRecord) -> Table:
    fields = fields_of(HealthRecord)
    found = ((say(fields[name].label), getattr(record, name)) for name in READINGS)
    rows = tuple(
        (label, amount(value) if isinstance(value, Quantity) else str(value)) for label, value in found if value not in (None, "")
    )
    return Table(desk.word(record, "kind"), _heads(_("Reading"), _("Value")), rows, frozenset({1}))


# ------------------------------------------------------------------------------------------------------ money on paper


def quote_paper(desk: Desk, quote: Quote) -> Mapping[str, Any]:
    """A version of a quote as it was made, with the signature where there is one."""
    order = desk.session.get_one(WorkOrder, quote.order_id)
    copy = {"taxes": quote.taxes or [], "net": quote.net.minor, "tax": quote.tax.minor, "gross": quote.gross.minor}
    dates = (
        (say(_("Published at")), desk.moment(quote.published_at, quote.site_id)),
        (say(_("Decided at")), desk.moment(quote.decided_at, quote.site_id)),
    )
    return {
        "facts": (*desk.about(order), (say(_("State")), desk.word(quote, "state")), *(one for one in dates if one[1])),
        "tables": (_priced(desk, quote.lines or []),),
        "sums": _sums(desk, copy),
        "notes": (say(_("Prices include tax.")) if quote.inclusive else say(_("Tax is added to the prices.")),),
        "signer": quote.signer or "",
        "strokes": quote.strokes or [],
        "sign": "" if quote.state == "confirmed" else say(_("Customer")),
        "links": _to_pay(desk, page_of_job(desk.session, desk.registry, order.id)) if quote.state in OFFERED else (),
    }


def _priced(desk: Desk, lines: Iterable[Line]) -> Table:
    rows = tuple(tuple(_said(desk, line)) for line in lines)
    return Table(say(_("Lines")), _heads(*PRICED), rows, frozenset({1, 3, 4, 5}))


def _said(desk: Desk, line: Line) -> Iterable[str]:
    yield line["what"]
    yield amount(Quantity.parse(line["quantity"]))
    yield line["unit"]
    yield desk.money(Money(line["price"]))
    yield _percent(line["rate"])
    yield desk.money(Money(line["gross"]))


def _percent(millionths: int) -> str:
    return figures.spoken(str(Rate(millionths)).removesuffix(" %")) if millionths else ""


def _sums(desk: Desk, copy: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    taxes = ((say(_("Tax {code}"), code=one["code"]), desk.money(Money(one["tax"]))) for one in copy["taxes"])
    return (
        (say(_("Net")), desk.money(Money(copy["net"]))),
        *taxes,
        (say(_("To pay")), desk.money(Money(copy["gross"]))),
    )


def receipt(desk: Desk, payment: Payment) -> Mapping[str, Any]:
    """What was paid, for what, and what is still open; of what is only asked for, where it is paid."""
    order = desk.session.get_one(WorkOrder, payment.order_id)
    sums = owed(desk.session, order)
    copy = copied(bill(desk.session, order))
    there, how = payment.state == "success", desk.word(payment, "channel")
    paid = _given_back(desk, payment, order, how) or [
        (say(_("Paid by {how}") if there else _("Asked for: {how}"), how=how), desk.money(payment.amount)),
        (say(_("Still open")), desk.money(sums.due)),
    ]
    facts = ((say(_("Date")), desk.moment(payment.made_at, payment.site_id)), (say(_("State")), desk.word(payment, "state")))
    return {
        **({} if there else {"title": say(_("Payment asked for: {of}"), of=payment.number)}),
        "facts": (*desk.about(order), *facts),
        "tables": (_priced(desk, copy["lines"]),),
        "sums": tuple(chain(_sums(desk, copy), paid)),
        "notes": (payment.reason,) if payment.reason else (),
        "links": _to_pay(desk, page_of(desk.session, desk.registry, payment)),
    }


def _given_back(desk: Desk, payment: Payment, order: WorkOrder, how: str) -> list[tuple[str, str]]:
    """What goes back, and what is net and tax of it; nothing of what was paid."""
    if payment.refund_of_id is None:
        return []
    share = share_of(bill(desk.session, order), payment.amount)
    taxes = [(say(_("Tax {code} of what goes back"), code=code), desk.money(tax)) for code, tax in share.tax.items() if code]
    net = (say(_("Net of what goes back")), desk.money(share.net))
    return [net, *taxes, (say(_("Given back by {how}"), how=how), desk.money(share.gross))]


def _to_pay(desk: Desk, page: PaymentPage | None) -> tuple[tuple[str, str], ...]:
    """Where the customer pays what was asked for online."""
    if page is None:
        return ()
    words = say(_("Pay {amount} online"), amount=desk.money(page.amount))
    return ((f"{words} – {say(page.label)}" if page.double else words, page.address),)


KINDS: Mapping[str, Kind] = {
    "work_order": Kind(_("Work order {of}"), WorkOrder, order_paper),
    "job_card": Kind(_("Job card {of}"), WorkOrder, job_card),
    "pick_list": Kind(_("Pick list {of}"), WorkOrder, pick_list),
    "delivery_note": Kind(_("Delivery note {of}"), WorkOrder, delivery_note),
    "quote": Kind(_("Quote {of}"), Quote, quote_paper),
    "receipt": Kind(_("Receipt {of}"), Payment, receipt),
}
