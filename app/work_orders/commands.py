"""Making jobs and planning what goes into them."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select

from app.access.model import Person
from app.kernel.codes import take
from app.kernel.commands import Authority, Command
from app.kernel.events import Event
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.records import ChangeRow
from app.kernel.types import Quantity, moment
from app.kernel.words import _, say
from app.kernel.work import Work
from app.organisations.model import Organisation
from app.parties.model import Customer, Vehicle
from app.parts.model import Part
from app.parts.rules import more_than_nothing, whole_pieces
from app.places.model import Site, Warehouse
from app.stock.model import StockLine
from app.taxes.rules import tax_of
from app.work_orders.model import NUMBERS, WITH_TAX, WITHOUT_TAX, OrderStep, PartLine, ServiceLine, WorkOrder
from app.work_orders.rates import rate_of
from app.work_orders.rules import (
    after_agreement,
    is_open,
    is_the_last_yes,
    no_such_yes,
    odometer_counts,
    odometer_rises,
    rate_counts,
    says_what,
    works_here,
)
from app.work_orders.worth import sum_changes

NOTHING = Quantity(0)
ON_TOP = "on top"  # the slot of a line for what was taken beyond the plan
FLAGS = ("parts", "customer", "bay")  # what a job may wait for


@dataclass(frozen=True, kw_only=True)
class OrderMade(Event):
    """A job was opened."""

    order: WorkOrder


@dataclass(frozen=True, kw_only=True)
class OrderAgreed(Event):
    """The customer said yes to a job, on the phone or in whatever other way."""

    order: WorkOrder


@dataclass(frozen=True, kw_only=True)
class AgreementUndone(Event):
    """The yes of a moment was none; `order` says again what it said before."""

    order: WorkOrder
    said: datetime


@dataclass(frozen=True, kw_only=True)
class CreateOrder(Command):
    """Opens a job; checked in at once when the vehicle is there."""

    label = _("Job opened")
    about = {"what": ""}
    makes = "work_order"
    needs = "work_orders.create"
    authority = Authority.FACT
    site: UUID
    what: str
    customer: UUID | None = None
    vehicle: UUID | None = None
    warehouse: UUID | None = None
    priority: str = "normal"
    odometer: int | None = None
    promised: datetime | None = None
    checked_in: bool = True


@dataclass(frozen=True, kw_only=True)
class PlanPart(Command):
    """Plans so many of a part on a job; zero takes it off the plan. What the customer agreed to becomes fewer for a `reason`."""

    label = _("Part planned")
    about = {"part": "part", "order": "work_order"}
    needs = "work_orders.plan"
    authority = Authority.FACT
    order: UUID
    part: UUID
    quantity: Quantity = Quantity(1)
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AddService(Command):
    """Plans work on a job."""

    label = _("Service added")
    about = {"what": "", "order": "work_order"}
    needs = "work_orders.plan"
    authority = Authority.FACT
    order: UUID
    what: str
    hours: Quantity = Quantity(1)
    rate: Money | None = None
    price: Money | None = None

    def undone_by(self, command_id: UUID) -> Command:
        return RemoveService(service=derived_id(command_id, "service_line"), reason=say(_("Taken back")))


@dataclass(frozen=True, kw_only=True)
class RemoveService(Command):
    """Takes planned work off a job again."""

    label = _("Service taken off")
    about = {"service": "service_line"}
    needs = "work_orders.plan"
    authority = Authority.FACT
    service: UUID
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class AssignOrder(Command):
    """Gives a job to a mechanic, and a bay where there is one; nobody takes it off them."""

    label = _("Job given to somebody")
    about = {"order": "work_order", "person": "person"}
    needs = "work_orders.assign"
    order: UUID
    person: UUID | None = None
    bay: str = ""


@dataclass(frozen=True, kw_only=True)
class HoldOrder(Command):
    """A job waits for parts, the customer or a bay; an empty word says that it goes on. `before` is what it waited for so far."""

    label = _("Job put on hold or gone on with")
    about = {"order": "work_order"}
    needs = "work_orders.edit"
    authority = Authority.FACT
    order: UUID
    hold: str = ""
    before: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return HoldOrder(order=self.order, hold=self.before, before=self.hold)


@dataclass(frozen=True, kw_only=True)
class AgreeOrder(Command):
    """The customer agreed to the work and its price."""

    label = _("Customer's agreement recorded")
    about = {"order": "work_order"}
    needs = "work_orders.agree"
    authority = Authority.FACT
    personal = ("how",)
    order: UUID
    how: str

    def undone_by(self, command_id: UUID) -> Command:
        return UndoAgreement(order=self.order, entry=command_id)


@dataclass(frozen=True, kw_only=True)
class UndoAgreement(Command):
    """Takes a yes of the customer back that was recorded by mistake: the one before it counts again, where there was one."""

    label = _("Customer's agreement taken back")
    about = {"order": "work_order"}
    needs = "work_orders.agree"
    authority = Authority.FACT
    personal = ("how",)  # drawn: in what words they had agreed before
    order: UUID
    entry: UUID  # the id of the command that recorded it


def create_order(do: CreateOrder, work: Work) -> None:
    site = work.get(Site, do.site)
    vehicle = work.get(Vehicle, do.vehicle) if do.vehicle else None
    customer = do.customer or (vehicle.customer_id if vehicle else None)
    work.check(
        says_what(do.what), odometer_counts(do.odometer), odometer_rises(do.odometer, vehicle.odometer if vehicle else None)
    )
    if customer:
        work.get(Customer, customer)
    warehouse = work.get(Warehouse, do.warehouse).id if do.warehouse else _store_room(work, site)
    order = work.add(
        WorkOrder(
            number=take(work, NUMBERS, shop=site.code),
            site_id=site.id,
            customer_id=customer,
            vehicle_id=do.vehicle,
            warehouse_id=warehouse,
            what=do.what.strip(),
            state="CHECKIN" if do.checked_in else "DRAFT",
            priority=do.priority,
            odometer=do.odometer,
            promised=do.promised,
            prices=_prices(work),
        )
    )
    work.emit(OrderMade(order=order))


def _prices(work: Work) -> str:
    """How prices are meant on this job, from its first day to its last, whatever the organisation changes meanwhile."""
    own = work.session.get(Organisation, work.envelope.org_id)
    meant = WITH_TAX if own is None or own.prices_with_tax else WITHOUT_TAX
    return str(work.draw("prices", lambda: meant))


def _store_room(work: Work, site: Site) -> UUID | None:
    """The site's first store room, as it was when the job was opened."""
    wanted = (
        select(Warehouse.id).where(Warehouse.site_id == site.id, Warehouse.retired.is_(False)).order_by(Warehouse.code).limit(1)
    )
    drawn = work.draw("warehouse", lambda: (found := work.session.scalar(wanted)) and found.hex)
    return UUID(drawn) if drawn else None


def plan_part(do: PlanPart, work: Work) -> None:
    order, part = work.get(WorkOrder, do.order), work.get(Part, do.part, even_retired=not do.quantity)
    work.check(is_open(order))
    if do.quantity:
        work.check(more_than_nothing(do.quantity), whole_pieces(part, do.quantity))
    planned = select(PartLine).where(PartLine.order_id == order.id, PartLine.part_id == part.id).order_by(PartLine.id)
    lines = work.session.scalars(planned).all()
    before = sum((line.planned for line in lines if not line.retired), NOTHING)
    work.check(after_agreement(order) if do.quantity > before else None)
    with sum_changes(work, order, do.reason):
        for place, line in enumerate(lines):  # two terminals, or procedures, may each have planned it: one line stays
            line.planned, line.retired, line.optional = do.quantity, bool(place) or not do.quantity, False
    if lines or not do.quantity:
        return
    ident = derived_id(order.id, "part_line", part.id.hex)  # the same wherever it is planned, so that there is one line
    work.add(_planned(work, order, part, do.quantity, ident))


def _planned(work: Work, order: WorkOrder, part: Part, quantity: Quantity, ident: UUID) -> PartLine:
    """A line at the price and tax of the day."""
    price = work.draw(f"price:{part.id.hex}", lambda: part.price.minor if part.price else None)
    return PartLine(
        id=ident,
        order_id=order.id,
        part_id=part.id,
        planned=quantity,
        price=None if price is None else Money(price),
        tax_id=tax_of(work, part.tax_code or "", part.id.hex),
    )


def plan_more(work: Work, order: WorkOrder, part: Part, quantity: Quantity) -> None:
    """Plans what was taken on top: a line of its own, made by whoever hands out and need not be allowed to plan jobs."""
    ident = work.new_id(PartLine, ON_TOP)
    work.own.add(ident)
    work.check(after_agreement(order))
    work.add(_planned(work, order, part, quantity, ident))


def plan_less(work: Work, order: WorkOrder, ident: UUID, taken: StockLine) -> None:
    """Takes such a line off the job again: the one that was added as `taken` was, and no other."""
    line = work.session.get(PartLine, ident)
    if line is not None and (line.order_id, line.part_id, line.made_at) == (order.id, taken.part_id, taken.made_at):
        work.own.add(ident)
        line.retired = True


def add_service(do: AddService, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    work.check(is_open(order), says_what(do.what), more_than_nothing(do.hours), rate_counts(do.rate), price_counts(do.price))
    work.check(after_agreement(order))
    rate = do.rate if do.rate is not None else rate_of(work)
    tax = tax_of(work, "")
    work.add(ServiceLine(order_id=order.id, what=do.what.strip(), hours=do.hours, rate=rate, price=do.price, tax_id=tax))


def price_counts(price: Money | None) -> Problem | None:
    if price is None or price.minor >= 0:
        return None
    return Problem("work_orders.price", _("Work never costs less than nothing."), field="price", hint=_("Write its fixed price."))


def remove_service(do: RemoveService, work: Work) -> None:
    line = work.get(ServiceLine, do.service, even_retired=True)
    order = work.get(WorkOrder, line.order_id)
    work.check(is_open(order))
    with sum_changes(work, order, do.reason):
        line.retired = True
    for step in work.session.scalars(select(OrderStep).where(OrderStep.service_id == line.id).order_by(OrderStep.id)):
        step.retired = True


def hold_order(do: HoldOrder, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    work.check(is_open(order), is_a_reason(do.hold))
    order.hold = do.hold


def is_a_reason(hold: str) -> Problem | None:
    """What a person may say that a job waits for; that it needs a decision is said by its card."""
    if hold in ("", *FLAGS):
        return None
    return Problem(
        "work_orders.hold",
        _("A job does not wait for “{hold}”."),
        field="hold",
        hint=_("It waits for parts, the customer or a bay; leave it empty to go on."),
        values={"hold": hold[:32]},
    )


def assign_order(do: AssignOrder, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    work.check(is_open(order), works_here(work.get(Person, do.person) if do.person else None))
    order.assignee_id, order.bay = do.person, do.bay or order.bay


def agree_order(do: AgreeOrder, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    work.check(is_open(order), says_what(do.how))
    order.agreed_how, order.agreed_at = do.how.strip(), work.now
    work.emit(OrderAgreed(order=order))


def undo_agreement(do: UndoAgreement, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    said, at, how = _before_the_yes(do, work)
    if said is None or not work.check(is_open(order), is_the_last_yes(order, said)):
        return
    order.agreed_how, order.agreed_at = how, at
    work.emit(AgreementUndone(order=order, said=said))


def _before_the_yes(do: UndoAgreement, work: Work) -> tuple[datetime | None, datetime | None, str]:
    """When that yes came, and the moment and words of the one before it, as the trail knows them where it is taken back."""
    wanted = select(ChangeRow).where(ChangeRow.envelope_id == do.entry, ChangeRow.row_id == do.order)
    change = work.session.scalars(wanted).first()
    after, before = (change.after or {}, change.before or {}) if change is not None else ({}, {})
    said = work.draw("said", lambda: after.get("agreed_at"))
    at = work.draw("at", lambda: before.get("agreed_at"))
    how = work.draw("how", lambda: {**after, **before}.get("agreed_how") if before.get("agreed_at") else "")
    work.check(None if said is not None else no_such_yes())
    return _moment(said), _moment(at), str(how or "")


def _moment(at: int | None) -> datetime | None:
    return None if at is None else moment(at)
