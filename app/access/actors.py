"""From a person's row to what they may do now: the grants of their appointments, each with its place."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.access.model import Appointment, Person, Role
from app.kernel.access import Actor, Grant, grants_match
from app.kernel.many import among_given, on_hub, with_ids
from app.places.model import Warehouse

SEES_PLACES = "places.read"
Held = Any  # a row: the role that somebody holds, its code, home, grants and needs_pin, and where
Inside = Mapping[UUID, tuple[Sequence[UUID], UUID | None]]


def actor_of(session: Session, ident: UUID) -> Actor | None:
    """The person as somebody who acts; None for nobody. Whoever is not active holds no grant at all."""
    return actors_of(session, [ident]).get(ident)


def actors_of(session: Session, idents: Collection[UUID]) -> dict[UUID, Actor]:
    """The same of several, looked up together; nobody is left out but who is nobody."""
    persons = with_ids(session, Person, idents)
    held = _roles_of_all(session, [person for person in persons if is_active(person)])
    inside = _insides(session, {role.place_id for roles in held.values() for role in roles if role.place_id})
    return {person.id: _actor(person, held.get(person.id, []), inside) for person in persons}


def _actor(person: Person, roles: Sequence[Held], inside: Inside) -> Actor:
    home = person.home or next((role.home or role.code for role in roles), "")
    grants = frozenset(grant for role in roles for grant in _placed(role.grants or [], role.place_id, inside))
    return Actor(person.id, person.org_id, person.name, grants, is_active(person), person.language or "en", home=home)


def is_active(person: Person) -> bool:
    return person.status == "active" and not person.retired


def roles_of(session: Session, person: Person) -> list[Held]:
    """Code, home, grants, needs_pin and place_id of every role that someone holds now, by its code."""
    return _roles_of_all(session, [person])[person.id]


def _roles_of_all(session: Session, persons: Collection[Person]) -> dict[UUID, list[Held]]:
    found: dict[UUID, list[Held]] = {person.id: [] for person in persons}
    if not found:
        return found
    whose = {person.id: person.org_id for person in persons}
    for role in session.execute(_roles_wanted(on_hub(session)), {"given": list(found)}):
        if role.org_id == whose[role.person_id]:
            found[role.person_id].append(role)
    return found


@cache
def _roles_wanted(hub: bool) -> Any:
    return (
        select(Role.code, Role.home, Role.grants, Role.needs_pin, Appointment.place_id, Appointment.person_id, Role.org_id)
        .join(Appointment, (Appointment.role_id == Role.id) & (Appointment.org_id == Role.org_id))
        .where(among_given(Appointment.person_id, hub))
        .where(Appointment.retired.is_(False), Role.retired.is_(False))
        .order_by(Role.code)
    )


def placed(session: Session, names: Iterable[str], place: UUID | None) -> set[Grant]:
    """The grants of one role held at one place. Who works in a warehouse also sees the warehouses of its site."""
    return _placed(names, place, _insides(session, {place} if place else ()))


def _placed(names: Iterable[str], place: UUID | None, inside: Inside) -> set[Grant]:
    if place is None:
        return {Grant(name) for name in names}
    rooms, site = inside[place]
    found = {Grant(name, one) for name in names for one in (place, *rooms)}
    return found | {Grant(SEES_PLACES, site)} if site else found


def _insides(session: Session, places: Collection[UUID]) -> Inside:
    """Of each place the warehouses in it, and the site that it is in where it is a warehouse itself."""
    found: dict[UUID, tuple[list[UUID], UUID | None]] = {place: ([], None) for place in places}
    if not found:
        return found
    for room, site in session.execute(_rooms_wanted(on_hub(session)), {"given": list(places)}):
        if room in found:
            found[room] = (found[room][0], site)
        if site in found:
            found[site][0].append(room)
    return found


@cache
def _rooms_wanted(hub: bool) -> Any:
    which = or_(among_given(Warehouse.id, hub), among_given(Warehouse.site_id, hub))
    return select(Warehouse.id, Warehouse.site_id).where(which)


def covers(actor: Actor, wanted: Grant) -> bool:
    """Whether an actor holds a grant at least as wide as this one."""
    return any(grants_match(held.name, wanted.name) and held.place in (None, wanted.place) for held in actor.grants)
