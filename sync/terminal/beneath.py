"""What the hub's rows are beneath the terminal's own unanswered work: what can be compared with the hub at any time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from typing import Any
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel import digests
from app.kernel.digests import Digest
from app.kernel.entity import Base, Entity
from app.kernel.outbox import CHANGES, ENVELOPES
from app.kernel.records import PARKED, WAITING, HeldRow
from app.kernel.registry import Registry
from app.kernel.rows import table_of

CHUNK = 500  # ids in one IN list
Stamps = dict[str, dict[UUID, int | None]]  # by entity and id; None: the hub has no such row


def rows(session: Session) -> Stamps:
    """The rows that unanswered commands changed here, or that wait to be laid down: the stamps of the hub's own."""
    found: Stamps = {}
    changes = select(CHANGES.c.entity, CHANGES.c.row_id, CHANGES.c.before).join(
        ENVELOPES, ENVELOPES.c.id == CHANGES.c.envelope_id
    )
    states = [PARKED, WAITING]
    for unanswered in (ENVELOPES.c.state.in_(states), ENVELOPES.c.due.is_not(None)):
        for entity, ident, before in session.execute(changes.where(unanswered).order_by(CHANGES.c.id)):
            if before is None or "stamp" in before:
                found.setdefault(entity, {}).setdefault(ident, None if before is None else before["stamp"])
    for held in session.scalars(select(HeldRow)):
        found.setdefault(held.entity, {})[held.row_id] = held.image["stamp"] if held.image else None
    return found


def sums(session: Session, registry: Registry, beneath: Stamps) -> dict[str, Digest]:
    """The digests of the hub's rows as they lie here, by entity."""
    found = {name: digest for name, digest in digests.kept(session).items() if name in registry.entities}
    for name, some in beneath.items():
        there = _stamps(session, name, some)
        for ident, stamp in some.items():
            found[name] = found.get(name, Digest()) + _turn(name, ident, there.get(ident), stamp)
    return {name: digest for name, digest in found.items() if digest}


def _turn(name: str, ident: UUID, here: int | None, theirs: int | None) -> Digest:
    minus = Digest(-1, -digests.mark(name, ident.bytes, here)) if here is not None else Digest()
    return minus + (Digest(1, digests.mark(name, ident.bytes, theirs)) if theirs is not None else Digest())


def _stamps(session: Session, name: str, idents: Iterable[UUID]) -> dict[UUID, int]:
    table = Base.metadata.tables[name]
    found: dict[UUID, int] = {}
    ordered = sorted(idents)
    for start in range(0, len(ordered), CHUNK):
        wanted = select(table.c.id, table.c.stamp).where(table.c.id.in_(ordered[start : start + CHUNK]))
        found |= {ident: stamp for ident, stamp in session.execute(wanted)}
    return found


def marks(
    session: Session, entity: type[Entity], some: dict[UUID, int | None], paths: Iterable[str], deep: bool
) -> Iterator[tuple[str, int]]:
    """The ids in hex and the marks of the hub's rows as they lie here, those whose ids end alike; `deep`, of their contents."""
    name, ends = entity.__tablename__, sorted(paths)
    ours = {ident.bytes for ident in some}
    connection = session.connection()
    wanted = _ending(entity, ends)
    found = digests.contents(connection, entity, *wanted) if deep else digests.marks(connection, name, *wanted)
    for ident, mark in found:
        if ident not in ours:
            yield ident.hex(), mark
    if not deep:
        for own, stamp in some.items():
            if stamp is not None and own.hex.endswith(tuple(ends)):
                yield own.hex, digests.mark(name, own.bytes, stamp)


def _ending(entity: type[Entity], ends: list[str]) -> list[Any]:
    if not ends[0]:
        return []
    return [func.lower(func.substr(func.hex(table_of(entity).c.id), -len(ends[0]))).in_(ends)]
