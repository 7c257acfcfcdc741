"""Looking: what a screen may ask before anyone acts: which gates of a move are unmet, and what was done to a record so far."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.clock import stamp_time
from app.kernel.commands import Authority, Envelope
from app.kernel.entity import Entity
from app.kernel.ids import new_id
from app.kernel.problems import Problem
from app.kernel.records import ChangeRow, EnvelopeRow
from app.kernel.registry import Registry
from app.kernel.standard import Transition
from app.kernel.states import Move
from app.kernel.work import Mode, Work


@dataclass(frozen=True)
class Entry:
    """Something that was done to a record: when, by whom, by which command, and its fields as (name, before, after)."""

    at: datetime
    who: UUID
    command: str
    fields: tuple[tuple[str, Any, Any], ...]
    fresh: bool = False


def unmet(session: Session, registry: Registry, actor: Actor, row: Entity, move: Move, now: datetime) -> tuple[Problem, ...]:
    """What still stands against a move, gate by gate. The gates only read: they get a Work that is never kept."""
    command = Transition(entity=row.__tablename__, id=row.id, move=move.name)
    envelope = Envelope(
        id=new_id(), command="Transition", version=1, body={}, org_id=actor.org_id, actor_id=actor.id, terminal_id=actor.id,
        stamp=0, occurred_at=now, business_date=now.date(), authority=Authority.FACT,
    )  # fmt: skip
    work = Work(session, registry, envelope, actor, Mode.FIRST, command)
    return tuple(problem for gate in move.gates if (problem := gate(row, work)) is not None)


def history(session: Session, row_id: UUID, most: int = 100) -> list[Entry]:
    """What people did to a record, as far as this database knows, the latest first."""
    wanted = (
        select(EnvelopeRow.stamp, EnvelopeRow.actor_id, EnvelopeRow.command, ChangeRow.before, ChangeRow.after)
        .join(ChangeRow, ChangeRow.envelope_id == EnvelopeRow.id)
        .where(ChangeRow.row_id == row_id)
        .order_by(ChangeRow.id.desc())
        .limit(most)
    )
    return [_entry(*found) for found in session.execute(wanted)]


def _entry(stamp: int, who: UUID, command: str, before: dict[str, Any] | None, after: dict[str, Any] | None) -> Entry:
    was, now = before or {}, after or {}
    changed = tuple((name, was.get(name), value) for name, value in now.items() if name not in _HIDDEN and was.get(name) != value)
    return Entry(stamp_time(stamp), who, command, () if before is None else changed, fresh=before is None)


_HIDDEN = ("id", "org_id", "stamp", "made_at", "made_by")
