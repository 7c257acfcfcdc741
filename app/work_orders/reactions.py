"""What a job does when it moves on: a new quote wants a new yes, and a finished one lets go of what was reserved for it."""

from __future__ import annotations

from sqlalchemy import or_, select

from app.kernel.standard import Moved
from app.kernel.work import Work
from app.parties.erasing import CustomerErased
from app.stock.commands import StockReserved
from app.stock.model import Reservation
from app.work_orders.model import WorkOrder
from app.work_orders.rules import is_open

FINISHED = ("DELIVERED", "CLOSED", "CANCELLED")


def forget_the_yes(event: Moved, _work: Work) -> None:
    """What the customer agreed to was the quote before."""
    match event.row:
        case WorkOrder(state="DIAGNOSING") as order if event.before == "QUOTED":
            order.agreed_how, order.agreed_at = "", None


def erase_from_jobs(event: CustomerErased, work: Work) -> None:
    """The jobs stay, and say no longer whose they were."""
    theirs = WorkOrder.vehicle_id.in_([one.id for one in event.vehicles])
    wanted = select(WorkOrder).where(or_(WorkOrder.customer_id == event.customer.id, theirs)).order_by(WorkOrder.id)
    event.rows.extend(work.session.scalars(wanted))


def reserve_for_an_open_job(event: StockReserved, work: Work) -> None:
    """Stock is spoken for by a job that is there and can still take it."""
    work.check(is_open(work.get(WorkOrder, event.source)))


def let_go_of_stock(event: Moved, work: Work) -> None:
    """Others may have what was spoken for."""
    match event.row:
        case WorkOrder(state=state) as order if state in FINISHED:
            held = select(Reservation).where(Reservation.source_id == order.id, Reservation.state == "active")
            for reservation in work.session.scalars(held.order_by(Reservation.id)):
                reservation.state = "released"
