"""What people ask about Odoo: what is stuck, what is to be matched, where records stand, and where stock differs."""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, case, or_, select

from app.access.model import Person
from app.kernel.entity import Entity
from app.kernel.outgoing import age
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.words import _, say
from app.odoo.model import (
    AGAIN,
    COUNTING,
    OPEN,
    OdooDifference,
    OdooHealth,
    OdooLetter,
    OdooLink,
    OdooMatch,
    OdooThing,
)
from app.parts.model import Part
from app.places.model import Bin

SEES = "odoo.read"
HEALTH = (
    Column("database", _("Database")),
    Column("state", _("State"), "choice"),
    Column("waiting", _("Waits"), "number"),
    Column("told_at", _("As of"), "moment", empty=True),
    Column("answered_at", _("Odoo last answered"), "moment", empty=True),
    Column("sent_at", _("Last sent"), "moment", empty=True),
    Column("taken_at", _("Last taken"), "moment", empty=True),
    Column("compared_at", _("Last compared"), "moment", empty=True),
    Column("version", _("Version"), empty=True),
    Column("url", _("Web address"), empty=True),
    Column("message", _("What is so"), empty=True),
    Column("hint", _("What to do"), empty=True),
    Column("detail", _("Values"), "data", empty=True),
)
LETTERS = (
    Column("subject", _("About")),
    Column("said", _("What is so")),
    Column("hint", _("What to do"), empty=True),
    Column("since", _("Since"), "moment"),
    Column("age", _("Age")),
    Column("kind", _("Kind of record")),
    Column("owner", _("Whose"), empty=True),
    Column("verdict", _("What it needs"), "choice"),
    Column("tries", _("Tries"), "number"),
    Column("state", _("State"), "choice"),
    Column("reason", _("Why it was let go"), empty=True),
    Column("code", _("Finding")),
    Column("entity", _("Table")),
    Column("row", _("Record"), "link"),
    Column("detail", _("Values"), "data", empty=True),
)
MATCHES = (
    Column("place", _("Open first"), "number"),
    Column("kind", _("Kind"), "choice"),
    Column("ours_title", _("Here it is called"), empty=True),
    Column("theirs_name", _("In Odoo it is called"), empty=True),
    Column("state", _("State"), "choice"),
    Column("ours", _("Ours")),
    Column("theirs", _("Number in Odoo"), "number", empty=True),
)
LINKS = (
    Column("kind", _("Kind of record")),
    Column("name", _("Name in Odoo"), empty=True),
    Column("state", _("State"), "choice"),
    Column("at", _("Last in step"), "moment", empty=True),
    Column("model", _("Model"), empty=True),
    Column("number", _("Number in Odoo"), "number", empty=True),
    Column("address", _("Page in Odoo"), empty=True),
    Column("entity", _("Table")),
    Column("row", _("Record"), "link"),
)
DIFFERENCES = (
    Column("part", _("Part")),
    Column("bin", _("Bin")),
    Column("lot", _("Lot"), empty=True),
    Column("ours", _("Here"), "quantity"),
    Column("theirs", _("In Odoo"), "quantity"),
    Column("as_of", _("As of"), "moment"),
    Column("state", _("State"), "choice"),
    Column("settled_how", _("How it was settled"), "choice", empty=True),
    Column("reason", _("Reason"), empty=True),
)


def _named(entity: type[Entity], columns: tuple[Column, ...], **others: Any) -> Iterator[ColumnElement[Any]]:
    """What a select takes: the row's id, and each column by its name, or what is given for it."""
    for name in ("id", *(column.name for column in columns)):
        column = others[name] if name in others else getattr(entity, name)
        yield column.label(name)


def odoo_health(_asking: Asking) -> Ask:
    """How the hub stands to Odoo."""
    statement = select(*_named(OdooHealth, HEALTH)).where(OdooHealth.retired.is_(False))
    told = partial(_said, names=("message", "hint"))
    return Ask(statement, HEALTH, order="database", reads=frozenset({"odoo_health"}), told=told)


def odoo_letters(asking: Asking, *, open: bool = False, mine: bool = False) -> Ask:
    """What Odoo would not take, the oldest first; `open` leaves out what is let go or done, `mine` what others look after."""
    own = {"age": OdooLetter.since, "kind": OdooLetter.entity, "owner": Person.name, "row": OdooLetter.row_id}
    statement = select(*_named(OdooLetter, LETTERS, **own)).outerjoin(Person, Person.id == OdooLetter.owner_id)
    statement = statement.where(OdooLetter.retired.is_(False))
    if open:
        statement = statement.where(OdooLetter.state.in_((OPEN, AGAIN)))
    if mine:
        statement = statement.where(or_(OdooLetter.owner_id == asking.actor.id, OdooLetter.owner_id.is_(None)))
    reads = frozenset({"odoo_letter", "person"})
    return Ask(statement, LETTERS, order="since", reads=reads, told=partial(_letters_told, asking))


def odoo_matches(_asking: Asking, *, open: bool = False, kind: str = "") -> Ask:
    """What is ours and what it is in Odoo, what is still to be chosen first."""
    place = case((OdooMatch.state == OPEN, 0), else_=1)
    statement = select(*_named(OdooMatch, MATCHES, place=place)).where(OdooMatch.retired.is_(False))
    statement = statement.where(OdooMatch.state == OPEN) if open else statement
    statement = statement.where(OdooMatch.kind == kind) if kind else statement
    return Ask(statement, MATCHES, order="place", reads=frozenset({"odoo_match"}))


def odoo_choices(_asking: Asking, *, match: UUID) -> Ask:
    """What one of ours may be matched with: everything of its kind that Odoo uses."""
    columns = (Column("name", _("Name in Odoo")), Column("number", _("Number in Odoo"), "number"))
    kind = select(OdooMatch.kind).where(OdooMatch.id == match).scalar_subquery()
    there = OdooThing.retired.is_(False), OdooThing.active.is_(True), OdooThing.kind == kind
    statement = select(*_named(OdooThing, columns)).where(*there)
    return Ask(statement, columns, order="name", reads=frozenset({"odoo_thing", "odoo_match"}))


def odoo_links(asking: Asking, *, state: str = "") -> Ask:
    """Where records stand in Odoo."""
    own = {"kind": OdooLink.entity, "row": OdooLink.row_id}
    statement = select(*_named(OdooLink, LINKS, **own)).where(OdooLink.retired.is_(False))
    statement = statement.where(OdooLink.state == state) if state else statement
    return Ask(statement, LINKS, order="name", reads=frozenset({"odoo_link"}), told=partial(_kinds_told, asking))


def odoo_of(asking: Asking, *, row: UUID) -> Ask:
    """Where one record stands in Odoo."""
    whole = odoo_links(asking)
    return Ask(whole.statement.where(OdooLink.row_id == row), LINKS, order="name", reads=whole.reads, told=whole.told)


def odoo_differences(_asking: Asking, *, open: bool = False) -> Ask:
    """Bins of which Odoo says another number, the latest comparison first; `open` leaves out the settled."""
    statement = (
        select(*_named(OdooDifference, DIFFERENCES, part=Part.name, bin=Bin.code))
        .join(Part, Part.id == OdooDifference.part_id)
        .join(Bin, Bin.id == OdooDifference.bin_id)
        .where(OdooDifference.retired.is_(False))
    )
    statement = statement.where(OdooDifference.state.in_((OPEN, COUNTING))) if open else statement
    return Ask(statement, DIFFERENCES, order="-as_of", reads=frozenset({"odoo_difference", "part", "bin"}))


def _letters_told(asking: Asking, rows: list[Row]) -> list[Row]:
    return [{**row, "age": age(row["since"], asking.now)} for row in _kinds_told(asking, _said(rows, ("said", "hint")))]


def _said(rows: list[Row], names: tuple[str, ...]) -> list[Row]:
    """Sentences with their gaps filled, in the reader's language."""
    return [{**row, **{name: say(row[name] or "", row["detail"] or {}) for name in names}} for row in rows]


def _kinds_told(asking: Asking, rows: list[Row]) -> list[Row]:
    """What people call the entity that a row is about."""
    known = asking.registry.entities
    return [{**row, "kind": say(known[row["kind"]].__about__.label) if row["kind"] in known else row["kind"]} for row in rows]


QUERIES = (
    Query("odoo_health", odoo_health, SEES, _("How the hub stands to Odoo, as of when, and how much waits.")),
    Query("odoo_letters", odoo_letters, SEES, _("What Odoo would not take and why, the oldest first, with whose it is.")),
    Query("odoo_matches", odoo_matches, SEES, _("What ours is in Odoo, what is still to be chosen first.")),
    Query("odoo_choices", odoo_choices, SEES, _("What one of ours may be matched with in Odoo.")),
    Query("odoo_links", odoo_links, SEES, _("Which records stand in Odoo, under which name.")),
    Query("odoo_of", odoo_of, SEES, _("Where one record stands in Odoo.")),
    Query("odoo_differences", odoo_differences, SEES, _("Where our stock and Odoo's differ, with both numbers.")),
)
