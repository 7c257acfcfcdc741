"""The trail of a field: who changed it last and when, and what was made of it after a certain moment, as far as is known here."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.cards import side
from app.kernel.clock import stamp_ms
from app.kernel.entity import Entity, Field
from app.kernel.records import ChangeRow, EnvelopeRow
from app.kernel.rows import image
from app.kernel.work import Work

HIDDEN = "…"


@dataclass(frozen=True)
class Trace:
    """One change of a field: values as plain data, and by which command."""

    stamp: int
    command: str
    before: Any
    after: Any
    by: UUID | None = None
    terminal: UUID | None = None

    def side(self, value: Any) -> dict[str, Any]:
        return side(value, self.by, stamp_ms(self.stamp), self.terminal)


def traces(work: Work, row: Entity, name: str) -> list[Trace]:
    """The changes of a field, in the order in which they came in."""
    return list(_found(work, row, name, ChangeRow.id))


def last(work: Work, row: Entity, name: str) -> Trace:
    """Who changed a field last. Where this database was not told, all that is known is when the row changed."""
    found = _found(work, row, name, EnvelopeRow.stamp.desc(), ChangeRow.id.desc())
    return next(found, Trace(row.stamp, "", None, None))


def _found(work: Work, row: Entity, name: str, *order: Any) -> Iterator[Trace]:
    wanted = (
        select(
            EnvelopeRow.stamp,
            EnvelopeRow.command,
            ChangeRow.before,
            ChangeRow.after,
            EnvelopeRow.actor_id,
            EnvelopeRow.terminal_id,
        )
        .join(ChangeRow, ChangeRow.envelope_id == EnvelopeRow.id)
        .where(ChangeRow.row_id == row.id)
        .order_by(*order)
    )
    for stamp, command, before, now, by, terminal in work.session.execute(wanted):
        if now and name in now:
            yield Trace(stamp, command, (before or {}).get(name), now[name], by, terminal)


def shown(field: Field, entity: type[Entity], value: Any) -> Any:
    """A value as a card keeps it: plain, and never a secret."""
    return HIDDEN if field.secret else image(entity, {field.name: value})[field.name]
