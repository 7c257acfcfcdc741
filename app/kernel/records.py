"""The tables behind commands: envelopes in their chain, what each changed, and where people must look."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Index, String, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.entity import WITHOUT_ROWID, About, Entity, Has, LocalRow, Sync, data, integer_key, link, text, time
from app.kernel.types import Json
from app.kernel.words import _

WAITING, CONFIRMED, REFUSED, PARKED, APPLIED, QUESTIONED = "waiting", "confirmed", "refused", "parked", "applied", "questioned"


class EnvelopeRow(LocalRow):
    """An envelope that ran here. On a terminal its state is its way to the hub; at the hub it is the verdict."""

    __tablename__ = "envelope"
    seq: Mapped[int] = integer_key()
    id: Mapped[UUID] = mapped_column(unique=True)
    terminal_id: Mapped[UUID]
    number: Mapped[int]
    command: Mapped[str] = mapped_column(String(64))
    org_id: Mapped[UUID]
    actor_id: Mapped[UUID]
    stamp: Mapped[int]
    content: Mapped[str] = mapped_column(Text)  # the canonical envelope
    state: Mapped[str] = mapped_column(String(16))
    problems: Mapped[list[Any]] = mapped_column(Json)
    feed_seq: Mapped[int | None]  # the feed's number that holds its effects, once the hub has said
    due: Mapped[int | None]  # on a terminal: at this feed number the hub's rows take the place of what this did here
    chain: Mapped[str] = mapped_column(String(64))  # sha256 over the previous chain value and the content


Index("ix_envelope_state", EnvelopeRow.state, EnvelopeRow.seq)
Index("ix_envelope_terminal", EnvelopeRow.terminal_id, EnvelopeRow.number, unique=True)
Index(
    "ix_envelope_due", EnvelopeRow.due, sqlite_where=EnvelopeRow.due.is_not(None), postgresql_where=EnvelopeRow.due.is_not(None)
)


class ChangeRow(LocalRow):
    """One row before and after one command: the audit line, and while the command waits, its undo image."""

    __tablename__ = "change"
    id: Mapped[int] = integer_key()
    org_id: Mapped[UUID | None]  # written always; what stood in a terminal's store before there was this column has none
    envelope_id: Mapped[UUID] = mapped_column(index=True)
    entity: Mapped[str] = mapped_column(String(64))
    row_id: Mapped[UUID] = mapped_column(index=True)
    before: Mapped[dict[str, Any] | None] = mapped_column(Json)  # changed columns only; NULL where the row was new
    after: Mapped[dict[str, Any] | None] = mapped_column(Json)


class TouchRow(LocalRow):
    """Which rows a waiting command read or wrote: what decides who must be done again when the hub's rows arrive."""

    __tablename__ = "touch"
    __table_args__ = WITHOUT_ROWID
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    seq: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    wrote: Mapped[bool] = mapped_column(Boolean)


Index("ix_touch_seq", TouchRow.seq)


class FeedRow(LocalRow):
    """At the hub, one pointer for each live row, numbered when its transaction commits."""

    __tablename__ = "feed"
    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    seq: Mapped[int | None] = mapped_column(BigInteger, index=True)
    turn: Mapped[int | None] = mapped_column(BigInteger, index=True)  # the transaction that will number it
    place: Mapped[UUID | None]  # the site or warehouse that the row lies in, None: everywhere in the organisation
    mark: Mapped[int | None]  # what it counts for in the digest; None where it was erased
    was: Mapped[int | None]  # place and mark under the number before
    was_place: Mapped[UUID | None]


class TurnRow(LocalRow):
    """A transaction at the hub whose feed rows still want their numbers."""

    __tablename__ = "feed_turn"
    turn: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    envelopes: Mapped[list[Any] | None] = mapped_column(Json)  # the places of those that ran in it


class HeadRow(LocalRow):
    """The feed's last number. There is one such row, and whoever counts it up holds it until the transaction is committed."""

    __tablename__ = "feed_head"
    id: Mapped[int] = mapped_column(BigInteger, primary_key=True, autoincrement=False)
    last: Mapped[int] = mapped_column(BigInteger)
    floor: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # up to it the feed has forgotten what is gone
    summed: Mapped[int] = mapped_column(BigInteger, default=0, server_default="0")  # up to it the digest's lines are one a place
    epoch: Mapped[str] = mapped_column(String(32), default="", server_default="")  # this life of the hub


class TenantRow(LocalRow):
    """At the hub, an organisation that it serves; PostgreSQL itself adds one for each new row of `organisation`."""

    __tablename__ = "tenant"
    org_id: Mapped[UUID] = mapped_column(primary_key=True)


class HeldRow(LocalRow):
    """On a terminal, a row of the hub's that waits until the commands that changed it here have been answered."""

    __tablename__ = "held_row"
    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    row_id: Mapped[UUID] = mapped_column(primary_key=True)
    image: Mapped[dict[str, Any] | None] = mapped_column(Json)  # NULL where the row has left this terminal's scope


class SyncEvent(LocalRow):
    """On a terminal, something that sync put right by itself: what differed from the hub, and what became of it."""

    __tablename__ = "sync_event"
    id: Mapped[int] = integer_key()
    at: Mapped[datetime]
    kind: Mapped[str] = mapped_column(String(32))  # repaired, reach, epoch, stale, reborn, updated
    fetched: Mapped[int] = mapped_column(BigInteger)
    removed: Mapped[int] = mapped_column(BigInteger)
    detail: Mapped[Any] = mapped_column(Json)  # by entity, with the rows that were taken away as they were
    seen: Mapped[bool] = mapped_column(Boolean, default=False)


class LifeRow(LocalRow):
    """At the hub, by what it would know a terminal's store that was copied or put back: the tokens it gave last."""

    __tablename__ = "terminal_life"
    terminal_id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    count: Mapped[int] = mapped_column(BigInteger)
    token: Mapped[str] = mapped_column(String(64))
    before: Mapped[str] = mapped_column(String(64))  # the one before it, for an answer that was lost
    machine: Mapped[str] = mapped_column(String(64))


class DeniedRow(LocalRow):
    """A try that was refused. It changed nothing, so it stands outside undo and the chain."""

    __tablename__ = "denied_try"
    id: Mapped[int] = integer_key()
    command: Mapped[str] = mapped_column(String(64))
    actor_id: Mapped[UUID]
    org_id: Mapped[UUID]
    at: Mapped[datetime]
    codes: Mapped[list[Any]] = mapped_column(Json)
    body: Mapped[dict[str, Any]] = mapped_column(Json)


class MetaRow(LocalRow):
    """Facts about this database: its terminal, its last chain value, its cursors."""

    __tablename__ = "meta"
    key: Mapped[str] = mapped_column(String(64), primary_key=True)
    value: Mapped[Any] = mapped_column(Json)


class Discrepancy(Entity):
    """A finding on something that happened anyway, or was turned down; nothing is undone by itself.

    `decides` says whose card it is: a grant, `author` for whoever did it, nothing where it is merely noted. Cards of one
    `topic` are settled together. `mine`, `theirs` and `base` are those of the finding's `Contest`; `mine` of a command that
    came back holds its fields.
    """

    __tablename__ = "discrepancy"
    __about__ = About(
        _("Discrepancy"),
        _("Discrepancies"),
        sync=Sync.DOCUMENT,
        title=("code",),
        has=Has.AUDIT | Has.FILES | Has.NOTES,
        form=False,
    )
    envelope_id: Mapped[UUID] = link("", _("What was done"))
    command: Mapped[str] = text(_("Command"), size=64)
    code: Mapped[str] = text(_("Finding"), size=64)
    message: Mapped[str] = text(_("What is so"), size=500)
    hint: Mapped[str] = text(_("What to do"), size=500, default="", required=False)
    detail: Mapped[Any] = data(_("Values"))
    state: Mapped[str] = text(_("State"), size=16, default="open")
    settled: Mapped[str] = text(_("How it was settled"), size=500, required=False)
    kind: Mapped[str] = text(_("Kind"), size=16, required=False)
    decides: Mapped[str] = text(_("Who decides"), size=64, required=False)
    topic: Mapped[str] = text(_("Belongs together"), size=160, required=False)
    entity: Mapped[str] = text(_("Kind of record"), size=64, required=False)
    row_id: Mapped[UUID | None] = link("", _("Record"), required=False)
    field: Mapped[str] = text(_("Field"), size=64, required=False)
    mine: Mapped[Any] = data(_("One side"))
    theirs: Mapped[Any] = data(_("The other side"))
    base: Mapped[Any] = data(_("Before"))
    against: Mapped[UUID | None] = link("", _("Whose act it met"), required=False, index=False)
    site_id: Mapped[UUID | None] = link("", _("Where it was done"), required=False, index=False)
    chosen: Mapped[str] = text(_("What was chosen"), size=16, required=False)
    settled_by: Mapped[UUID | None] = link("", _("Who settled it"), required=False, index=False)
    settled_at: Mapped[datetime | None] = time(_("When it was settled"), required=False)


Index("ix_discrepancy_open", Discrepancy.org_id, Discrepancy.state, Discrepancy.decides, Discrepancy.topic)
