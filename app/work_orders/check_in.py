"""Checking a vehicle in: who brings it, what is wrong with it and what is read on it, in one command."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime, time, timedelta
from functools import partial
from typing import TypeVar
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Authority, Command
from app.kernel.entity import Entity
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.saving import hold_rules
from app.kernel.settings import Setting
from app.kernel.standard import Transition, transition
from app.kernel.types import Quantity
from app.kernel.words import _, say
from app.kernel.work import Work
from app.kernel.zones import local_time
from app.parties.model import Customer, Vehicle
from app.work_orders.commands import CreateOrder, create_order
from app.work_orders.health import RecordHealth, record_health
from app.work_orders.model import INTAKE, WorkOrder

SYMPTOMS = Setting(
    "work_orders.symptoms",
    "",
    _("What is wrong, to touch"),
    _("The phrases at check-in, with a semicolon between two of them. Left empty, the usual ones are offered."),
    own=("site",),
    group=_("Jobs"),
)
USUAL = (
    _("Regular service"),
    _("Inspection"),
    _("Front brake"),
    _("Rear brake"),
    _("Tyres"),
    _("Chain"),
    _("Does not start"),
    _("Runs rough"),
    _("Noise"),
    _("Leaks"),
    _("Electrics"),
    _("Accident"),
)
EVENING, NOON = time(17), time(12)
AN_HOUR = timedelta(hours=1)
E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class CheckIn(Command):
    """A vehicle was handed in: opens its job, with the customer and the vehicle where they are new, and keeps what was read."""

    label = _("Vehicle checked in")
    about = {"vehicle": "vehicle", "what": ""}
    makes = "work_order"
    needs = "work_orders.check_in"
    authority = Authority.FACT
    personal = ("noise",)
    site: UUID
    what: str
    customer: UUID | None = None  # or, where they are new:
    name: str = ""
    phone: str = ""
    vehicle: UUID | None = None  # or, where it is new:
    plate: str = ""
    vin: str = ""
    make: str = ""
    model: str = ""
    odometer: int | None = None
    battery: Quantity | None = None
    front_tyre: Quantity | None = None
    rear_tyre: Quantity | None = None
    noise: str = ""
    priority: str = "normal"
    promised: datetime | None = None
    warehouse: UUID | None = None

    def undone_by(self, command_id: UUID) -> Command:
        return UndoCheckIn(order=derived_id(command_id, "work_order"), entry=command_id)


@dataclass(frozen=True, kw_only=True)
class UndoCheckIn(Command):
    """Takes a check-in back: cancels its job, and takes out of use whoever was written down for it alone."""

    label = _("Check-in taken back")
    about = {"order": "work_order"}
    needs = "work_orders.check_in"
    authority = Authority.FACT
    order: UUID
    entry: UUID  # the check-in's own id


# -------------------------------------------------------------------------------------------------------------- checking in


def check_in(do: CheckIn, work: Work) -> None:
    work.check(whose(do))
    customer = _customer(do, work)
    vehicle = _vehicle(do, work, customer)
    work.session.flush()  # what follows finds them by their ids
    create_order(
        CreateOrder(
            site=do.site,
            what=do.what,
            customer=customer.id if customer else None,
            vehicle=vehicle.id if vehicle else None,
            warehouse=do.warehouse,
            priority=do.priority,
            odometer=do.odometer,
            promised=do.promised,
        ),
        work,
    )
    work.session.flush()
    if any(one is not None for one in (do.odometer, do.battery, do.front_tyre, do.rear_tyre)) or do.noise.strip():
        record_health(_readings(do, work.new_id(WorkOrder)), work)


def whose(do: CheckIn) -> Problem | None:
    """A job is somebody's, and on something."""
    if do.vehicle is None and not _new_vehicle(do) and do.customer is None and not _new_customer(do):
        return Problem(
            "work_orders.whose",
            _("It is not said whose it is."),
            field="name",
            hint=_("Scan the key tag, or write a plate or a name."),
        )
    if do.vehicle is None and _new_vehicle(do) and not do.model.strip():
        return Problem(
            "work_orders.which_model", _("It is not said what kind of vehicle it is."), field="model", hint=_("Write its model.")
        )
    if do.vehicle is None and _new_vehicle(do) and do.customer is None and not _new_customer(do):
        return Problem(
            "work_orders.whose_vehicle",
            _("It is not said whose vehicle it is."),
            field="name",
            hint=_("Write the customer's name, or scan their card."),
        )
    return None


def _new_customer(do: CheckIn) -> bool:
    return any(one.strip() for one in (do.name, do.phone))


def _new_vehicle(do: CheckIn) -> bool:
    return any(one.strip() for one in (do.plate, do.vin, do.make, do.model))


def _customer(do: CheckIn, work: Work) -> Customer | None:
    if do.customer is not None:
        return work.get(Customer, do.customer)
    if not _new_customer(do):
        return None
    return _written_down(work, Customer(name=do.name.strip(), phone=do.phone.strip()))


def _vehicle(do: CheckIn, work: Work, customer: Customer | None) -> Vehicle | None:
    if do.vehicle is not None:
        return work.get(Vehicle, do.vehicle)
    if not _new_vehicle(do) or customer is None:
        return None
    return _written_down(
        work,
        Vehicle(
            customer_id=customer.id,
            plate=do.plate.strip().upper(),
            vin=do.vin.strip().upper(),
            make=do.make.strip(),
            model=do.model.strip(),
        ),
    )


def _written_down(work: Work, row: E) -> E:
    """A new record, held against what is declared for it; who has the same number is named."""
    kept = work.add(row)
    hold_rules(work, kept, fresh=True)
    return kept


def _readings(do: CheckIn, order: UUID) -> RecordHealth:
    return RecordHealth(
        order=order,
        kind=INTAKE,
        odometer=do.odometer,
        battery=do.battery,
        front_tyre=do.front_tyre,
        rear_tyre=do.rear_tyre,
        notes=do.noise,
    )


# --------------------------------------------------------------------------------------------------------------- taking back


def undo_check_in(do: UndoCheckIn, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    if not work.check(not_begun(order)):
        return
    transition(Transition(entity="work_order", id=order.id, move="cancel", reason=UndoCheckIn.label), work)
    _turn_back(order, work)
    kinds: tuple[type[Vehicle] | type[Customer], ...] = (Vehicle, Customer)
    for entity in kinds:
        row = work.find(entity, derived_id(do.entry, entity.__tablename__))
        if row is not None and work.draw(f"alone:{entity.__tablename__}", partial(_is_nobody_else_s, work, row, order)):
            row.retired = True


def not_begun(order: WorkOrder) -> Problem | None:
    """What somebody works on already is cancelled, with a reason, and not taken back."""
    if order.state == "CHECKIN":
        return None
    return Problem(
        "work_orders.begun",
        _("{order} is not where it was when it came in."),
        hint=_("Cancel the job instead, and say why."),
        values={"order": order.number},
    )


def _turn_back(order: WorkOrder, work: Work) -> None:
    """The odometer says again what was read before, where that is known."""
    vehicle = work.find(Vehicle, order.vehicle_id) if order.vehicle_id else None
    wanted = select(WorkOrder.odometer).where(
        WorkOrder.vehicle_id == order.vehicle_id, WorkOrder.odometer.is_not(None), WorkOrder.id != order.id
    )
    before = work.draw("odometer", lambda: work.session.scalar(wanted.order_by(WorkOrder.id.desc()).limit(1)))
    if vehicle is not None and before is not None and vehicle.odometer == order.odometer:
        vehicle.odometer = before


def _is_nobody_else_s(work: Work, row: Customer | Vehicle, order: WorkOrder) -> bool:
    """Whether there is no other job of theirs, and a customer has no vehicle left."""
    link = WorkOrder.customer_id if isinstance(row, Customer) else WorkOrder.vehicle_id
    others = select(WorkOrder.id).where(link == row.id, WorkOrder.id != order.id, WorkOrder.retired.is_(False))
    vehicles = select(Vehicle.id).where(Vehicle.customer_id == row.id, Vehicle.retired.is_(False))
    return not any(work.session.scalar(one.limit(1)) for one in (others, vehicles))


# ------------------------------------------------------------------------------------------------------- what a screen offers


def symptoms(set_to: str) -> tuple[str, ...]:
    """The phrases to touch, in the reader's language where they are the program's own."""
    own = tuple(dict.fromkeys(phrase for one in set_to.split(";") if (phrase := one.strip())))
    return own or tuple(say(phrase) for phrase in USUAL)


def promises(now: datetime, zone: str) -> Iterator[tuple[str, datetime]]:
    """When a vehicle may be promised, each with its marked words; what is less than an hour away is not offered."""
    here = local_time(now, zone)
    days = ((0, EVENING, _("Today 17:00")), (1, NOON, _("Tomorrow noon")), (1, EVENING, _("Tomorrow 17:00")),
            (2, EVENING, _("In two days, 17:00")), (7, EVENING, _("In a week, 17:00")))  # fmt: skip
    for ahead, clock, words in days:
        then = datetime.combine(here.date() + timedelta(days=ahead), clock, here.tzinfo)
        if then - here >= AN_HOUR:
            yield words, then.astimezone(now.tzinfo)
