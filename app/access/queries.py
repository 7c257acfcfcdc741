"""What people ask about people: who works here, what they may do, which badges are out, and who is here."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import func, select

from app.access.model import Appointment, Badge, Person, Presence, Role
from app.kernel.queries import Ask, Asking, Column, Query
from app.kernel.words import _

READ = "access.read"


def people(_asking: Asking) -> Ask:
    statement = select(
        Person.id.label("id"),
        Person.name.label("name"),
        Person.username.label("username"),
        Person.status.label("status"),
        Person.email.label("email"),
        Person.pin.is_not(None).label("has_pin"),
    ).where(Person.retired.is_(False))
    columns = (
        Column("name", _("Name")),
        Column("username", _("User name")),
        Column("status", _("Status"), "choice"),
        Column("email", _("E-mail"), empty=True),
        Column("has_pin", _("Has a PIN"), "flag"),
    )
    return Ask(statement, columns, order="name", reads=frozenset({"person"}))


def roles(_asking: Asking) -> Ask:
    holders = (
        select(func.count(func.distinct(Appointment.person_id)))
        .where(Appointment.role_id == Role.id, Appointment.retired.is_(False))
        .correlate(Role)
        .scalar_subquery()
    )
    statement = select(
        Role.id.label("id"),
        Role.code.label("code"),
        Role.name.label("name"),
        Role.needs_pin.label("needs_pin"),
        holders.label("holders"),
    ).where(Role.retired.is_(False))
    columns = (
        Column("code", _("Code")),
        Column("name", _("Name")),
        Column("needs_pin", _("Badge and PIN"), "flag"),
        Column("holders", _("People"), "number"),
    )
    return Ask(statement, columns, order="code", reads=frozenset({"role", "appointment"}))


def roles_held(_asking: Asking, *, person: UUID) -> Ask:
    statement = (
        select(
            Appointment.id.label("id"), Role.code.label("code"), Role.name.label("name"), Appointment.place_id.label("place_id")
        )
        .join(Role, Role.id == Appointment.role_id)
        .where(Appointment.person_id == person, Appointment.retired.is_(False), Role.retired.is_(False))
    )
    columns = (Column("code", _("Code")), Column("name", _("Role")), Column("place_id", _("Only at"), "link", empty=True))
    return Ask(statement, columns, order="code", reads=frozenset({"role", "appointment"}))


def badges(_asking: Asking, *, person: UUID | None = None) -> Ask:
    statement = (
        select(
            Badge.id.label("id"),
            Person.name.label("person"),
            Badge.kind.label("kind"),
            Badge.active.label("active"),
            Badge.made_at.label("given"),
        )
        .join(Person, Person.id == Badge.person_id)
        .where(Badge.retired.is_(False))
    )
    columns = (
        Column("person", _("Person")),
        Column("kind", _("Kind"), "choice"),
        Column("active", _("In use"), "flag"),
        Column("given", _("Given"), "moment"),
    )
    chosen = statement.where(Badge.person_id == person) if person else statement
    return Ask(chosen, columns, order="person", reads=frozenset({"badge", "person"}))


def presences(_asking: Asking) -> Ask:
    statement = (
        select(
            Presence.id.label("id"),
            Person.name.label("person"),
            Presence.terminal_id.label("terminal_id"),
            Presence.how.label("how"),
            Presence.started.label("started"),
        )
        .join(Person, Person.id == Presence.person_id)
        .where(Presence.ended.is_(None), Presence.retired.is_(False))
    )
    columns = (
        Column("person", _("Person")),
        Column("terminal_id", _("Terminal"), "link"),
        Column("how", _("Signed in by")),
        Column("started", _("Since"), "moment"),
    )
    return Ask(statement, columns, order="started", reads=frozenset({"presence", "person"}))


QUERIES = (
    Query("people", people, READ, _("Everyone who works here, by name.")),
    Query("roles", roles, READ, _("The roles there are, and how many people hold each.")),
    Query("roles_held", roles_held, READ, _("The roles of one person, and where they hold.")),
    Query("badges", badges, READ, _("The badges that were given out, of everyone or of one person.")),
    Query("presences", presences, READ, _("Who is signed in now, at which terminal and since when.")),
)
