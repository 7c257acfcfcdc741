"""What access holds against every record that is saved or retired, whichever command touched it."""

from __future__ import annotations

from app.access.actors import placed
from app.access.model import Appointment, Badge, Person, Role
from app.access.rules import above_you, administrators, before, beyond, last_administrator
from app.kernel.access import SYSTEM, Grant
from app.kernel.events import only_of
from app.kernel.standard import Saved
from app.kernel.work import Work
from app.places.model import Site, Warehouse

BUILDS = "places.build"


@only_of(Role, Appointment, Person, Badge)
def keep_ranks(event: Saved, work: Work) -> None:
    """Nobody raises themselves or others above their own grants, or lowers someone who may do more."""
    match event.row:
        case Role() as role:
            work.check(beyond(work, _named(work, role)))
        case Appointment() as appointment:
            work.check(beyond(work, _handed_out(work, appointment)))
        case Person() as person if not event.fresh:
            work.check(above_you(person, work))
        case Badge() as badge:
            work.check(above_you(work.get(Person, badge.person_id, even_retired=bool(badge.retired)), work))


@only_of(Site, Warehouse)
def keep_places(event: Saved, work: Work) -> None:
    """Who looks after bins does not thereby build sites and warehouses, or choose what a warehouse lets people take."""
    match event.row:
        case Site() as site:
            work.check(beyond(work, [Grant(BUILDS, site.id)]))
        case Warehouse() as warehouse:
            work.check(beyond(work, [Grant(BUILDS, warehouse.site_id)]))


@only_of(Person, Role, Appointment)
def keep_an_administrator(event: Saved, work: Work) -> None:
    """The last one who looks after people and roles stays; only the set-up works before there is one."""
    if event.fresh or work.envelope.actor_id == SYSTEM or not isinstance(event.row, Person | Role | Appointment):
        return
    work.session.flush()
    work.check(last_administrator(administrators(work.session, work.envelope.org_id)))


def _named(work: Work, role: Role) -> set[Grant]:
    """What a role gives, and what it gave before it was changed."""
    return {Grant(name) for name in (*(role.grants or ()), *(before(work, role).get("grants") or ()))}


def _handed_out(work: Work, appointment: Appointment) -> set[Grant]:
    """What an appointment gives, and what it gave before it was changed."""
    was = before(work, appointment)
    found: set[Grant] = set()
    for role_id, place_id in (
        (appointment.role_id, appointment.place_id),
        (was.get("role_id", appointment.role_id), was.get("place_id", appointment.place_id)),
    ):
        found |= placed(work.session, work.get(Role, role_id, even_retired=True).grants or (), place_id)
    return found
