"""What people see of the company's Odoo: where a record stands there, what is matched with what, and what somebody must settle.

The hub's bridge writes all of it through one command (see `commands.NoteInOdoo`). Ids follow from what a row is about, so that
the bridge names the same row again after any accident.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.kernel.entity import ABOUT, About, Entity, Has, Sync, choice, data, flag, link, quantity, text, time, whole
from app.kernel.ids import derived_id
from app.kernel.types import Quantity
from app.kernel.words import _
from app.parts.model import Part
from app.places.model import Bin

WAITING, THERE, STUCK = "waiting", "there", "stuck"
LINK_STATES = ((WAITING, _("Waits for Odoo")), (THERE, _("In Odoo")), (STUCK, _("Stuck")))
OPEN, MATCHED = "open", "matched"
MATCH_STATES = ((OPEN, _("To be chosen")), (MATCHED, _("Matched")))
KINDS = (
    ("tax", _("Tax")),
    ("unit", _("Unit")),
    ("warehouse", _("Warehouse")),
    ("bin", _("Bin")),
    ("channel", _("Way of paying")),
    ("product", _("Part")),
    ("partner", _("Customer")),
    ("person", _("Person")),
)
AGAIN, LET_GO, DONE = "again", "let_go", "done"
LETTER_STATES = ((OPEN, _("Open")), (AGAIN, _("Is tried again")), (LET_GO, _("Let go")), (DONE, _("Done")))
RETRY, MAPPING, HUMAN = "retry", "mapping", "human"
VERDICTS = (
    (RETRY, _("Is tried again by itself")),
    (MAPPING, _("Something must be matched")),
    (HUMAN, _("Somebody must decide")),
)
COUNTING, SETTLED = "counting", "settled"
DIFFERENCE_STATES = ((OPEN, _("Open")), (COUNTING, _("Is counted")), (SETTLED, _("Settled")))
OURS, THEIRS, COUNT, GONE = "ours", "theirs", "count", "gone"
SETTLED_HOW = (
    (OURS, _("Our number stands")),
    (THEIRS, _("Odoo's number was taken")),
    (COUNT, _("It was counted")),
    (GONE, _("Both agree again")),
)
IN_STEP, SENDING, AWAY, PAUSED = "in_step", "sending", "away", "paused"
HEALTHS = (
    (IN_STEP, _("In step")),
    (SENDING, _("Sending")),
    (AWAY, _("Odoo does not answer")),
    (PAUSED, _("Paused")),
)


class OdooHealth(Entity):
    """How the hub and Odoo stand to each other: one row an organisation, written when that changes and now and then."""

    __tablename__ = "odoo_health"
    __about__ = About(
        _("Connection to Odoo"),
        _("Connections to Odoo"),
        sync=Sync.REFERENCE,
        title=("database",),
        natural=("database",),
        has=Has.NOTHING,
        form=False,
    )
    database: Mapped[str] = text(_("Database"), size=120, default="")
    url: Mapped[str] = text(_("Web address"), size=500, required=False)
    version: Mapped[str] = text(_("Version"), size=40, required=False)
    state: Mapped[str] = choice(_("State"), HEALTHS, default=IN_STEP)
    waiting: Mapped[int] = whole(_("Waits"), default=0)
    told_at: Mapped[datetime | None] = time(_("As of"), required=False)
    answered_at: Mapped[datetime | None] = time(_("Odoo last answered"), required=False)
    sent_at: Mapped[datetime | None] = time(_("Last sent"), required=False)
    taken_at: Mapped[datetime | None] = time(_("Last taken"), required=False)
    compared_at: Mapped[datetime | None] = time(_("Last compared"), required=False)
    message: Mapped[str] = text(_("What is so"), size=500, required=False)
    hint: Mapped[str] = text(_("What to do"), size=500, required=False)
    detail: Mapped[Any] = data(_("Values"))


class OdooLink(Entity):
    """Where one of our records stands in Odoo: its name there and the page that shows it. One row a record."""

    __tablename__ = "odoo_link"
    __about__ = About(
        _("Record in Odoo"),
        _("Records in Odoo"),
        sync=Sync.REFERENCE,
        natural=("entity", "row_id"),
        has=Has.EXPORT,
        form=False,
    )
    entity: Mapped[str] = text(_("Kind of record"), size=64)
    row_id: Mapped[UUID] = link("", _("Record"))
    model: Mapped[str] = text(_("Model"), size=64, required=False)
    number: Mapped[int | None] = whole(_("Number in Odoo"), required=False)
    name: Mapped[str] = text(_("Name in Odoo"), required=False, personal=ABOUT)
    address: Mapped[str] = text(_("Page in Odoo"), size=500, required=False)
    state: Mapped[str] = choice(_("State"), LINK_STATES, default=WAITING)
    at: Mapped[datetime | None] = time(_("Last in step"), required=False)


Index("ix_odoo_link_name", OdooLink.org_id, OdooLink.name)


class OdooMatch(Entity):
    """Something of ours that somebody says what it is in Odoo, such as a tax. `ours` is its code or id; `theirs` is Odoo's id."""

    __tablename__ = "odoo_match"
    __about__ = About(
        _("Match with Odoo"),
        _("Matches with Odoo"),
        sync=Sync.REFERENCE,
        title=("ours_title",),
        natural=("kind", "ours"),
        form=False,
    )
    kind: Mapped[str] = choice(_("Kind"), KINDS)
    ours: Mapped[str] = text(_("Ours"), size=80)
    ours_title: Mapped[str] = text(_("Here it is called"), required=False)
    theirs: Mapped[int | None] = whole(_("Number in Odoo"), required=False)
    theirs_name: Mapped[str] = text(_("In Odoo it is called"), required=False)
    state: Mapped[str] = choice(_("State"), MATCH_STATES, default=OPEN)


class OdooThing(Entity):
    """Something in Odoo that ours may be matched with."""

    __tablename__ = "odoo_thing"
    __about__ = About(
        _("Choice in Odoo"),
        _("Choices in Odoo"),
        sync=Sync.REFERENCE,
        natural=("kind", "number"),
        has=Has.NOTHING,
        form=False,
    )
    kind: Mapped[str] = choice(_("Kind"), KINDS)
    number: Mapped[int] = whole(_("Number in Odoo"))
    name: Mapped[str] = text(_("Name in Odoo"))
    active: Mapped[bool] = flag(_("In use"), default=True)


Index("ix_odoo_thing_kind", OdooThing.org_id, OdooThing.kind, OdooThing.name)


class OdooLetter(Entity):
    """A record that Odoo would not take: why, since when, and who looks after it. One row a record, opened again where need be.

    `said` and `hint` are sentences with gaps, `detail` fills them, as in a `Problem`.
    """

    __tablename__ = "odoo_letter"
    __about__ = About(
        _("Dead letter"),
        _("Dead letters"),
        sync=Sync.REFERENCE,
        title=("subject",),
        natural=("entity", "row_id"),
        form=False,
    )
    entity: Mapped[str] = text(_("Kind of record"), size=64)
    row_id: Mapped[UUID] = link("", _("Record"))
    subject: Mapped[str] = text(_("About"), personal=ABOUT)
    verdict: Mapped[str] = choice(_("What it needs"), VERDICTS, default=HUMAN)
    code: Mapped[str] = text(_("Finding"), size=64)
    said: Mapped[str] = text(_("What is so"), size=500, personal=ABOUT)
    hint: Mapped[str] = text(_("What to do"), size=500, required=False, personal=ABOUT)
    detail: Mapped[Any] = data(_("Values"), personal=ABOUT)
    since: Mapped[datetime] = time(_("Since"))
    owner_id: Mapped[UUID | None] = link("person", _("Whose"), required=False)
    tries: Mapped[int] = whole(_("Tries"), default=0)
    state: Mapped[str] = choice(_("State"), LETTER_STATES, default=OPEN)
    reason: Mapped[str] = text(_("Why it was let go"), size=500, required=False)


class OdooDifference(Entity):
    """A bin of which Odoo says another number than we do. `ours` and `theirs` are the numbers as they were at `as_of`."""

    __tablename__ = "odoo_difference"
    __about__ = About(
        _("Difference with Odoo"),
        _("Differences with Odoo"),
        sync=Sync.REFERENCE,
        title=("subject",),
        natural=("part_id", "bin_id", "lot"),
        form=False,
    )
    subject: Mapped[str] = text(_("About"))
    part_id: Mapped[UUID] = link(Part, _("Part"))
    bin_id: Mapped[UUID] = link(Bin, _("Bin"))
    lot: Mapped[str] = text(_("Lot"), size=60, required=False)
    ours: Mapped[Quantity] = quantity(_("Here"))
    theirs: Mapped[Quantity] = quantity(_("In Odoo"))
    as_of: Mapped[datetime] = time(_("As of"))
    state: Mapped[str] = choice(_("State"), DIFFERENCE_STATES, default=OPEN)
    settled_how: Mapped[str | None] = choice(_("How it was settled"), SETTLED_HOW, required=False)
    reason: Mapped[str] = text(_("Reason"), size=255, required=False)


def health_id(org_id: UUID) -> UUID:
    return derived_id(org_id, OdooHealth.__tablename__)


def link_id(row_id: UUID) -> UUID:
    """The id of the row that says where a record stands in Odoo."""
    return derived_id(row_id, OdooLink.__tablename__)


def letter_id(row_id: UUID) -> UUID:
    return derived_id(row_id, OdooLetter.__tablename__)


def match_id(org_id: UUID, kind: str, ours: str) -> UUID:
    return derived_id(org_id, OdooMatch.__tablename__, f"{kind}:{ours}")


def thing_id(org_id: UUID, kind: str, number: int) -> UUID:
    return derived_id(org_id, OdooThing.__tablename__, f"{kind}:{number}")


def difference_id(part_id: UUID, bin_id: UUID, lot: str = "") -> UUID:
    return derived_id(part_id, OdooDifference.__tablename__, f"{bin_id.hex}:{lot}")
