"""Odoo's warehouses and the locations in them, as store rooms and bins; what is here already is only found."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.bulk import in_use
from app.places.model import Bin, Warehouse
from sync.odoo.arriving import Arrival, Draft, Ground, by_field, naming, text
from sync.odoo.transport import Row

SITE, WIPS = "site", "wips"  # facts: where new store rooms are, and the locations that are the bridge's own


def take_warehouse(row: Row, ground: Ground) -> Draft:
    values = {"code": text(row["code"], 16), "name": text(row["name"]), "site_id": ground.facts[SITE]}
    return Draft(row["id"], naming(row), values, row["active"])


def take_location(row: Row, ground: Ground) -> Draft | None:
    """What lies at the bridge's own location is with jobs, and in no bin."""
    room = ground.ours(Warehouse, WAREHOUSES.model, row["warehouse_id"])
    if row["id"] in ground.facts.get(WIPS, ()) or room is None:
        return None
    return Draft(row["id"], text(row["complete_name"]), {"code": text(row["name"], 32), "warehouse_id": room.hex}, row["active"])


def by_code(session: Session, org_id: UUID, drafts: Sequence[Draft]) -> dict[int, UUID]:
    """Bins that are called as a location is, in the same store room."""
    wanted = {(draft.values["code"], draft.values["warehouse_id"]): draft.number for draft in reversed(drafts)}
    rows = in_use(session, Bin, org_id, "code", {code for code, _room in wanted})
    keys = {row.id: (row.code, row.warehouse_id.hex) for row in rows if isinstance(row, Bin)}
    return {wanted[key]: ident for ident, key in keys.items() if key in wanted}


def only_room(session: Session, org_id: UUID, drafts: Sequence[Draft]) -> dict[int, UUID]:
    """One store room here and one warehouse there are the same, however they are called."""
    rooms = session.scalars(select(Warehouse.id).where(Warehouse.org_id == org_id, Warehouse.retired.is_(False)).limit(2)).all()
    return {drafts[0].number: rooms[0]} if len(rooms) == len(drafts) == 1 else {}


WAREHOUSES = Arrival(
    model="stock.warehouse",
    entity=Warehouse,
    fields=("name", "code", "active"),
    take=take_warehouse,
    finds=(by_field(Warehouse, "code"), only_room),
    of_company=True,
    only_new=True,
)
LOCATIONS = Arrival(
    model="stock.location",
    entity=Bin,
    fields=("name", "complete_name", "warehouse_id", "active"),
    take=take_location,
    domain=(("usage", "=", "internal"), ("warehouse_id", "!=", False)),
    finds=(by_code,),
    of_company=True,
    only_new=True,
)
