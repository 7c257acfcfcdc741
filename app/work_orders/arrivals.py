"""Who has just come in: from a scan or a few letters to the customer, the vehicle, what it showed last and what was done last."""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.meanings import Match
from app.kernel.search import as_one
from app.parties.model import Customer, Vehicle
from app.work_orders.model import WorkOrder
from app.work_orders.rules import OPEN

COMES = ("vehicle", "customer", "work_order")  # what a scan at check-in may name
VIN = re.compile(r"[A-HJ-NPR-Z0-9]{17}")  # ISO 3779: no I, O or Q
FEWEST_DIGITS = 6  # of a telephone number


@dataclass(frozen=True)
class LastJob:
    """The vehicle's latest job."""

    id: UUID
    number: str
    what: str
    state: str
    at: datetime

    @property
    def is_open(self) -> bool:
        return self.state in OPEN


@dataclass(frozen=True)
class Arrival:
    """Whom a scan names, as far as it is known here; `garage` are the customer's vehicles where it does not say which."""

    customer: Match | None = None
    phone: str = ""
    vehicle: Match | None = None
    odometer: int | None = None
    last: LastJob | None = None
    garage: tuple[Match, ...] = ()


def arrival(session: Session, match: Match) -> Arrival:
    """What is known of a vehicle, of a customer (with the only vehicle they have), or of those of an earlier job."""
    match match.entity:
        case "vehicle":
            return _with_vehicle(session, session.get(Vehicle, match.id))
        case "work_order":
            return _of_job(session, session.get(WorkOrder, match.id))
        case _:
            return _of_customer(session, session.get(Customer, match.id))


def _of_job(session: Session, order: WorkOrder | None) -> Arrival:
    if order is None or order.vehicle_id is None:
        return _of_customer(session, session.get(Customer, order.customer_id) if order and order.customer_id else None)
    return _with_vehicle(session, session.get(Vehicle, order.vehicle_id))


def _of_customer(session: Session, customer: Customer | None) -> Arrival:
    if customer is None:
        return Arrival()
    wanted = select(Vehicle).where(Vehicle.customer_id == customer.id, Vehicle.retired.is_(False)).order_by(Vehicle.id.desc())
    garage = session.scalars(wanted).all()
    if len(garage) == 1:
        return _with_vehicle(session, garage[0])
    return Arrival(_match(customer), customer.phone or "", garage=tuple(_match(one) for one in garage))


def _with_vehicle(session: Session, vehicle: Vehicle | None) -> Arrival:
    if vehicle is None:
        return Arrival()
    customer = session.get(Customer, vehicle.customer_id)
    known = _match(customer) if customer else None
    phone = (customer.phone or "") if customer else ""
    return Arrival(known, phone, _match(vehicle), vehicle.odometer, _last_job(session, vehicle.id))


def _match(row: Customer | Vehicle) -> Match:
    return Match(row.__tablename__, row.id, row.title)


def _last_job(session: Session, vehicle: UUID) -> LastJob | None:
    wanted = select(WorkOrder).where(
        WorkOrder.vehicle_id == vehicle, WorkOrder.retired.is_(False), WorkOrder.state != "CANCELLED"
    )
    order = session.scalars(wanted.order_by(WorkOrder.id.desc()).limit(1)).first()
    return None if order is None else LastJob(order.id, order.number, order.what, order.state, order.made_at)


def place_for(text: str) -> tuple[str, str]:
    """The field of somebody new into which a text belongs that named nobody, and the text as it is kept there."""
    plain = " ".join(text.split())
    one = as_one(plain)
    if VIN.fullmatch(one.upper()):
        return "vin", one.upper()
    if not any(letter.isalpha() for letter in one):
        return ("phone", plain) if len(one) >= FEWEST_DIGITS else ("plate", plain)
    return ("plate", plain.upper()) if any(letter.isdigit() for letter in one) else ("name", plain)
