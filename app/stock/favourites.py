"""What a search for parts offers first: those that were handled here lately."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.stock.model import StockLine

LINES = 200  # newest movements that are looked at


def used_lately(session: Session, org_id: UUID, _near: UUID | None) -> Sequence[UUID]:
    """The parts of an organisation's newest movements, the latest first."""
    newest = select(StockLine.part_id).where(StockLine.org_id == org_id).order_by(StockLine.stamp.desc()).limit(LINES)
    return list(dict.fromkeys(session.scalars(newest)))
