"""What a job's customer owes: the bill, what was paid of it, and what waits to be confirmed."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.payments.model import Drawer, Payment
from app.work_orders.bill import bill
from app.work_orders.model import WorkOrder

NOTHING = Money(0)


@dataclass(frozen=True)
class Owed:
    """A job's sums. Refunds are taken off `paid`; `pending` was asked for online and is not confirmed. `waits` says that
    something does, also where what comes and what goes back add up to nothing."""

    gross: Money = NOTHING
    paid: Money = NOTHING
    pending: Money = NOTHING
    waits: bool = False

    @property
    def is_open(self) -> bool:
        """Whether a provider has not said yet what became of some of it."""
        return self.waits or bool(self.pending)

    @property
    def due(self) -> Money:
        """What is still to pay; with a minus where too much was paid."""
        return self.gross - self.paid

    @property
    def left(self) -> Money:
        """What nobody has been asked for yet."""
        return self.due - self.pending


def owed(session: Session, order: WorkOrder) -> Owed:
    """The sums of a job as it stands."""
    waits = select(Payment.id).where(Payment.order_id == order.id, Payment.state == "pending").limit(1)
    paid, pending = _sum(session, order.id, "success"), _sum(session, order.id, "pending")
    return Owed(bill(session, order).totals.gross, paid, pending, session.scalar(waits) is not None)


def _sum(session: Session, order: UUID, state: str) -> Money:
    wanted = select(func.sum(Payment.amount)).where(Payment.order_id == order, Payment.state == state)
    return session.scalar(wanted) or NOTHING


def paid_before(session: Session, order: UUID, stamp: int) -> Money:
    """What was paid for a job up to a moment, by its stamp."""
    wanted = select(func.sum(Payment.amount))
    return session.scalar(wanted.where(Payment.order_id == order, Payment.state == "success", Payment.stamp < stamp)) or NOTHING


def refunded(session: Session, payment: Payment) -> Money:
    """What was given back of a payment, or is on its way back."""
    wanted = select(func.sum(Payment.amount)).where(Payment.refund_of_id == payment.id, Payment.state != "failed")
    return -(session.scalar(wanted) or NOTHING)


def should_hold(session: Session, drawer: Drawer) -> Money:
    """What a drawer holds by the books: what it began with, the cash that came in, less what was given back."""
    wanted = select(func.sum(Payment.amount)).where(Payment.drawer_id == drawer.id, Payment.state == "success")
    return drawer.began_with + (session.scalar(wanted) or NOTHING)
