"""What people ask about money: which jobs are to be paid, and what was paid."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import Select, func, literal, select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.money import Money, MoneyType
from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.scanning import Reading
from app.kernel.words import _
from app.parties.model import Customer, Vehicle
from app.payments.model import Payment
from app.work_orders.model import Delivery, WorkOrder

OF_A_PAYMENT = (
    Column("at", _("When"), "moment"),
    Column("number", _("Number")),
    Column("channel", _("Paid by"), "choice"),
    Column("amount", _("Amount"), "money"),
    Column("state", _("State"), "choice"),
    Column("reason", _("Reason"), empty=True),
)
READS = frozenset({"payment", "work_order", "customer"})


def _payments() -> Select[*tuple[Any, ...]]:
    return (
        select(
            Payment.id.label("id"),
            Payment.made_at.label("at"),
            Payment.number.label("number"),
            WorkOrder.number.label("order"),
            Customer.name.label("customer"),
            Payment.channel.label("channel"),
            Payment.amount.label("amount"),
            Payment.state.label("state"),
            Payment.reason.label("reason"),
        )
        .outerjoin(WorkOrder, WorkOrder.id == Payment.order_id)
        .outerjoin(Customer, Customer.id == WorkOrder.customer_id)
        .where(Payment.retired.is_(False))
    )


def payments(_asking: Asking, *, refunds: bool = False, pending: bool = False) -> Ask:
    """Payments, the latest first."""
    statement = _payments()
    if refunds:
        statement = statement.where(Payment.refund_of_id.is_not(None))
    if pending:
        statement = statement.where(Payment.state == "pending")
    job = (Column("order", _("Work order"), empty=True), Column("customer", _("Customer"), empty=True))
    return Ask(statement, (*OF_A_PAYMENT[:2], *job, *OF_A_PAYMENT[2:]), order="-at", reads=READS)


def order_payments(_asking: Asking, *, order: UUID) -> Ask:
    """What was paid for a job and given back, in the order in which it was."""
    return Ask(_payments().where(Payment.order_id == order), OF_A_PAYMENT, order="at", reads=READS)


def to_pay(_asking: Asking) -> Ask:
    """Jobs that were handed over and are not closed: what the customer was told to pay, and what was paid since."""
    nothing = literal(Money(0), MoneyType())
    paid = (
        select(func.sum(Payment.amount))
        .where(Payment.order_id == WorkOrder.id, Payment.state == "success", Payment.retired.is_(False))
        .where(Payment.stamp >= func.coalesce(Delivery.stamp, 0))  # what was paid before is not in what they were told
        .correlate(WorkOrder, Delivery)
        .scalar_subquery()
    )
    statement = (
        select(
            WorkOrder.id.label("id"),
            WorkOrder.number.label("number"),
            Customer.name.label("customer"),
            Vehicle.plate.label("plate"),
            WorkOrder.what.label("what"),
            func.coalesce(Delivery.amount, nothing).label("amount"),
            func.coalesce(paid, nothing).label("paid"),
        )
        .outerjoin(Customer, Customer.id == WorkOrder.customer_id)
        .outerjoin(Vehicle, Vehicle.id == WorkOrder.vehicle_id)
        .outerjoin(Delivery, (Delivery.order_id == WorkOrder.id) & Delivery.retired.is_(False))
        .where(WorkOrder.retired.is_(False), WorkOrder.state == "DELIVERED")
    )
    columns = (
        Column("number", _("Number")),
        Column("customer", _("Customer"), empty=True),
        Column("plate", _("Plate"), empty=True),
        Column("what", _("What")),
        Column("amount", _("To pay at the hand-over"), "money"),
        Column("paid", _("Paid since"), "money"),
    )
    return Ask(statement, columns, order="number", reads=READS | {"vehicle", "delivery"})


def by_number(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """A payment's number, as it stands on a receipt."""
    text = reading.text.strip()
    if not text.upper().startswith("PAY-"):
        return []
    wanted = select(Payment).where(Payment.org_id == actor.org_id, Payment.number == "PAY-" + text[4:].lower())
    return [Match("payment", row.id, row.title) for row in session.scalars(wanted)]


FINDERS = (Finder("payment number", 21, by_number),)

QUERIES = (
    Query(
        "payments",
        payments,
        "payments.read",
        _("Payments, the latest first; refunds=true shows what was given back, pending=true what is not confirmed."),
    ),
    Query("order_payments", order_payments, "payments.read", _("What was paid for a job, and what was given back.")),
    Query("to_pay", to_pay, "payments.read", _("Jobs that were handed over and wait for their payment.")),
)
