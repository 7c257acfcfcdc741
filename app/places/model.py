"""Where things are: sites with their time zones, warehouses, and the bins in them."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import Index
from sqlalchemy.orm import Mapped

from app.kernel.entity import About, Entity, Scope, Sync, choice, link, text
from app.kernel.words import _

POLICIES = (("block", _("Never below zero")), ("warn", _("Ask why")), ("allow", _("Allow")))
BIN_KINDS = (
    ("pick", _("Picking")),
    ("bulk", _("Bulk")),
    ("quarantine", _("Quarantine")),
    ("core", _("Cores")),
    ("scrap", _("Scrap")),
    ("van", _("Van")),
)
SET_ASIDE = ("quarantine", "scrap")  # kinds of bins from which nothing goes to a job


class Site(Entity):
    """A workshop. Its code opens its job numbers, its zone decides its business date."""

    __tablename__ = "site"
    __about__ = About(
        _("Site"), _("Sites"), sync=Sync.REFERENCE, title=("code", "name"), search=("code", "name"), natural=("code",)
    )
    code: Mapped[str] = text(_("Code"), size=8, unique=True)
    name: Mapped[str] = text(_("Name"))
    zone: Mapped[str] = text(_("Time zone"), size=64, default="UTC")


class Warehouse(Entity):
    """A store room. `policy` says what happens when more is taken than is booked."""

    __tablename__ = "warehouse"
    __about__ = About(
        _("Warehouse"),
        _("Warehouses"),
        sync=Sync.REFERENCE,
        scan="WH",
        scope=Scope.SITE,
        title=("code", "name"),
        search=("code", "name"),
        natural=("code",),
    )
    site_id: Mapped[UUID] = link(Site, _("Site"))
    code: Mapped[str] = text(_("Code"), size=16, unique=True)
    name: Mapped[str] = text(_("Name"))
    policy: Mapped[str] = choice(_("More than is booked"), POLICIES, default="warn")


class Bin(Entity):
    """A shelf place, box or van; the code is unique within its warehouse."""

    __tablename__ = "bin"
    __about__ = About(
        _("Bin"),
        _("Bins"),
        sync=Sync.REFERENCE,
        scan="BN",
        scope=Scope.WAREHOUSE,
        title=("code",),
        search=("code",),
        natural=("code", "warehouse_id"),
    )
    warehouse_id: Mapped[UUID] = link(Warehouse, _("Warehouse"))
    code: Mapped[str] = text(_("Code"), size=32)
    kind: Mapped[str] = choice(_("Kind"), BIN_KINDS, default="pick")
    owner_id: Mapped[UUID | None] = link("person", _("Assigned to"), required=False)


Index("ix_bin_code", Bin.org_id, Bin.code)
