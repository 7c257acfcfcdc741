"""What a scanned or typed text may mean among customers and vehicles: a plate, a chassis number, a phone number, in whatever
way people write them.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import search
from app.kernel.access import Actor
from app.kernel.entity import Entity
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.parties.model import Customer, Vehicle

E = TypeVar("E", bound=Entity)
MOST = 9


def written_so(session: Session, org_id: UUID, entity: type[E], fields: Iterable[str], text: str) -> list[E]:
    """The records in use of which one of these fields is this text but for blanks, signs and case: `mab12` is `M-AB 12`; or is
    that of one that was put together into them."""
    wanted, names = search.as_one(text), tuple(fields)
    idents = search.having(session, org_id, entity.__tablename__, wanted)
    rows = session.scalars(select(entity).where(entity.id.in_(idents), entity.retired.is_(False)).order_by(entity.id)).all()
    return [row for row in rows if any(search.as_one(told or "") == wanted for told in _told(row, names))]


def _told(row: Any, names: Iterable[str]) -> Iterator[str | None]:
    """These fields of a record, and of those that were put together into it."""
    before = search.also_known(row.extra).values()
    for name in names:
        yield getattr(row, name)
        yield from (known.get(name) for known in before)


def by_plate(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """The vehicles with this plate, or else with this chassis number: one question each, so that each has its index; and only
    then those that are written another way."""
    text = reading.text.strip()
    ways = (Vehicle.plate.in_({text, text.upper()}), Vehicle.vin == text.upper())
    here = Vehicle.org_id == actor.org_id, Vehicle.retired.is_(False)
    found = (session.scalars(select(Vehicle).where(*here, way).limit(MOST)).all() for way in ways)
    rows = next(filter(None, found), None) or written_so(session, actor.org_id, Vehicle, ("plate", "vin"), text)
    return [Match("vehicle", row.id, row.title) for row in rows]


def by_phone(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    text = reading.text.strip()
    here = Customer.org_id == actor.org_id, Customer.retired.is_(False)
    rows = session.scalars(select(Customer).where(*here, Customer.phone == text).limit(MOST)).all()
    rows = rows or written_so(session, actor.org_id, Customer, ("phone",), text)
    return [Match("customer", row.id, row.title) for row in rows]


FINDERS = (Finder("plate", 50, by_plate), Finder("phone", 60, by_phone))
