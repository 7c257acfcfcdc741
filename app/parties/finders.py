"""What a scanned or typed text may mean among customers and vehicles: a plate, a chassis number, a phone number."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.parties.model import Customer, Vehicle


def by_plate(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """The vehicles with this plate, or else with this chassis number: one question each, so that each has its index."""
    text = reading.text.strip()
    ways = (Vehicle.plate.in_({text, text.upper()}), Vehicle.vin == text.upper())
    here = Vehicle.org_id == actor.org_id, Vehicle.retired.is_(False)
    found = (session.scalars(select(Vehicle).where(*here, way).limit(9)).all() for way in ways)
    return [Match("vehicle", row.id, row.title) for row in next(filter(None, found), ())]


def by_phone(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    wanted = (
        select(Customer)
        .where(Customer.org_id == actor.org_id, Customer.phone == reading.text.strip(), Customer.retired.is_(False))
        .limit(9)
    )
    return [Match("customer", row.id, row.title) for row in session.scalars(wanted)]


FINDERS = (Finder("plate", 50, by_plate), Finder("phone", 60, by_phone))
