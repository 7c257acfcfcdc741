"""Writing the hub's rows as they come: unknown columns left aside, ledger lines folded, search kept in step."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import digests, outbox
from app.kernel.entity import Entity
from app.kernel.registry import Registry
from app.kernel.rows import codecs, table_of, values
from app.kernel.upsert import upsert
from sync.protocol import Line
from sync.terminal import memory


def put(session: Session, registry: Registry, lines: Iterable[Line]) -> None:
    """Writes rows, and takes those away that have left this terminal's scope. Nothing may stand on them.

    What this program does not know, entities or columns, is left aside and remembered: a newer one fetches it.
    """
    named: dict[str, list[Line]] = {}
    for line in lines:
        named.setdefault(line.entity, []).append(line)
    if unknown := named.keys() - registry.entities.keys():
        memory.skip(session, unknown)
    for name in named.keys() - unknown:
        _write(session, registry, registry.entities[name], named[name])


def _write(session: Session, registry: Registry, entity: type[Entity], lines: Sequence[Line]) -> None:
    rows = [values(entity, line.image) for line in lines if line.image is not None]
    if aside := {column for line in lines for column in line.image or () if column not in codecs(entity)}:
        memory.leave_aside(session, entity.__tablename__, aside)
    for line in lines:
        if line.image is None:
            outbox.remove(session, registry, entity, UUID(line.id))
    there = _there(session, entity, rows)
    fresh = [row for row in rows if row["id"] not in there]
    for some in _alike(rows):
        upsert(session, table_of(entity), some, ("id",))
    digests.follow(session, [(entity.__tablename__, row["id"], there.get(row["id"]), row["stamp"]) for row in rows])
    for projection in registry.projections.get(entity, ()):
        projection.add_many(session, [SimpleNamespace(**row) for row in fresh])
    outbox.refresh_search(session, registry, entity.__tablename__, [row["id"] for row in rows])


def _there(session: Session, entity: type[Entity], rows: Sequence[dict[str, Any]]) -> dict[UUID, int]:
    """The stamps of those of the rows that are here already."""
    table = table_of(entity)
    wanted = select(table.c.id, table.c.stamp).where(table.c.id.in_([row["id"] for row in rows]))
    return {ident: stamp for ident, stamp in session.execute(wanted)}


def _alike(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Rows that name the same columns, together: an older or newer hub may know fewer or more."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(sorted(row)), []).append(row)
    return found.values()
