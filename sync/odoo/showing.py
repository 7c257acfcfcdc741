"""What people see of records that came from Odoo, or stood there before anybody was told: their name there and their page."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import and_, or_, select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel.access import system
from app.kernel.types import millis
from app.odoo.model import THERE, OdooLink
from app.odoo.notes import NoteInOdoo
from app.odoo.records import OdooMapping
from sync.odoo.telling import TOLD, page

SEEN = ("customer", "part", "payment", "quote", "vehicle", "work_order")  # whose pages say where they stand
AT_ONCE = 2000  # records in one pass, so that ten thousand products keep nobody waiting


def show(app: App, org_id: UUID, url: str, most: int = AT_ONCE) -> int:
    """Tells of mapped records whose page says nothing yet, or another name; how many."""
    with Session(app.read_engine, info={"orgs": frozenset({org_id})}) as session:
        found = _untold(session, org_id, most)
    for start in range(0, len(found), TOLD):
        links = [_link(one, url) for one in found[start : start + TOLD]]
        app.run(NoteInOdoo(what="known", links=links), system(org_id)).or_refused()
    return len(found)


def _untold(session: Session, org_id: UUID, most: int) -> Sequence[Any]:
    known, told = OdooMapping, OdooLink
    other = and_(told.state == THERE, or_(told.name != known.name, told.number != known.number), known.name != "")
    wanted = (
        select(known.entity, known.row_id, known.model, known.number, known.name, known.at)
        .outerjoin(told, and_(told.row_id == known.row_id, told.org_id == known.org_id))
        .where(known.org_id == org_id, known.entity.in_(SEEN), or_(told.id.is_(None), other))
    )
    return session.execute(wanted.order_by(known.entity, known.row_id).limit(most)).all()


def _link(one: Any, url: str) -> dict[str, Any]:
    about = {"entity": one.entity, "row_id": one.row_id.hex, "model": one.model, "number": one.number}
    address = page(url, one.model, one.number)
    return {**about, "name": one.name, "state": THERE, "at": millis(one.at), "address": address}
