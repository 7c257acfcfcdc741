"""What access holds against every saved or retired record of its own, whichever command touched it."""

from __future__ import annotations

from app.access.actors import placed
from app.access.model import Appointment, Badge, Person, Role
from app.access.rules import above_you, administrators, beyond, last_administrator
from app.kernel.access import SYSTEM, Grant
from app.kernel.capture import Capture
from app.kernel.entity import Entity
from app.kernel.standard import Saved
from app.kernel.work import Work
from app.places.model import Site, Warehouse

BUILDS = "places.build"


def keep_ranks(event: Saved, work: Work) -> None:
    """Nobody raises themselves or others above their own grants, or lowers someone who may do more."""
    match event.row:
        case Role() as role:
            work.check(beyond(work, [Grant(name) for name in {*(role.grants or ()), *_before(work, role).get("grants", ())}]))
        case Appointment() as appointment:
            work.check(beyond(work, _handed_out(work, appointment)))
        case Person() as person if not event.fresh:
            work.check(above_you(person, work))
        case Badge() as badge:
            work.check(above_you(work.get(Person, badge.person_id), work))
        case Site() | Warehouse():
            work.check(beyond(work, [Grant(BUILDS)]))


def keep_an_administrator(event: Saved, work: Work) -> None:
    """The last one who looks after people and roles stays; only the set-up works before there is one."""
    if event.fresh or work.envelope.actor_id == SYSTEM or not isinstance(event.row, Person | Role | Appointment):
        return
    work.session.flush()
    work.check(last_administrator(administrators(work.session, work.envelope.org_id)))


def _handed_out(work: Work, appointment: Appointment) -> set[Grant]:
    """What an appointment gives, and what it gave before it was changed."""
    found: set[Grant] = set()
    before = {"role_id": appointment.role_id, "place_id": appointment.place_id, **_before(work, appointment)}
    for role_id, place in ((appointment.role_id, appointment.place_id), (before["role_id"], before["place_id"])):
        with work.session.no_autoflush:
            role = work.get(Role, role_id)
            found |= placed(work.session, role.grants or (), place)
    return found
