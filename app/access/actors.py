"""From a person's row to what they may do now: the grants of their appointments, each with its place."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from sqlalchemy import Row, select
from sqlalchemy.orm import Session

from app.access.model import Appointment, Person, Role
from app.kernel.access import Actor, Grant, grants_match
from app.places.model import Warehouse

SEES_PLACES = "places.read"


def actor_of(session: Session, ident: UUID) -> Actor | None:
    """The person as somebody who acts; None for nobody. Whoever is not active holds no grant at all."""
    person = session.get(Person, ident)
    if person is None:
        return None
    roles = roles_of(session, person) if is_active(person) else []
    home = person.home or next((role.home or role.code for role in roles), "")
    return Actor(
        person.id, person.org_id, person.name, grants_of(session, roles), is_active(person), person.language or "en", home=home
    )


def is_active(person: Person) -> bool:
    return person.status == "active" and not person.retired


def roles_of(session: Session, person: Person) -> list[Row[tuple[str, str | None, list[str] | None, bool, UUID | None]]]:
    """Code, home, grants, needs_pin and place_id of every role that someone holds now, by its code."""
    wanted = (
        select(Role.code, Role.home, Role.grants, Role.needs_pin, Appointment.place_id)
        .join(Appointment, Appointment.role_id == Role.id)
        .where(Appointment.person_id == person.id, Appointment.org_id == person.org_id, Role.org_id == person.org_id)
        .where(Appointment.retired.is_(False), Role.retired.is_(False))
        .order_by(Role.code)
    )
    return list(session.execute(wanted))


def grants_of(
    session: Session, roles: Iterable[Row[tuple[str, str | None, list[str] | None, bool, UUID | None]]]
) -> frozenset[Grant]:
    """What the roles add up to. One held at a site holds in its warehouses too."""
    found: set[Grant] = set()
    for role in roles:
        names = role.grants or []
        found |= placed(session, names, role.place_id)
    return frozenset(found)


def placed(session: Session, names: Iterable[str], place: UUID | None) -> set[Grant]:
    """The grants of one role held at one place. Who works in a warehouse also sees the warehouses of its site."""
    if place is None:
        return {Grant(name) for name in names}
    inside = session.scalars(select(Warehouse.id).where(Warehouse.site_id == place)).all()
    found = {Grant(name, one) for name in names for one in (place, *inside)}
    site = session.scalar(select(Warehouse.site_id).where(Warehouse.id == place))
    return found | {Grant(SEES_PLACES, site)} if site else found


def covers(actor: Actor, wanted: Grant) -> bool:
    """Whether an actor holds a grant at least as wide as this one."""
    return any(grants_match(held.name, wanted.name) and held.place in (None, wanted.place) for held in actor.grants)
