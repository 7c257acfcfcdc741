"""What a scanned text may mean by Odoo's names: the number on a paper that Odoo printed opens the record here."""

from __future__ import annotations

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.scanning import Reading
from app.odoo.model import OdooLink


def by_odoo_name(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """Records by the whole name that they have in Odoo, such as WH/RO/00007."""
    wanted = select(OdooLink).where(
        OdooLink.org_id == actor.org_id, OdooLink.name == reading.text.strip(), OdooLink.retired.is_(False)
    )
    return [Match(link.entity, link.row_id, link.name) for link in session.scalars(wanted.order_by(OdooLink.id).limit(9))]


FINDERS = (Finder("name in Odoo", 70, by_odoo_name),)
