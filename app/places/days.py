"""Whose calendar day an act belongs to that comes from afar, and so from no terminal of a site."""

from __future__ import annotations

from collections.abc import Collection
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.many import among
from app.places.model import Bin, Site, Warehouse


def zone_of(session: Session, org_id: UUID, named: Collection[UUID], works_at: Collection[UUID]) -> str:
    """The zone of the site that an act names, or in which a store room or bin lies that it names; else of a site where whoever
    acts works; else of the organisation's first site by code. UTC where there is no site yet."""
    wanted = select(Site.id, Site.zone).where(Site.org_id == org_id, Site.retired.is_(False)).order_by(Site.code)
    zones: dict[UUID, str] = {ident: zone for ident, zone in session.execute(wanted)}
    for places in (set(named), set(works_at)) if len(set(zones.values())) > 1 else ():
        there = places | _sites_of(session, places)
        found = next((zone for ident, zone in zones.items() if ident in there), None)
        if found is not None:
            return found
    return next(iter(zones.values()), "UTC")


def _sites_of(session: Session, places: set[UUID]) -> set[UUID]:
    """The sites of the store rooms among these, and of those in which the bins among these lie."""
    rooms = places | set(session.scalars(select(Bin.warehouse_id).where(among(session, Bin.id, places))))
    return set(session.scalars(select(Warehouse.site_id).where(among(session, Warehouse.id, rooms))))
