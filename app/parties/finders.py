"""What a scanned or typed text may mean among customers and vehicles: a plate, a chassis number, a phone number."""

from __future__ import annotations

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.parties.model import Customer, Vehicle


def by_plate(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    text = reading.text.strip()
    wanted = (
        select(Vehicle)
        .where(
            Vehicle.org_id == actor.org_id,
            or_(Vehicle.plate.in_({text, text.upper()}), Vehicle.vin == text.upper()),
            Vehicle.retired.is_(False),
        )
        .limit(9)
    )
    return [Match("vehicle", row.id, row.title) for row in session.scalars(wanted)]


def by_phone(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    wanted = (
        select(Customer)
        .where(Customer.org_id == actor.org_id, Customer.phone == reading.text.strip(), Customer.retired.is_(False))
        .limit(9)
    )
    return [Match("customer", row.id, row.title) for row in session.scalars(wanted)]


FINDERS = (Finder("plate", 50, by_plate), Finder("phone", 60, by_phone))
