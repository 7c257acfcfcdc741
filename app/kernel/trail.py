"""The trail of a field: who changed it last and when, and what was made of it after a certain moment, as far as is known here."""

from __future__ import annotations

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


def traces(work: Work, row: Entity, name: str, after: int = 0) -> list[Trace]:
    """The changes of a field since a stamp, the earliest first."""
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
        .where(ChangeRow.row_id == row.id, EnvelopeRow.stamp > after)
        .order_by(EnvelopeRow.stamp, ChangeRow.id)
    )
    return [
        Trace(stamp, command, (before or {}).get(name), now[name], by, terminal)
        for stamp, command, before, now, by, terminal in work.session.execute(wanted)
        if now and name in now
    ]


def last(work: Work, row: Entity, name: str) -> Trace:
    """Who changed a field last. Where this database was not told, all that is known is when the row changed."""
    found = traces(work, row, name)
    return found[-1] if found else Trace(row.stamp, "", None, None)


def shown(field: Field, entity: type[Entity], value: Any) -> Any:
    """A value as a card keeps it: plain, and never a secret."""
    return HIDDEN if field.secret else image(entity, {field.name: value})[field.name]
