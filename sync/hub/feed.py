"""Pages of rows for one terminal: what changed after a number, as it is now, as far as the terminal may hold it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel.entity import Entity, Scope
from app.kernel.records import ChangeRow, FeedRow
from app.kernel.registry import Registry
from app.kernel.rows import image, table_of
from sync.protocol import Line, Page, Pull

CHUNK = 500  # ids in one IN list


@dataclass(frozen=True)
class Reach:
    """What a terminal may hold: the rows of an organisation; of its sites and warehouses only these, where they are named."""

    org_id: UUID
    sites: frozenset[UUID] | None = None
    warehouses: frozenset[UUID] | None = None
    adopting: bool = False  # an empty hub takes over what the terminal set up by itself

    def holds(self, entity: type[Entity], row: Mapping[Any, Any]) -> bool:
        """Whether a row belongs there. One that names no place belongs everywhere in its organisation."""
        places = {Scope.ORGANISATION: None, Scope.SITE: self.sites, Scope.WAREHOUSE: self.warehouses}[entity.__about__.scope]
        place = row[entity.__about__.scope.value]
        return bool(row["org_id"] == self.org_id and (places is None or place is None or place in places))


def pages(session: Session, registry: Registry, reach: Reach, pull: Pull) -> tuple[list[Page], int]:
    """The next pages after the cursor, and the feed's head. A page never ends inside a transaction."""
    horizon = feed.head(session)
    cursor, found = pull.cursor, list[Page]()
    while cursor < horizon and len(found) < pull.pages:
        pointers = _pointers(session, reach, cursor, horizon, pull.rows)
        cursor = pointers[-1].seq if len(pointers) >= pull.rows else horizon
        found.append(Page(tuple(_lines(session, registry, reach, pointers)), cursor))
    return found, horizon


def _pointers(session: Session, reach: Reach, after: int, upto: int, most: int) -> list[Any]:
    wanted = select(FeedRow.entity, FeedRow.row_id, FeedRow.seq).where(FeedRow.org_id == reach.org_id)
    first = list(session.execute(wanted.where(FeedRow.seq > after, FeedRow.seq <= upto).order_by(FeedRow.seq).limit(most)))
    if len(first) < most:
        return first
    last = first[-1].seq
    return [one for one in first if one.seq < last] + list(session.execute(wanted.where(FeedRow.seq == last)))


def _lines(session: Session, registry: Registry, reach: Reach, pointers: Iterable[Any]) -> Iterable[Line]:
    named: dict[str, list[UUID]] = {}
    for pointer in pointers:
        named.setdefault(pointer.entity, []).append(pointer.row_id)
    for name in sorted(named):
        entity = registry.entities[name]
        for start in range(0, len(named[name]), CHUNK):
            yield from _of(session, entity, reach, named[name][start : start + CHUNK])


def _of(session: Session, entity: type[Entity], reach: Reach, idents: Sequence[UUID]) -> Iterable[Line]:
    table = table_of(entity)
    beyond: list[UUID] = []
    for row in session.execute(select(table).where(table.c.id.in_(idents))).mappings():
        if reach.holds(entity, row):
            yield Line(entity.__tablename__, row["id"].hex, image(entity, dict(row)))
        else:
            beyond.append(row["id"])
    for ident in _moved(session, entity, beyond):
        yield Line(entity.__tablename__, ident.hex, None)


def _moved(session: Session, entity: type[Entity], idents: Sequence[UUID]) -> set[UUID]:
    """Those of these rows that once had another place, and so may lie on the terminal."""
    if not idents:
        return set()
    wanted = select(ChangeRow.row_id, ChangeRow.before).where(
        ChangeRow.entity == entity.__tablename__, ChangeRow.row_id.in_(idents)
    )
    place = entity.__about__.scope.value
    return {row.row_id for row in session.execute(wanted) if place in (row.before or ())}
