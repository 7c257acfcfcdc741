"""What places hold against others: a site or store room in which something is in use stays in use."""

from __future__ import annotations

from sqlalchemy import select

from app.kernel.events import only_of
from app.kernel.standard import Saved
from app.kernel.work import Work
from app.places.model import Bin, Site, Warehouse
from app.places.rules import still_used


@only_of(Warehouse, Site)
def keep_what_is_used(event: Saved, work: Work) -> None:
    """Whoever closes a store room takes its bins out of use first, and whoever closes a site its store rooms."""
    match event.row:
        case Warehouse(retired=True) as room:
            inside = select(Bin).where(Bin.warehouse_id == room.id, Bin.retired.is_(False)).order_by(Bin.code)
            work.check(still_used(room, work.session.scalars(inside.limit(1)).first()))
        case Site(retired=True) as site:
            rooms = select(Warehouse).where(Warehouse.site_id == site.id, Warehouse.retired.is_(False)).order_by(Warehouse.code)
            work.check(still_used(site, work.session.scalars(rooms.limit(1)).first()))
