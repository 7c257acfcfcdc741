"""What a job does when it moves on: a new quote wants a new yes, and a finished one lets go of what was reserved for it."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import or_, select

from app.kernel.events import only_of
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.standard import Moved
from app.kernel.types import Quantity
from app.kernel.work import Work
from app.labor.model import Stint
from app.labor.states import IDLE
from app.labor.steps import settle_forgotten
from app.parties.erasing import CustomerErased
from app.parts.model import Part
from app.stock.commands import StockMoved, StockReserved
from app.stock.model import Reservation
from app.taxes.rules import tax_of
from app.work_orders.model import ChargeLine, Delivery, HealthRecord, OrderStep, PartLine, ServiceLine, WorkOrder
from app.work_orders.rules import is_open

FINISHED = ("DELIVERED", "CLOSED", "CANCELLED")
WRITTEN_ON = (ServiceLine, ChargeLine, OrderStep, HealthRecord, Delivery)  # by hand, in whatever words


def forget_the_yes(event: Moved, _work: Work) -> None:
    """What the customer agreed to was the quote before."""
    match event.row:
        case WorkOrder(state="DIAGNOSING") as order if event.before == "QUOTED":
            order.agreed_how, order.agreed_at = "", None


def erase_from_jobs(event: CustomerErased, work: Work) -> None:
    """The jobs stay, with their lines, and say no longer whose they were."""
    theirs = WorkOrder.vehicle_id.in_([one.id for one in event.vehicles])
    wanted = select(WorkOrder).where(or_(WorkOrder.customer_id == event.customer.id, theirs)).order_by(WorkOrder.id)
    jobs = work.session.scalars(wanted).all()
    event.rows.extend(jobs)
    for entity in WRITTEN_ON:
        on_them = select(entity).where(entity.order_id.in_([one.id for one in jobs])).order_by(entity.id)
        event.rows.extend(work.session.scalars(on_them))


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


@only_of(WorkOrder)
def stop_its_clocks(event: Moved, work: Work) -> None:
    """Nobody works on a job that is over: whose clock ran on it is between jobs from now on, or was forgotten before."""
    match event.row:
        case WorkOrder(state=state) as order if state in FINISHED:
            running = select(Stint).where(Stint.order_id == order.id, Stint.ended.is_(None), Stint.retired.is_(False))
            for stint in work.session.scalars(running.order_by(Stint.id)).all():
                work.own.add(stint.id)  # the act of whoever ends the job, who need not be allowed to clock others
                settle_forgotten(work, stint.person_id, work.now)
                if stint.ended is None:
                    _between_jobs(work, stint)


def _between_jobs(work: Work, stint: Stint) -> None:
    stint.ended = max(work.now, stint.started)
    idle = Stint(
        person_id=stint.person_id, kind=IDLE, shift_id=stint.shift_id, day=stint.day, started=stint.ended, source=stint.source
    )
    idle.id = work.new_id(Stint, stint.person_id.hex)
    work.own.add(idle.id)
    work.add(idle)


def keep_its_price(event: StockMoved, work: Work) -> None:
    """A part that nobody planned is billed at the price and tax of the moment when it was first taken.

    Its line is as that of a part which was taken off the plan: whoever plans it later finds it there. It is the act of
    whoever hands out, who need not be allowed to plan jobs.
    """
    line = event.line
    if line.kind != "issue" or line.source_id is None or work.session.get(WorkOrder, line.source_id) is None:
        return
    ident = derived_id(line.source_id, "part_line", line.part_id.hex)
    if work.session.get(PartLine, ident) is None:
        work.own.add(ident)
        work.add(_taken(work, line.source_id, work.get(Part, line.part_id, even_retired=True), ident))


def _taken(work: Work, order_id: UUID, part: Part, ident: UUID) -> PartLine:
    price = work.draw(f"price:{part.id.hex}", lambda: part.price.minor if part.price else None)
    return PartLine(
        id=ident,
        order_id=order_id,
        part_id=part.id,
        planned=Quantity(0),
        price=None if price is None else Money(price),
        tax_id=tax_of(work, part.tax_code or "", part.id.hex),
        retired=True,
    )
