"""Repair: finds where the terminal differs from the hub, and mends only that: never from the start, never all of it."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import digests, meta
from app.kernel.digests import Digest
from app.kernel.entity import Entity
from app.kernel.records import WAITING, EnvelopeRow, SyncEvent
from app.kernel.rows import image, table_of
from sync.protocol import Compare, Compared, Exchanged, Line, Peer, Rows
from sync.terminal import beneath, memory, pull

FEW, MANY = 400, 40_000  # rows of an entity up to which there is one bucket, or are 256; beyond, 4096
PATHS_AT_ONCE = 32
ROWS_AT_ONCE = 500  # rows asked for in one trip
REMEMBERED = 200  # rows taken away that a notice still holds
PATIENCE_MS = 900_000  # until something is compared again that could not be mended
TRIED, CHECKED = "compared_at", "checked_last"
log = logging.getLogger(__name__)


@dataclass
class Healed:
    """What a repair did: how many rows were fetched and taken away, by entity."""

    fetched: dict[str, int] = field(default_factory=dict)
    removed: dict[str, int] = field(default_factory=dict)
    lost: list[dict[str, Any]] = field(default_factory=list)  # some of the rows that were taken away, as they were
    compared: int = 0  # entities whose digests differed

    @property
    def rows(self) -> int:
        return sum(self.fetched.values()) + sum(self.removed.values())


def differs(app: App, session: Session, answer: Exchanged) -> bool:
    """Whether the terminal stands where the hub does, nothing waits, and yet it holds something else."""
    if answer.digest is None or pull.cursor(session) != answer.horizon or _busy(app, session):
        return False
    if digest_of_all(session) == answer.digest:
        return False
    ours = beneath.sums(session, app.registry, beneath.rows(session))
    return _whole(ours) != answer.digest


def digest_of_all(session: Session) -> int:
    """The digest of all that lies here, which is the hub's own where nothing waits."""
    return _whole(digests.kept(session))


def _whole(found: dict[str, Digest]) -> int:
    return sum(one.sum for one in found.values()) & digests.WHOLE


def _busy(app: App, session: Session) -> bool:
    """Whether work waits for the hub, or what differs has been looked at a moment ago and could not be mended."""
    if session.scalar(select(EnvelopeRow.seq).where(EnvelopeRow.state == WAITING).limit(1)) is not None:
        return True
    return pull.unsettled(session) or app.clock.now_ms() - int(meta.read(session, TRIED) or 0) < PATIENCE_MS


def heal(app: App, peer: Peer, kind: str, again: int, *, anew: bool = False) -> Healed:
    """Compares all that the terminal holds and mends what differs. `anew`, where its cursor means nothing to the hub: then it
    goes on from the last number that both have in common, because what was run again since may be otherwise under the same
    stamp. Trouble on the way leaves what was mended, and the rest for the next time."""
    top = _ask(app, peer, 0)
    since = top.horizon if anew else _cursor(app)
    theirs = {one.name: Digest(one.count, one.sum) for one in top.sums}
    with Session(app.read_engine) as session:
        ours = beneath.sums(session, app.registry, beneath.rows(session))
    repair = _Repair(app, peer, since, again)
    for name in sorted(theirs.keys() | ours.keys()):
        if theirs.get(name) != ours.get(name) and name in app.registry.entities:
            repair.done.compared += 1
            repair.mend(name, max(one.count for one in (theirs.get(name, Digest()), ours.get(name, Digest()))))
    if anew:
        with Session(app.read_engine) as session:
            since = memory.common(session, top.epochs, since)
        app.writer.run(pull.lay, app.dispatcher, pull.Part((), since), again)
    app.writer.run(_noted, app, kind, repair.done, top if anew else None)
    return repair.done


def check(app: App, peer: Peer, again: int, entities: Iterable[str] = ()) -> Healed:
    """Compares what the rows hold, cell by cell, and mends what differs: on demand, when idle, or after an update. Entities
    whose columns the hub has not, or has more of, are left out. Takes about 5 µs a row, none of them on the writer."""
    top = _ask(app, peer, 0)
    repair = _Repair(app, peer, _cursor(app), again, deep=True)
    for one in top.sums:
        if one.name in app.registry.entities and (not entities or one.name in entities):
            repair.mend(one.name, one.count)
    app.writer.run(_noted, app, "checked", repair.done, None)
    return repair.done


def check_next(app: App, peer: Peer, again: int) -> Healed:
    """The same for one kind of rows, each time for the next one."""
    with Session(app.read_engine) as session:
        last = str(meta.read(session, CHECKED) or "")
        held = sorted(name for name in digests.kept(session) if name in app.registry.entities)
    name = next((name for name in held if name > last), held[0] if held else "")
    healed = check(app, peer, again, entities=(name,))
    app.writer.run(_kept, app, name)
    return healed


def _kept(app: App, name: str) -> None:
    with app.writer.sessions() as session:
        meta.keep(session, CHECKED, name)
        session.commit()


def read_again(app: App, peer: Peer, aside: Iterable[str], again: int) -> Healed:
    """After an update, fetches what an older program had to leave aside of these entities' rows."""
    healed = check(app, peer, again, entities=set(aside))
    app.writer.run(_read, app, aside)
    return healed


def _read(app: App, aside: Iterable[str]) -> None:
    with app.writer.sessions() as session:
        for name in aside:
            memory.read_again(session, name)
        session.commit()


def _cursor(app: App) -> int:
    with Session(app.read_engine) as session:
        return pull.cursor(session)


def _ask(app: App, peer: Peer, cursor: int, **more: Any) -> Compared:
    with Session(app.read_engine) as session:
        unknown = memory.without(session, app.registry)
    return peer.compare(Compare(app.station.id.hex, cursor, without=unknown, **more))


class _Repair:
    """One repair on its way through the entities."""

    def __init__(self, app: App, peer: Peer, since: int, again: int, *, deep: bool = False) -> None:
        self.app = app
        self.peer = peer
        self.since = since  # what changed at the hub after this number comes by the feed
        self.again = again
        self.deep = deep
        self.done = Healed()

    def mend(self, name: str, count: int) -> None:
        """Mends one entity of about so many rows."""
        entity, before = self.app.registry.entities[name], self.done.rows
        digits = 0 if count <= FEW else 2 if count <= MANY else 3
        paths = self._paths(entity, digits) if digits else [""]
        for start in range(0, len(paths), PATHS_AT_ONCE):
            self._mend_buckets(entity, digits, paths[start : start + PATHS_AT_ONCE])
        if self.done.rows == before and not self.deep:
            self._recount(name)

    def _paths(self, entity: type[Entity], digits: int) -> list[str]:
        """The buckets that differ."""
        told = _ask(self.app, self.peer, self.since, entity=entity.__tablename__, digits=digits, deep=self.deep)
        if self.deep and told.shape != digests.shape(entity):
            return []
        theirs = {one.name: Digest(one.count, one.sum) for one in told.sums}
        ours: dict[str, list[int]] = {}
        for ident, mark in self._ours(entity, [""]):
            turn = ours.setdefault(ident[-digits:], [0, 0])
            turn[0] += 1
            turn[1] += mark
        here = {path: Digest(many, total & digests.WHOLE) for path, (many, total) in ours.items()}
        return sorted(path for path in theirs.keys() | here.keys() if theirs.get(path) != here.get(path))

    def _mend_buckets(self, entity: type[Entity], digits: int, paths: Sequence[str]) -> None:
        name = entity.__tablename__
        told = _ask(self.app, self.peer, self.since, entity=name, digits=digits, paths=tuple(paths), deep=self.deep)
        if self.deep and told.shape != digests.shape(entity):
            return
        theirs, ours = dict(zip(told.ids, told.marks, strict=True)), dict(self._ours(entity, paths))
        left = {*told.newer, *(self._own(name) if self.deep else ())}
        wanted = sorted(ident for ident, mark in theirs.items() if ours.get(ident) != mark and ident not in left)
        self._lay(name, self._fetched(name, wanted))
        gone = sorted(ident for ident in ours.keys() - theirs.keys() if ident not in left)
        self._keep_lost(entity, gone)
        self._lay(name, [Line(name, ident, None) for ident in gone])

    def _ours(self, entity: type[Entity], paths: Sequence[str]) -> Iterator[tuple[str, int]]:
        with Session(self.app.read_engine) as session:
            some = beneath.rows(session).get(entity.__tablename__, {})
            yield from beneath.marks(session, entity, some, paths, self.deep)

    def _own(self, name: str) -> set[str]:
        """Rows that something of ours lies on: what they hold cannot be compared."""
        with Session(self.app.read_engine) as session:
            return {ident.hex for ident in beneath.rows(session).get(name, {})}

    def _fetched(self, name: str, idents: Sequence[str]) -> Iterator[Line]:
        for start in range(0, len(idents), ROWS_AT_ONCE):
            yield from self.peer.rows(Rows(self.app.station.id.hex, name, tuple(idents[start : start + ROWS_AT_ONCE]))).lines

    def _lay(self, name: str, lines: Iterable[Line]) -> None:
        laid = list(lines)
        for start in range(0, len(laid), pull.ROWS_AT_ONCE):
            part = pull.Part(laid[start : start + pull.ROWS_AT_ONCE])
            self.app.writer.run(pull.lay, self.app.dispatcher, part, self.again)
        for counted, many in ((self.done.fetched, True), (self.done.removed, False)):
            if some := sum((line.image is not None) is many for line in laid):
                counted[name] = counted.get(name, 0) + some

    def _keep_lost(self, entity: type[Entity], idents: Sequence[str]) -> None:
        """A notice holds what is taken away, so that whoever misses it can look."""
        room = max(0, REMEMBERED - len(self.done.lost))
        table = table_of(entity)
        with Session(self.app.read_engine) as session:
            wanted = select(table).where(table.c.id.in_([UUID(ident) for ident in idents[:room]]))
            self.done.lost += [
                {"entity": table.name, "row": image(entity, dict(row))} for row in session.execute(wanted).mappings()
            ]

    def _recount(self, name: str) -> None:
        """No row differs: then the digest itself is off, by a mistake of this program's; it is set right."""
        with Session(self.app.read_engine) as session:
            kept = digests.kept(session).get(name, Digest())
            counted = Digest()
            for _ident, mark in digests.marks(session.connection(), name):
                counted += Digest(1, mark)
        if counted != kept:
            log.warning("The digest of %s was off and has been counted anew.", name)
            self.app.writer.run(_mended, self.app, name, Digest(counted.count - kept.count, counted.sum - kept.sum))


def _mended(app: App, name: str, drift: Digest) -> None:
    with app.writer.sessions() as session:
        digests.mend(session, name, drift)
        session.commit()


def _noted(app: App, kind: str, healed: Healed, anew: Compared | None) -> None:
    """Keeps a notice of what was mended, and with it, where the terminal began anew, which life of the hub it now follows."""
    with app.writer.sessions() as session:
        if anew is not None:
            meta.keep(session, memory.EPOCH, anew.epoch)
            meta.keep(session, memory.EPOCHS, [[one.name, one.began] for one in anew.epochs])
            meta.keep(session, memory.REACH, anew.reach)
        if healed.compared and not healed.rows:
            meta.keep(session, TRIED, app.clock.now_ms())
        if healed.rows or kind not in ("repaired", "checked"):
            detail = {"fetched": healed.fetched, "removed": healed.removed, "lost": healed.lost}
            many = sum(healed.fetched.values()), sum(healed.removed.values())
            session.add(SyncEvent(at=app.clock.now(), kind=kind, fetched=many[0], removed=many[1], detail=detail, seen=False))
            log.warning("Sync put right what differed (%s): %d rows fetched, %d taken away.", kind, *many)
        session.commit()
