"""Taking money for a job and giving it back. A payment is never changed: what was wrong about it is another payment."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Authority, Command
from app.kernel.events import only_of
from app.kernel.money import Money
from app.kernel.standard import Moved, Transition, transition
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.erasing import CustomerErased
from app.payments.drawers import drawer_here
from app.payments.model import Payment
from app.payments.rules import (
    CASH,
    ONLINE,
    can_be_refunded,
    is_an_amount,
    is_confirmed,
    never_came,
    overpaid,
    says_why,
    still_owes,
    within_the_payment,
)
from app.payments.sums import NOTHING, owed, refunded
from app.quotes.rules import active
from app.stock.commands import StockMoved
from app.work_orders.model import WorkOrder
from app.work_orders.rules import takes_money

NO_PARTS = Quantity(0)


@dataclass(frozen=True, kw_only=True)
class TakePayment(Command):
    """The customer paid for a job: by cash, card or bank transfer at once; what they are to pay online waits for the provider."""

    label = _("Payment taken")
    final = _("A payment is not taken back. Open it and give the money back; what is not confirmed, say that it was not paid.")
    about = {"order": "work_order"}
    makes = "payment"
    needs = "payments.take"
    authority = Authority.FACT
    order: UUID
    channel: str
    amount: Money


@dataclass(frozen=True, kw_only=True)
class AskPayment(Command):
    """Asks the customer to pay online; nothing is paid until the provider says so."""

    label = _("Online payment asked for")
    final = _("A payment that was asked for is not taken back. Open it and say that it was not paid.")
    about = {"order": "work_order"}
    makes = "payment"
    needs = "payments.ask"
    authority = Authority.FACT
    order: UUID
    amount: Money


@dataclass(frozen=True, kw_only=True)
class RefundPayment(Command):
    """Gives back a payment or a part of it, the way it was paid; the payment itself stays as it was."""

    label = _("Payment given back")
    final = _("Money that was given back is not taken back. Take the payment again where it was a slip.")
    about = {"payment": "payment"}
    needs = "payments.refund"
    authority = Authority.FACT
    personal = ("reason",)
    payment: UUID
    amount: Money
    reason: str


def take_payment(do: TakePayment, work: Work) -> None:
    _taken(work, work.get(WorkOrder, do.order), do.channel, do.amount)


def ask_payment(do: AskPayment, work: Work) -> None:
    _taken(work, work.get(WorkOrder, do.order), ONLINE, do.amount)


def _taken(work: Work, order: WorkOrder, channel: str, amount: Money) -> None:
    """What two terminals took is both kept: the second finds the job paid, and somebody gives it back."""
    if not work.check(is_an_amount(amount)):
        return
    quote, sums = active(work.session, order.id), owed(work.session, order)
    work.check(is_confirmed(quote), takes_money(order, after_all=work.questions_only or sums.left > NOTHING))
    if not work.questions_only:
        work.check(still_owes(order, sums))
    booked(work, order, channel, amount, {"quote_id": quote.id if quote else None})
    settle(work, order)


def booked(work: Work, order: WorkOrder, channel: str, amount: Money, more: Mapping[str, Any]) -> Payment:
    """Writes a payment down under a number that follows from the command's id, so that no two are alike."""
    ident = work.new_id(Payment)
    waits = channel == ONLINE and "provider_ref" not in more
    return work.add(
        Payment(
            id=ident,
            number=f"PAY-{ident.hex[-12:]}",
            order_id=order.id,
            site_id=order.site_id,
            channel=channel,
            amount=amount,
            state="pending" if waits else "success",
            settled_at=None if waits else work.now,
            drawer_id=drawer_here(work, order.site_id).id if channel == CASH else None,
            **more,
        )
    )


def settle(work: Work, order: WorkOrder) -> None:
    """After money moved: the last payment of a job that was handed over closes it, once; what is too much is put before
    somebody."""
    work.session.flush()
    sums = owed(work.session, order)
    work.check(overpaid(order, sums))
    if order.state == "DELIVERED" and sums.due <= NOTHING and not sums.is_open:
        transition(Transition(entity=WorkOrder.__tablename__, id=order.id, move="close"), work)


def refund_payment(do: RefundPayment, work: Work) -> None:
    payment = work.get(Payment, do.payment)
    work.hold(payment.order_id)
    if not work.check(is_an_amount(do.amount), can_be_refunded(payment), says_why(do.reason)):
        return
    work.check(within_the_payment(payment, refunded(work.session, payment) + do.amount))
    order = work.get(WorkOrder, payment.order_id)
    back = {"refund_of_id": payment.id, "quote_id": payment.quote_id, "reason": do.reason.strip()}
    booked(work, order, payment.channel, -do.amount, back)


def erase_from_payments(event: CustomerErased, work: Work) -> None:
    """Payments stay to the cent; why money went back is told no longer."""
    jobs = [row.id for row in event.rows if isinstance(row, WorkOrder)]
    event.rows.extend(work.session.scalars(select(Payment).where(Payment.order_id.in_(jobs)).order_by(Payment.id)))


@only_of(Payment, WorkOrder)
def payment_moved(event: Moved, work: Work) -> None:
    """What was confirmed is paid from now on, and may be the last payment of its job."""
    match event.row:
        case Payment(state="success") as payment:
            payment.settled_at = work.now
            settle(work, work.get(WorkOrder, payment.order_id))
        case Payment(state="failed") as payment:
            _tell_what_never_came(work, payment)
        case WorkOrder(state="DELIVERED") as order:
            settle(work, order)


def _tell_what_never_came(work: Work, payment: Payment) -> None:
    """A manager closed the job on a payment that was not confirmed, and it was not paid."""
    work.session.flush()
    order = work.get(WorkOrder, payment.order_id)
    problem = never_came(payment, order, owed(work.session, order))
    if problem is not None:
        work.review(problem)


def parts_came_back(event: StockMoved, work: Work) -> None:
    """What comes back after the hand-over is off the bill: it may be paid by that, or paid too much."""
    line = event.line
    back = line.source_id is not None and line.quantity > NO_PARTS and line.kind in ("return", "reverse")
    order = work.session.get(WorkOrder, line.source_id) if back else None
    if order is not None and order.state in ("DELIVERED", "CLOSED"):
        work.own.add(order.id)  # the act of whoever takes parts in, who need not be allowed to close jobs
        settle(work, order)
