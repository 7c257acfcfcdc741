"""What money holds against a job's moves: handed over at the right amount, closed when paid, cancelled when given back."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.problems import Problem
from app.kernel.work import Work
from app.payments.model import Payment
from app.payments.rules import agrees, all_given_back, is_paid_in_full, unconfirmed
from app.payments.sums import NOTHING, owed, paid_before
from app.work_orders.bill import bill
from app.work_orders.model import WorkOrder
from app.work_orders.rules import checklist, needs_a_manager


def amount_agrees(order: WorkOrder, work: Work) -> Problem | None:
    """The checklist says what is to pay. What was paid after it was written does not make it wrong."""
    told = checklist(work.session, order.id)
    if told is None:
        return None  # that it is missing is said by the gate before this one
    due = bill(work.session, order).totals.gross - paid_before(work.session, order.id, told.stamp)
    return agrees(order, told.amount, max(due, NOTHING))


def is_paid(order: WorkOrder, work: Work) -> Problem | None:
    return is_paid_in_full(order, owed(work.session, order))


def is_confirmed(order: WorkOrder, work: Work) -> Problem | None:
    """A manager, or a colleague's badge that a manager scans, answers for what is not confirmed."""
    sums = owed(work.session, order)
    return unconfirmed(order, sums, may=sums.is_open and work.may("payments.confirm"))


def is_given_back(order: WorkOrder, work: Work) -> Problem | None:
    return all_given_back(order, owed(work.session, order))


def money_was_taken(order: WorkOrder, work: Work) -> Problem | None:
    """A job for which money changed hands is cancelled by a manager alone."""
    wanted = select(Payment.id).where(Payment.order_id == order.id, Payment.state == "success").limit(1)
    return needs_a_manager(order, work) if work.session.scalar(wanted) is not None else None
