"""Standing: since when records are in the state they are in, as far as this database was told."""

from __future__ import annotations

from collections.abc import Collection
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.clock import stamp_time
from app.kernel.entity import Entity
from app.kernel.named import rows_of
from app.kernel.records import ChangeRow, EnvelopeRow


def since(session: Session, entity: type[Entity], idents: Collection[UUID], field: str) -> dict[UUID, datetime]:
    """For each record the moment at which the field got its value; where nobody told, when the record last changed at all."""
    found = {ident: stamp_time(row.stamp) for ident, row in rows_of(session, entity, list(idents)).items()}
    wanted = (
        select(ChangeRow.row_id, EnvelopeRow.stamp, ChangeRow.before, ChangeRow.after)
        .join(EnvelopeRow, EnvelopeRow.id == ChangeRow.envelope_id)
        .where(ChangeRow.row_id.in_(list(idents)))
        .order_by(EnvelopeRow.stamp)
    )
    for ident, stamp, before, after in session.execute(wanted) if idents else ():
        if ident in found and _got(field, before, after):
            found[ident] = stamp_time(stamp)
    return found


def _got(field: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> bool:
    """Whether a change gave the field its value: by making the record, or by another value."""
    return before is None or (field in (after or {}) and before.get(field) != (after or {})[field])
