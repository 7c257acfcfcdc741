"""Who works here: people, what they may do and where, the badges they carry, and who is signed in at which terminal."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from sqlalchemy import Index, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.entity import About, Entity, Has, LocalRow, Sync, choice, data, flag, integer_key, link, text, time
from app.kernel.words import _

STATUSES = (("active", _("Active")), ("inactive", _("Inactive")), ("pending", _("Invited")), ("locked", _("Locked")))
BADGE_KINDS = (("own", _("Printed here")), ("nfc", _("NFC chip")), ("card", _("Card of another system")))
REASONS = (
    ("signed_out", _("Signed out")),
    ("switched", _("Someone else signed in")),
    ("idle", _("Nobody was there")),
    ("stopped", _("The program stopped")),
)


class Person(Entity):
    """Someone who works here. The PIN is kept only as what verifies it."""

    __tablename__ = "person"
    __about__ = About(
        _("Person"),
        _("People"),
        sync=Sync.REFERENCE,
        search=("name", "username"),
        natural=("username",),
        has=Has.AUDIT | Has.EXPORT,
    )
    username: Mapped[str] = text(_("User name"), size=32, unique=True)
    name: Mapped[str] = text(_("Name"))
    email: Mapped[str] = text(_("E-mail"), required=False, default="")
    language: Mapped[str] = text(_("Language"), size=8, default="en")
    status: Mapped[str] = choice(_("Status"), STATUSES, default="active")
    home: Mapped[str] = text(_("Home screen of"), size=3, required=False, default="")
    pin: Mapped[str | None] = text(_("PIN"), required=False, secret=True)


class Role(Entity):
    """A bundle of grants under a name. `grants` is a list of words such as `stock.count` or `stock.*`."""

    __tablename__ = "role"
    __about__ = About(
        _("Role"), _("Roles"), sync=Sync.REFERENCE, title=("code", "name"), search=("code", "name"), natural=("code",)
    )
    code: Mapped[str] = text(_("Code"), size=8, unique=True)
    name: Mapped[str] = text(_("Name"))
    grants: Mapped[list[str] | None] = data(_("May"), default=list)
    needs_pin: Mapped[bool] = flag(_("Badge and PIN"))
    home: Mapped[str] = text(_("Home screen of"), size=3, required=False, default="")


class Appointment(Entity):
    """A person holds a role: everywhere, or at one site or in one warehouse."""

    __tablename__ = "appointment"
    __about__ = About(
        _("Appointment"), _("Appointments"), sync=Sync.REFERENCE, title=("id",), natural=("person_id", "role_id", "place_id")
    )
    person_id: Mapped[UUID] = link(Person, _("Person"))
    role_id: Mapped[UUID] = link(Role, _("Role"))
    place_id: Mapped[UUID | None] = link("", _("Only at"), required=False)


class Badge(Entity):
    """A card or chip that stands for a person. Its code is never kept, only the hash that finds it again."""

    __tablename__ = "badge"
    __about__ = About(_("Badge"), _("Badges"), sync=Sync.REFERENCE, title=("kind",))
    person_id: Mapped[UUID] = link(Person, _("Person"))
    code_hash: Mapped[str] = text(_("Hash of its code"), size=64, secret=True)
    kind: Mapped[str] = choice(_("Kind"), BADGE_KINDS, default="own")
    active: Mapped[bool] = flag(_("In use"), default=True)


Index("ix_badge_code_hash", Badge.code_hash)


class Presence(Entity):
    """Someone was signed in at a terminal, from when to when."""

    __tablename__ = "presence"
    __about__ = About(_("Presence"), _("Presences"), title=("started",))
    person_id: Mapped[UUID] = link(Person, _("Person"))
    terminal_id: Mapped[UUID] = link("", _("Terminal"))
    how: Mapped[str] = text(_("Signed in by"), size=16, default="badge")
    started: Mapped[datetime] = time(_("Since"))
    ended: Mapped[datetime | None] = time(_("Until"), required=False)
    reason: Mapped[str | None] = choice(_("Ended because"), REASONS, required=False)


class AccessTry(LocalRow):
    """A try to sign in at this terminal, written before its PIN is checked; also the security log.

    `awake` counts the milliseconds that the program has been awake, over all its starts: what locks are measured by,
    since nobody can set it forward or back.
    """

    __tablename__ = "access_try"
    id: Mapped[int] = integer_key()
    awake: Mapped[int]
    at: Mapped[datetime]  # as the wall clock told, for people to read
    terminal_id: Mapped[UUID]
    person_id: Mapped[UUID | None]
    outcome: Mapped[str]  # tried, passed, forgiven, locked, unknown, revoked, badge


Index("ix_access_try_person", AccessTry.person_id, AccessTry.id)
Index("ix_access_try_terminal", AccessTry.terminal_id, AccessTry.id)


class TokenFamily(LocalRow):
    """Somebody let in from afar, by another program or a browser: one login, and the refresh tokens that grew out of it.

    A refresh token is good once. Whoever shows an older one has copied it, or was copied: then the whole family ends.
    """

    __tablename__ = "token_family"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    person_id: Mapped[UUID] = mapped_column(index=True)
    token_hash: Mapped[str] = mapped_column(String(64))  # sha256 of the only refresh token that is good now
    pin_mark: Mapped[str] = mapped_column(String(64))  # sha256 of what verified the PIN: a new PIN ends the family
    started: Mapped[datetime]
    until: Mapped[datetime]
    ended: Mapped[str | None] = mapped_column(String(16))  # why: logout, reused
