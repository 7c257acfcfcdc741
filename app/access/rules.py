"""What must hold for people, roles and badges. The first ones are pure, so that a form may ask them before anyone saves."""

from __future__ import annotations

import re
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.actors import covers, is_active, placed, roles_of
from app.access.model import Appointment, Badge, Person, Role
from app.access.roles import EVERYDAY
from app.kernel.access import SYSTEM, Grant, grants_match
from app.kernel.capture import Capture
from app.kernel.entity import Entity
from app.kernel.problems import Problem
from app.kernel.rows import values
from app.kernel.words import _
from app.kernel.work import Work

ADMINISTERS = "access.edit"
_USERNAME = re.compile(r"[a-z0-9][a-z0-9._-]{1,31}", re.ASCII)
_GRANT = re.compile(r"\*|[a-z_]+\.(\*|[a-z_]+)", re.ASCII)
_HASH = re.compile(r"[0-9a-f]{64}", re.ASCII)


# ------------------------------------------------------------------------------------------------- how things are written


def username_is_shaped(person: Person, _work: Work | None = None) -> Problem | None:
    if _USERNAME.fullmatch(person.username or ""):
        return None
    return Problem(
        "access.username",
        _("“{username}” cannot be a user name."),
        field="username",
        hint=_("Use 2 to 32 of the letters a to z, digits, dots and dashes, for example maria.k."),
        values={"username": (person.username or "")[:40]},
    )


def person_has_a_name(person: Person, _work: Work | None = None) -> Problem | None:
    if (person.name or "").strip():
        return None
    return Problem("access.name", _("This person has no name."), field="name", hint=_("Write the name that colleagues use."))


def grants_are_words(role: Role, _work: Work | None = None) -> Problem | None:
    """Words such as `stock.count`, `stock.*` or `*`, in a list."""
    given = role.grants if role.grants is not None else []
    wrong = (
        next((one for one in given if not (isinstance(one, str) and _GRANT.fullmatch(one))), None)
        if isinstance(given, list)
        else given
    )
    if wrong is None:
        return None
    return Problem(
        "access.grant",
        _("“{grant}” is not a grant."),
        field="grants",
        hint=_("Write a list of words such as stock.count, or stock.* for all of stock."),
        values={"grant": str(wrong)[:40]},
    )


def hash_is_shaped(badge: Badge, _work: Work | None = None) -> Problem | None:
    if _HASH.fullmatch(badge.code_hash or ""):
        return None
    return Problem(
        "access.badge_hash",
        _("A badge is kept as the hash of its code, never as the code itself."),
        field="code_hash",
        hint=_("Give the badge through its own screen, which makes the hash."),
    )


# ------------------------------------------------------------------------------------------------ what belongs to whom


def pin_is_set_apart(person: Person, work: Work) -> Problem | None:
    """A PIN goes through the commands made for it, so that it never stands in a form, a file or an import."""
    touched = "pin" in before(work, person) if person in work.session else bool(person.pin)
    if not touched:
        return None
    return Problem(
        "access.pin_by_hand",
        _("A PIN is not a field of the record."),
        field="pin",
        hint=_("Set it with “New PIN” on the person's page."),
    )


def badge_is_free(badge: Badge, work: Work) -> Problem | None:
    """A badge in use belongs to one person."""
    if badge.active is False or badge.retired:
        return None
    taken = select(Badge.person_id).where(
        Badge.org_id == work.envelope.org_id,
        Badge.code_hash == badge.code_hash,
        Badge.id != badge.id,
        Badge.active.is_(True),
        Badge.retired.is_(False),
    )
    with work.session.no_autoflush:
        owner = work.session.scalars(taken.limit(1)).first()
        person = work.session.get(Person, owner) if owner else None
    if owner is None:
        return None
    return Problem(
        "access.badge_taken",
        _("This badge belongs to {name}."),
        field="code_hash",
        hint=_("Take it back first, or use another badge."),
        values={"name": person.name if person else "–"},
    )


def active_only(person: Person) -> Problem | None:
    if is_active(person):
        return None
    return Problem(
        "access.not_active",
        _("{name} cannot sign in now: the account is not active."),
        values={"name": person.name},
        hint=_("Ask whoever looks after the accounts."),
    )


# ------------------------------------------------------------------------------------------------- who may raise whom


def beyond(work: Work, wanted: Iterable[Grant]) -> Problem | None:
    """Nobody hands out, or takes over, more than they or the colleague who signs it off may do themselves."""
    if work.envelope.actor_id == SYSTEM:
        return None
    signers = [one for one in (work.actor, work.cosigner) if one is not None]
    missing = sorted({grant.name for grant in wanted if not any(covers(one, grant) for one in signers)})
    if not missing:
        return None
    return Problem(
        "access.beyond_you",
        _("This goes beyond what you may do yourself: {grants}."),
        hint=_("Ask an administrator to do it or to sign it off."),
        values={"grants": ", ".join(missing[:5])},
    )


def above_you(person: Person, work: Work) -> Problem | None:
    """Somebody's badge, PIN and status are in the hands of who may do that where they work.

    Where one of their roles gives more than the everyday work of the floor, only of people who may do as much themselves: a
    new PIN or badge would be a way up.
    """
    doing = work.command.grant(work.registry)
    wanted: set[Grant] = set()
    with work.session.no_autoflush:
        for role in roles_of(work.session, person):
            rank = role.grants or () if role.needs_pin else {*(role.grants or ())} - EVERYDAY | {doing}
            wanted |= placed(work.session, rank, role.place_id)
    return beyond(work, wanted)


def before(work: Work, row: Entity) -> dict[str, Any]:
    """The fields that this command has changed on a row, as they were; nothing for a new row."""
    work.session.flush()  # from here on the capture knows them, whatever was flushed on the way
    capture: Capture = work.session.info["capture"]
    change = capture.changes.get((row.__tablename__, row.id))
    return values(type(row), change.before) if change is not None and change.before else {}


def administrators(session: Session, org_id: UUID) -> list[UUID]:
    """Who may change people and roles everywhere, now."""
    wanted = (
        select(Person.id, Role.grants)
        .join(Appointment, Appointment.person_id == Person.id)
        .join(Role, Role.id == Appointment.role_id)
    )
    wanted = wanted.where(Person.org_id == org_id, Person.status == "active", Appointment.place_id.is_(None))
    wanted = wanted.where(Person.retired.is_(False), Appointment.retired.is_(False), Role.retired.is_(False))
    return [person for person, grants in session.execute(wanted) if any(grants_match(held, ADMINISTERS) for held in grants or ())]


def last_administrator(remaining: list[UUID]) -> Problem | None:
    if remaining:
        return None
    return Problem(
        "access.last_administrator",
        _("Then nobody could look after people and roles any more."),
        hint=_("Make someone else an administrator first."),
    )
