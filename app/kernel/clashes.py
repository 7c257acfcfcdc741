"""Two replicas gave one name twice: both rows stay, and someone is asked to settle it (law of replay 3)."""

from __future__ import annotations

from collections.abc import Iterator

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.capture import Capture, Change
from app.kernel.commands import Authority, Envelope
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.saving import taken
from app.kernel.work import discrepancy


def question(session: Session, envelope: Envelope, capture: Capture) -> list[Problem]:
    """Puts before someone what a fact made that is there already under another id; a request was refused for it before."""
    if envelope.authority is not Authority.FACT:
        return []
    problems = []
    for change in list(capture.changes.values()):
        for field, problem in _clashes(session, change):
            row = discrepancy(envelope, problem)
            row.id = derived_id(envelope.id, "discrepancy", f"{problem.code}:{field.name}:{change.row.id.hex}")
            row.org_id, row.made_at, row.made_by = envelope.org_id, envelope.occurred_at, envelope.actor_id
            session.add(row)
            problems.append(problem)
    session.flush()
    return problems


def _clashes(session: Session, change: Change) -> Iterator[tuple[Field, Problem]]:
    for field in fields_of(type(change.row)).values():
        if field.unique and (change.before is None or field.name in change.before):
            other = _other(session, change.row, field)
            if other is not None:
                yield field, taken(field, getattr(change.row, field.name), other)


def _other(session: Session, row: Entity, field: Field) -> Entity | None:
    entity, value = type(row), getattr(row, field.name)
    if value in (None, ""):
        return None
    same = select(entity).where(entity.org_id == row.org_id, getattr(entity, field.name) == value)
    return session.scalars(same.where(entity.id != row.id, entity.retired.is_(False)).limit(1)).first()
