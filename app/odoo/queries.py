"""What people ask about Odoo: what is stuck, what is to be matched, where records stand, and where stock differs."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from uuid import UUID

from sqlalchemy import case, or_, select

from app.access.model import Person
from app.kernel.outgoing import age
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.words import _, say
from app.odoo.model import (
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


def odoo_health(_asking: Asking) -> Ask:
    """How the hub stands to Odoo."""
    statement = select(
        OdooHealth.id.label("id"),
        OdooHealth.database.label("database"),
        OdooHealth.state.label("state"),
        OdooHealth.waiting.label("waiting"),
        OdooHealth.told_at.label("told_at"),
        OdooHealth.answered_at.label("answered_at"),
        OdooHealth.sent_at.label("sent_at"),
        OdooHealth.taken_at.label("taken_at"),
        OdooHealth.compared_at.label("compared_at"),
        OdooHealth.version.label("version"),
        OdooHealth.url.label("url"),
        OdooHealth.message.label("message"),
        OdooHealth.hint.label("hint"),
        OdooHealth.detail.label("detail"),
    ).where(OdooHealth.retired.is_(False))
    columns = (
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
    return Ask(statement, columns, order="database", reads=frozenset({"odoo_health"}), told=_health_told)


def odoo_letters(asking: Asking, *, open: bool = False, mine: bool = False) -> Ask:
    """What Odoo would not take, the oldest first; `open` leaves out what is let go or done, `mine` what others look after."""
    statement = (
        select(
            OdooLetter.id.label("id"),
            OdooLetter.subject.label("subject"),
            OdooLetter.said.label("said"),
            OdooLetter.hint.label("hint"),
            OdooLetter.since.label("since"),
            OdooLetter.since.label("age"),
            OdooLetter.entity.label("kind"),
            Person.name.label("owner"),
            OdooLetter.verdict.label("verdict"),
            OdooLetter.tries.label("tries"),
            OdooLetter.state.label("state"),
            OdooLetter.code.label("code"),
            OdooLetter.reason.label("reason"),
            OdooLetter.entity.label("entity"),
            OdooLetter.row_id.label("row"),
            OdooLetter.detail.label("detail"),
        )
        .outerjoin(Person, Person.id == OdooLetter.owner_id)
        .where(OdooLetter.retired.is_(False))
    )
    if open:
        statement = statement.where(OdooLetter.state.in_((OPEN, "again")))
    if mine:
        statement = statement.where(or_(OdooLetter.owner_id == asking.actor.id, OdooLetter.owner_id.is_(None)))
    columns = (
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
    return Ask(statement, columns, order="since", reads=frozenset({"odoo_letter", "person"}), told=partial(_letters_told, asking))


def odoo_matches(_asking: Asking, *, open: bool = False, kind: str = "") -> Ask:
    """What is ours and what it is in Odoo, what is still to be chosen first."""
    statement = select(
        OdooMatch.id.label("id"),
        case((OdooMatch.state == OPEN, 0), else_=1).label("place"),
        OdooMatch.kind.label("kind"),
        OdooMatch.ours_title.label("ours_title"),
        OdooMatch.theirs_name.label("theirs_name"),
        OdooMatch.state.label("state"),
        OdooMatch.ours.label("ours"),
        OdooMatch.theirs.label("theirs"),
    ).where(OdooMatch.retired.is_(False))
    statement = statement.where(OdooMatch.state == OPEN) if open else statement
    statement = statement.where(OdooMatch.kind == kind) if kind else statement
    columns = (
        Column("place", _("Open first"), "number"),
        Column("kind", _("Kind"), "choice"),
        Column("ours_title", _("Here it is called"), empty=True),
        Column("theirs_name", _("In Odoo it is called"), empty=True),
        Column("state", _("State"), "choice"),
        Column("ours", _("Ours")),
        Column("theirs", _("Number in Odoo"), "number", empty=True),
    )
    return Ask(statement, columns, order="place", reads=frozenset({"odoo_match"}))


def odoo_choices(_asking: Asking, *, match: UUID) -> Ask:
    """What one of ours may be matched with: everything of its kind that Odoo uses."""
    kind = select(OdooMatch.kind).where(OdooMatch.id == match).scalar_subquery()
    statement = select(OdooThing.id.label("id"), OdooThing.name.label("name"), OdooThing.number.label("number")).where(
        OdooThing.retired.is_(False), OdooThing.active.is_(True), OdooThing.kind == kind
    )
    columns = (Column("name", _("Name in Odoo")), Column("number", _("Number in Odoo"), "number"))
    return Ask(statement, columns, order="name", reads=frozenset({"odoo_thing", "odoo_match"}))


LINK_COLUMNS = (
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


def odoo_links(asking: Asking, *, state: str = "") -> Ask:
    """Where records stand in Odoo."""
    statement = select(
        OdooLink.id.label("id"),
        OdooLink.entity.label("entity"),
        OdooLink.entity.label("kind"),
        OdooLink.name.label("name"),
        OdooLink.state.label("state"),
        OdooLink.at.label("at"),
        OdooLink.model.label("model"),
        OdooLink.number.label("number"),
        OdooLink.address.label("address"),
        OdooLink.row_id.label("row"),
    ).where(OdooLink.retired.is_(False))
    statement = statement.where(OdooLink.state == state) if state else statement
    return Ask(statement, LINK_COLUMNS, order="name", reads=frozenset({"odoo_link"}), told=partial(_kinds_told, asking))


def odoo_of(asking: Asking, *, row: UUID) -> Ask:
    """Where one record stands in Odoo."""
    whole = odoo_links(asking)
    return Ask(whole.statement.where(OdooLink.row_id == row), LINK_COLUMNS, order="name", reads=whole.reads, told=whole.told)


def odoo_differences(_asking: Asking, *, open: bool = False) -> Ask:
    """Bins of which Odoo says another number, the latest comparison first; `open` leaves out the settled."""
    statement = (
        select(
            OdooDifference.id.label("id"),
            Part.name.label("part"),
            Bin.code.label("bin"),
            OdooDifference.lot.label("lot"),
            OdooDifference.ours.label("ours"),
            OdooDifference.theirs.label("theirs"),
            OdooDifference.as_of.label("as_of"),
            OdooDifference.state.label("state"),
            OdooDifference.settled_how.label("settled_how"),
            OdooDifference.reason.label("reason"),
        )
        .join(Part, Part.id == OdooDifference.part_id)
        .join(Bin, Bin.id == OdooDifference.bin_id)
        .where(OdooDifference.retired.is_(False))
    )
    statement = statement.where(OdooDifference.state.in_((OPEN, COUNTING))) if open else statement
    columns = (
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
    return Ask(statement, columns, order="-as_of", reads=frozenset({"odoo_difference", "part", "bin"}))


def _letters_told(asking: Asking, rows: list[Row]) -> list[Row]:
    now = datetime.now(UTC)
    return [{**row, "age": age(row["since"], now)} for row in _kinds_told(asking, _said(rows, "said", "hint"))]


def _health_told(rows: list[Row]) -> list[Row]:
    return _said(rows, "message", "hint")


def _said(rows: list[Row], *names: str) -> list[Row]:
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
