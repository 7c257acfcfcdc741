"""Terminals of a hub, the invitations that are out, and what the hub last heard of each."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, String
from sqlalchemy.orm import Mapped, mapped_column

from app.kernel.entity import About, Entity, Has, LocalRow, Sync, choice, link, text, whole
from app.kernel.types import Json
from app.kernel.words import _
from app.places.model import Site, Warehouse

ACTIVE, REVOKED, WIPED = "active", "revoked", "wiped"
STATES = ((ACTIVE, _("In use")), (REVOKED, _("Revoked")), (WIPED, _("Wiped")))
NOBODY = UUID(int=0)


class Terminal(Entity):
    """A machine that belongs to the hub. Its id is the one its commands carry; without a site it holds the whole organisation.

    `place_no` is its place in static number ranges (see `app.kernel.codes`), which no other terminal in use has. `origin_id`
    names the terminal whose store it works with a copy of.
    """

    __tablename__ = "terminal"
    __about__ = About(
        _("Terminal"), _("Terminals"), sync=Sync.REFERENCE, search=("name",), has=Has.AUDIT | Has.EXPORT | Has.NOTES
    )
    public_key: Mapped[str] = text(_("Public key"), size=64, by_command="EnrolTerminal")
    name: Mapped[str] = text(_("Name"), size=60)
    site_id: Mapped[UUID | None] = link(Site, _("Site"), required=False)
    warehouse_id: Mapped[UUID | None] = link(Warehouse, _("Only this store room"), required=False)
    profile: Mapped[str] = text(_("Home screen of"), size=3, required=False, default="")
    place_no: Mapped[int] = whole(_("Place in number ranges"), by_command="EnrolTerminal")
    state: Mapped[str] = choice(_("State"), STATES, default=ACTIVE, by_command="RevokeTerminal")
    origin_id: Mapped[UUID | None] = link("terminal", _("Came out of"), required=False, by_command="EnrolTerminal")


class Invitation(LocalRow):
    """At the hub, a code that lets one machine in, once, until it runs out. Only what recognises the code is kept.

    It is NOBODY's where the hub is still empty: then whoever brings the code brings the organisation.
    """

    __tablename__ = "invitation"
    id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    code_hash: Mapped[str] = mapped_column(String(64), index=True)
    name: Mapped[str] = mapped_column(String(60))
    site_id: Mapped[UUID | None]
    warehouse_id: Mapped[UUID | None]
    profile: Mapped[str] = mapped_column(String(3))
    until: Mapped[datetime]
    used: Mapped[datetime | None]
    terminal_id: Mapped[UUID | None]


class RequestSeen(LocalRow):
    """At the hub, a request that came, for as long as its signature would let it come again: one list for all processes."""

    __tablename__ = "request_seen"
    mark: Mapped[UUID] = mapped_column(primary_key=True)  # follows from the terminal's key and the number it used once
    until: Mapped[int] = mapped_column(BigInteger, index=True)  # milliseconds since 1970


class TerminalSeen(LocalRow):
    """At the hub, what was last heard of a terminal: when, how far it is, and what it said of itself."""

    __tablename__ = "terminal_seen"
    terminal_id: Mapped[UUID] = mapped_column(primary_key=True)
    org_id: Mapped[UUID]
    at: Mapped[datetime]
    cursor: Mapped[int]
    number: Mapped[int]
    waiting: Mapped[int]
    version: Mapped[str] = mapped_column(String(40))
    heartbeat: Mapped[dict[str, Any] | None] = mapped_column(Json)
    adopts: Mapped[int] = mapped_column(default=0)  # the number up to which the hub takes over what its program set up by itself
