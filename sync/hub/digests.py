"""The digests of what a terminal should hold: added up as the feed grows, and looked into where a terminal's differ."""

from __future__ import annotations

import threading
from collections.abc import Collection, Iterable, Iterator
from dataclasses import dataclass, field, replace
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, Text, bindparam, cast, func, literal, or_, select, update
from sqlalchemy.orm import Session

from app.kernel import digests, feed, rls
from app.kernel.digests import Digest, DigestLine
from app.kernel.entity import Entity, Scope
from app.kernel.feed import GoneRow
from app.kernel.records import FeedRow, HeadRow
from app.kernel.registry import Registry
from app.kernel.rows import table_of
from sync.hub.feed import Reach, gone
from sync.hub.glance import HALF, Glance, Head
from sync.protocol import Compare, Compared, Epoch, Sum

ALL_AT_ONCE = 5000  # lines that wait to be added up, before `add_up` does
LAST = (1 << 63) - 1  # no number of the feed is above it
Placed = dict[UUID | None, dict[str, Digest]]  # by place, and there by entity


@dataclass(frozen=True)
class _Running:
    epoch: str = ""
    upto: int = 0
    placed: Placed = field(default_factory=dict)


class Sums:
    """The digests of each organisation by place and entity, as far as this process has read the lines."""

    def __init__(self) -> None:
        self._known: dict[UUID, _Running] = {}
        self._lock = threading.Lock()

    def read_upto(self, org_id: UUID) -> int:
        """Up to which number of the feed an organisation's lines have been read."""
        known = self._known.get(org_id)
        return known.upto if known is not None else 0

    def at(self, session: Session, org_id: UUID, head: HeadRow | Head, seen: Glance | None = None) -> Placed:
        """The digests at the head that the session sees: its transaction must see one state of the database throughout. What
        was `seen` in it already is not asked for again."""
        return self._read(session, org_id, head, self._begun(org_id, head) or _Running(head.epoch), seen).placed

    def of(
        self,
        session: Session,
        registry: Registry,
        reach: Reach,
        head: HeadRow | Head,
        without: Iterable[str] = (),
        seen: Glance | None = None,
    ) -> dict[str, Digest]:
        """The digests of what a terminal may hold, by entity, at the head that the session sees."""
        return _held_of(self.at(session, reach.org_id, head, seen), registry, reach, set(without))

    def is_beyond(self, org_id: UUID, head: HeadRow | Head) -> bool:
        """Whether another request has read further than one whose head this is: its digests then cost a question of all lines."""
        known = self._known.get(org_id)
        return known is not None and known.epoch == head.epoch and known.upto > head.last

    def _begun(self, org_id: UUID, head: HeadRow | Head) -> _Running | None:
        """What is known already, where it can be gone on from."""
        known = self._known.get(org_id)
        fits = known is not None and known.epoch == head.epoch and head.summed <= known.upto <= head.last
        return known if fits else None

    def _read(self, session: Session, org_id: UUID, head: HeadRow | Head, begun: _Running, seen: Glance | None) -> _Running:
        """Adds the lines up to the head. Nobody waits for another's question; what was read further stays."""
        if begun.upto >= head.last:
            return begun
        there = seen is not None and seen.turned_after == begun.upto
        lines = seen.turned if seen is not None and there else _lines(session, org_id, begun.upto, head.last)
        read = _Running(head.epoch, head.last, _added(begun.placed, lines))
        with self._lock:
            if not self.is_beyond(org_id, head):
                self._known[org_id] = read
        return read


def _held_of(placed: Placed, registry: Registry, reach: Reach, left_out: Collection[str]) -> dict[str, Digest]:
    held = reach.held
    found: dict[str, Digest] = {}
    for place in placed if held is None else {None, *held} & placed.keys():
        for name, digest in placed[place].items():
            entity = registry.entities.get(name)
            if entity is not None and name not in left_out and reach.covers(entity, place):
                found[name] = found.get(name, Digest()) + digest
    return {name: digest for name, digest in found.items() if digest}


def whole(found: dict[str, Digest]) -> int:
    """One number for all entities."""
    return sum(digest.sum for digest in found.values()) & digests.WHOLE


def _added(placed: Placed, lines: Iterable[Any]) -> Placed:
    """What was known and the lines; what was known stays as it is, for whoever reads in it."""
    turned: Placed = {}
    for line in lines:
        there = turned.setdefault(line.place, dict(placed.get(line.place, {})))
        turn = Digest(int(line.many), ((int(line.high) << HALF) + int(line.low)) & digests.WHOLE)
        there[line.entity] = there.get(line.entity, Digest()) + turn
    return {**placed, **turned}


def _lines(session: Session, org_id: UUID, after: int, upto: int | None = None) -> Iterator[Any]:
    yield from session.execute(_LINES, {"org": org_id, "after": after, "upto": LAST if upto is None else upto})


def _halves(column: Any) -> tuple[Any, Any]:
    return (
        func.sum(column.op(">>")(literal(HALF, Integer))).label("high"),  # PostgreSQL shifts by an integer only
        func.sum(column.op("&")((1 << HALF) - 1)).label("low"),
    )


_LINES = (  # built once: nearly every exchange asks it
    select(DigestLine.entity, DigestLine.place, func.sum(DigestLine.count).label("many"), *_halves(DigestLine.sum))
    .where(DigestLine.org_id == bindparam("org"), DigestLine.seq > bindparam("after"), DigestLine.seq <= bindparam("upto"))
    .group_by(DigestLine.entity, DigestLine.place)
)


def add_up(session: Session, orgs: Iterable[UUID]) -> bool:
    """Makes one line of many, organisation by organisation; the caller commits. False where there are few."""
    head = session.scalars(select(HeadRow).with_for_update()).one()
    if head.last - head.summed < ALL_AT_ONCE:
        return False
    for org_id in orgs:
        rls.serve(session, {org_id})
        placed = _added({}, _lines(session, org_id, 0, head.last))
        session.query(DigestLine).where(DigestLine.org_id == org_id, DigestLine.seq <= head.last).delete()
        session.add_all(
            DigestLine(org_id=org_id, seq=head.last, entity=name, place=place, count=digest.count, sum=digest.sum)
            for place, there in placed.items()
            for name, digest in there.items()
            if digest
        )
        session.flush()
    session.execute(update(HeadRow).values(summed=head.last))
    return True


# ------------------------------------------------------------------------------------------------------------- comparing


def compared(session: Session, registry: Registry, reach: Reach, sums: Sums, asked: Compare) -> Compared:
    """The digests of what the terminal should hold, as deep down as it asks; the session sees one state of the database."""
    head = feed.state(session)
    told = Compared(head.epoch, head.last, reach=reach.name)
    if not asked.entity:
        lives = tuple(Epoch(*one) for one in feed.epochs(session))
        return replace(told, sums=_told(sums.of(session, registry, reach, head, asked.without)), epochs=lives)
    entity = registry.entities.get(asked.entity)
    if entity is None:
        return told
    told = replace(told, shape=digests.shape(entity))
    if not asked.paths:
        return replace(told, sums=_told(_buckets(session, entity, reach, asked)))
    marks = _marks(session, entity, reach, asked)
    newer = sorted(ident.hex for ident in _newer(session, registry, entity, reach, asked))
    return replace(told, ids=tuple(marks), marks=tuple(marks.values()), newer=tuple(newer))


def _told(found: dict[str, Digest]) -> tuple[Sum, ...]:
    return tuple(Sum(name, found[name].count, found[name].sum) for name in sorted(found))


def _buckets(session: Session, entity: type[Entity], reach: Reach, asked: Compare) -> dict[str, Digest]:
    if asked.deep:
        turned: dict[str, list[int]] = {}
        for ident, one in _contents(session, entity, reach):
            turn = turned.setdefault(ident.hex()[-asked.digits :], [0, 0])
            turn[0] += 1
            turn[1] += one
        return {path: Digest(many, total & digests.WHOLE) for path, (many, total) in turned.items()}
    path = _path(session, asked.digits).label("path")
    wanted = select(path, func.count().label("many"), *_halves(FeedRow.mark)).where(*_held(entity, reach)).group_by(path)
    rows = session.execute(wanted)
    return {row.path: Digest(row.many, ((int(row.high) << HALF) + int(row.low)) & digests.WHOLE) for row in rows}


def _marks(session: Session, entity: type[Entity], reach: Reach, asked: Compare) -> dict[str, int]:
    if asked.deep:
        ends = tuple(asked.paths)
        return {ident.hex(): one for ident, one in _contents(session, entity, reach) if ident.hex().endswith(ends)}
    wanted = select(FeedRow.row_id, FeedRow.mark).where(*_held(entity, reach), *_ending(session, asked))
    return {ident.hex: one or 0 for ident, one in session.execute(wanted)}


def _newer(session: Session, registry: Registry, entity: type[Entity], reach: Reach, asked: Compare) -> set[UUID]:
    """The rows that changed, came or went after the terminal's cursor: the feed will bring them."""
    fresh = select(FeedRow.row_id).where(*_held(entity, reach), *_ending(session, asked), FeedRow.seq > asked.cursor)
    left = gone(session, registry, reach, GoneRow.seq > asked.cursor, GoneRow.entity == entity.__tablename__)
    return {*session.scalars(fresh), *(ident for _entity, ident in left)}


def _held(entity: type[Entity], reach: Reach) -> list[Any]:
    """Which pointers are those of an entity's rows that the terminal may hold."""
    wanted = [FeedRow.org_id == reach.org_id, FeedRow.entity == entity.__tablename__, FeedRow.mark.is_not(None)]
    return [*wanted, *_placed(FeedRow.place, entity, reach)]


def _placed(column: Any, entity: type[Entity], reach: Reach) -> list[Any]:
    places = reach.places(entity)
    return [] if places is None else [or_(column.is_(None), column.in_(places))]


def _contents(session: Session, entity: type[Entity], reach: Reach) -> Iterator[tuple[bytes, int]]:
    columns = table_of(entity).c
    scope = entity.__about__.scope
    placed = [] if scope is Scope.ORGANISATION else _placed(columns[scope.value], entity, reach)
    return digests.contents(session.connection(), entity, columns.org_id == reach.org_id, *placed)


def _ending(session: Session, asked: Compare) -> list[Any]:
    digits = len(asked.paths[0])
    return [] if not digits else [_path(session, digits).in_(asked.paths)]


def _path(session: Session, digits: int) -> Any:
    """The last digits of a row's id."""
    if session.get_bind().dialect.name == "postgresql":
        return func.right(cast(FeedRow.row_id, Text), digits)
    return func.lower(func.substr(func.hex(FeedRow.row_id), -digits))
