"""Repair jobs: the order, the parts and services planned on it, and the health check before it is ready."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.kernel.codes import Series
from app.kernel.entity import ABOUT, About, Entity, Has, Scope, choice, extras, flag, link, money, quantity, text, time, whole
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.words import _
from app.parties.model import Customer, Vehicle
from app.parts.model import Part
from app.places.model import Site, Warehouse
from app.services.model import Procedure
from app.taxes.model import TaxCode

NUMBERS = Series("work_order", "{shop}-{day}-{n:04d}")

STATES = (
    ("DRAFT", _("Draft")),
    ("CHECKIN", _("Checked in")),
    ("DIAGNOSING", _("Diagnosing")),
    ("QUOTED", _("Quoted")),
    ("IN_PROGRESS", _("In progress")),
    ("READY", _("Ready")),
    ("DELIVERED", _("Delivered")),
    ("CLOSED", _("Closed")),
    ("CANCELLED", _("Cancelled")),
)
PRIORITIES = (("normal", _("Normal")), ("high", _("High")), ("urgent", _("Urgent")))
HOLDS = (
    ("parts", _("Waits for parts")),
    ("customer", _("Waits for the customer")),
    ("bay", _("Waits for a bay")),
    ("conflict", _("Needs a decision")),
)
INTAKE, HANDOVER = "intake", "handover"
WITH_TAX, WITHOUT_TAX = "with_tax", "without_tax"
PRICES = ((WITH_TAX, _("With tax")), (WITHOUT_TAX, _("Without tax")))
CHECKS = ((INTAKE, _("When it came in")), (HANDOVER, _("Before it is handed over")))
METHODS = (
    ("cash", _("Cash")),
    ("card", _("Card")),
    ("transfer", _("Bank transfer")),
    ("online", _("Online")),
)


class WorkOrder(Entity):
    """A job: a vehicle, what is wrong with it, and how far it is."""

    __tablename__ = "work_order"
    __about__ = About(
        _("Work order"),
        _("Work orders"),
        scan="WO",
        scope=Scope.SITE,
        title=("number",),
        search=("number", "what"),
        natural=("number",),
        has=Has.AUDIT | Has.CUSTOM_FIELDS | Has.EXPORT | Has.FILES | Has.NOTES,
    )
    number: Mapped[str] = text(_("Number"), size=40, unique=True, by_command="CreateOrder")
    site_id: Mapped[UUID] = link(Site, _("Site"), by_command="CreateOrder")
    warehouse_id: Mapped[UUID | None] = link(Warehouse, _("Parts from"), required=False, by_command="CreateOrder")
    customer_id: Mapped[UUID | None] = link(Customer, _("Customer"), required=False)
    vehicle_id: Mapped[UUID | None] = link(Vehicle, _("Vehicle"), required=False)
    what: Mapped[str] = text(_("What is wrong"), size=500)
    state: Mapped[str] = choice(_("State"), STATES, default="DRAFT")
    hold: Mapped[str] = choice(_("On hold"), HOLDS, required=False)
    priority: Mapped[str] = choice(_("Priority"), PRIORITIES, default="normal")
    assignee_id: Mapped[UUID | None] = link("person", _("Mechanic"), required=False, by_command="AssignOrder")
    bay: Mapped[str] = text(_("Bay"), size=24, required=False)
    promised: Mapped[datetime | None] = time(_("Promised"), required=False)
    odometer: Mapped[int | None] = whole(_("Odometer, km"), required=False)
    agreed_how: Mapped[str] = text(_("Agreed by"), size=80, required=False, by_command="AgreeOrder", personal=ABOUT)
    agreed_at: Mapped[datetime | None] = time(_("Agreed at"), required=False, by_command="AgreeOrder")
    prices: Mapped[str] = choice(_("Prices"), PRICES, required=False, by_command="CreateOrder")
    extra: Mapped[Any] = extras()


Index("ix_work_order_state", WorkOrder.org_id, WorkOrder.state)


class PartLine(Entity):
    """A part planned on a job. What was issued and returned is folded from the stock ledger."""

    __tablename__ = "part_line"
    __about__ = About(_("Planned part"), _("Planned parts"), title=("part_id",), form=False)
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    part_id: Mapped[UUID] = link(Part, _("Part"))
    planned: Mapped[Quantity] = quantity(_("Planned"))
    price: Mapped[Money | None] = money(_("Price"), required=False)
    tax_id: Mapped[UUID | None] = link(TaxCode, _("Tax"), required=False, index=False)
    procedure_id: Mapped[UUID | None] = link(Procedure, _("Procedure"), required=False, index=False)
    optional: Mapped[bool] = flag(_("Only if needed"))


class ServiceLine(Entity):
    """Work planned on a job."""

    __tablename__ = "service_line"
    __about__ = About(_("Service"), _("Services"), title=("what",), form=False)
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    what: Mapped[str] = text(_("Service"))
    hours: Mapped[Quantity] = quantity(_("Planned hours"))
    rate: Mapped[Money | None] = money(_("Rate per hour"), required=False)
    price: Mapped[Money | None] = money(_("Fixed price"), required=False)
    tax_id: Mapped[UUID | None] = link(TaxCode, _("Tax"), required=False, index=False)
    procedure_id: Mapped[UUID | None] = link(Procedure, _("Procedure"), required=False, index=False)


class ChargeLine(Entity):
    """What else is on the bill: a deposit on an old part that did not come back, a fee, or with a minus something taken off."""

    __tablename__ = "charge_line"
    __about__ = About(_("Charge"), _("Charges"), title=("what",), form=False)
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    what: Mapped[str] = text(_("What for"))
    amount: Mapped[Money] = money(_("Amount"))
    tax_id: Mapped[UUID | None] = link(TaxCode, _("Tax"), required=False, index=False)


class OrderStep(Entity):
    """One step of the work on a job, as its procedure says it, and who did it."""

    __tablename__ = "order_step"
    __about__ = About(_("Step"), _("Steps"), title=("what",), form=False)
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    service_id: Mapped[UUID] = link(ServiceLine, _("Service"), index=False)
    place: Mapped[int] = whole(_("Place"))
    what: Mapped[str] = text(_("Step"), size=500)
    tools: Mapped[str] = text(_("Tools"), size=200, required=False)
    hazard: Mapped[str] = text(_("Danger"), size=200, required=False)
    torque: Mapped[Quantity | None] = quantity(_("Torque, Nm"), required=False)
    tolerance: Mapped[Quantity | None] = quantity(_("Tolerance, %"), required=False)
    measured: Mapped[Quantity | None] = quantity(_("Measured, Nm"), required=False)
    reason: Mapped[str] = text(_("Reason"), size=200, required=False)
    done_at: Mapped[datetime | None] = time(_("Done at"), required=False)
    done_by: Mapped[UUID | None] = link("person", _("Done by"), required=False, index=False)


class HealthRecord(Entity):
    """The readings taken when a vehicle comes in, and before it is handed over."""

    __tablename__ = "health_record"
    __about__ = About(_("Health check"), _("Health checks"), title=("notes",), form=False)
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    kind: Mapped[str] = choice(_("When"), CHECKS, default=HANDOVER)
    odometer: Mapped[int | None] = whole(_("Odometer, km"), required=False)
    rpm: Mapped[int | None] = whole(_("Idle speed, rpm"), required=False)
    battery: Mapped[Quantity | None] = quantity(_("Battery, V"), required=False)
    front_tyre: Mapped[Quantity | None] = quantity(_("Front tyre, bar"), required=False)
    rear_tyre: Mapped[Quantity | None] = quantity(_("Rear tyre, bar"), required=False)
    coolant: Mapped[Quantity | None] = quantity(_("Coolant, %"), required=False)
    oil: Mapped[Quantity | None] = quantity(_("Oil, %"), required=False)
    notes: Mapped[str] = text(_("Notes"), size=1000, required=False, personal=ABOUT)


class Delivery(Entity):
    """The checklist of a hand-over: what was explained, and how it is paid."""

    __tablename__ = "delivery"
    __about__ = About(_("Delivery checklist"), _("Delivery checklists"), title=("method",), form=False)
    order_id: Mapped[UUID] = link(WorkOrder, _("Work order"))
    explained: Mapped[bool] = flag(_("Work explained"))
    method: Mapped[str] = choice(_("Pays by"), METHODS)
    amount: Mapped[Money] = money(_("Amount"))
    notes: Mapped[str] = text(_("Notes"), size=1000, required=False, personal=ABOUT)
