"""What waits to be brought to Odoo: read off the hub's feed, one line a record however often it changed, until it is there."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from random import uniform
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, delete, or_, select, update
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel.entity import Entity
from app.kernel.many import among, with_ids
from app.kernel.records import FeedRow
from app.kernel.rows import table_of
from app.kernel.upsert import dialect_insert, upsert
from app.odoo.model import AGAIN, DONE, HUMAN, LET_GO, MAPPING, MATCHED, RETRY, OdooLetter, OdooMatch, letter_id
from app.odoo.records import FEED, OdooCursor, OdooMapping, OdooWaiting
from sync.odoo.errors import Verdict
from sync.odoo.map import Out

AT_ONCE = 1000  # rows of one look-up
MOST_TRIES = 8  # of what Odoo took back for a reason that passes: after them somebody looks
NEEDS = "odoo.needs"  # why a record waits that itself is all right: what it names is not in Odoo yet
LONGEST = 300.0  # seconds between two tries
_DEAD = (HUMAN, MAPPING)
Line = tuple[str, UUID]


@dataclass(frozen=True)
class Placed:
    """Which record of Odoo's one of ours is, and what it was when it was last sent."""

    number: int
    name: str
    mark: str


# ---------------------------------------------------------------------------------------------------- from the feed


def take_in(session: Session, org_id: UUID, maps: Sequence[Out], now: datetime) -> int:
    """Lets all wait that changed since the last look, and all that people want tried again; how many rows that were."""
    cursor = session.get(OdooCursor, (org_id, FEED))
    last = feed.head(session)
    if cursor is None:  # what was before Odoo was set up is history: it goes when something new needs it
        session.add(OdooCursor(org_id=org_id, name=FEED, seq=last))
        return 0
    if cursor.seq >= last:
        return 0
    changed = _changed(session, org_id, cursor.seq, last, _watched(maps))
    found = [*_own(changed, maps), *_parents(session, changed, maps), *_followers(session, changed, maps)]
    let_wait(session, org_id, _not_known(session, org_id, found, maps), now, again=True)
    _as_people_said(session, org_id, changed, now)
    cursor.seq = last
    return len(found)


def _watched(maps: Sequence[Out]) -> list[str]:
    """The kinds of rows of which a change says something here."""
    rows = [entity for out in maps for entity, _column in (*out.children, *out.follows)] + [OdooLetter, OdooMatch]
    return [*(out.name for out in maps if not out.by_need), *(row.__tablename__ for row in rows)]


def _changed(session: Session, org_id: UUID, after: int, upto: int, watched: Sequence[str]) -> dict[str, list[UUID]]:
    new = FeedRow.org_id == org_id, FeedRow.seq > after, FeedRow.seq <= upto, FeedRow.mark.is_not(None)
    wanted = select(FeedRow.entity, FeedRow.row_id).where(*new, FeedRow.entity.in_(watched))
    found: dict[str, list[UUID]] = {}
    for entity, ident in session.execute(wanted.order_by(FeedRow.seq)):
        found.setdefault(entity, []).append(ident)
    return found


def _own(changed: Mapping[str, list[UUID]], maps: Sequence[Out]) -> list[Line]:
    return [(out.name, ident) for out in maps if not out.by_need for ident in changed.get(out.name, ())]


def _parents(session: Session, changed: Mapping[str, list[UUID]], maps: Sequence[Out]) -> list[Line]:
    """The records to which changed rows belong, such as the job of a planned part."""
    pairs = [(out, child, column) for out in maps for child, column in out.children if child.__tablename__ in changed]
    found: list[Line] = []
    for out, child, column in pairs:
        for some in chunks(changed[child.__tablename__]):
            table = table_of(child)
            named = session.scalars(select(table.c[column]).where(among(session, table.c.id, some)).distinct())
            found += [(out.name, ident) for ident in named if ident is not None]
    return [*dict.fromkeys(found)]


def _followers(session: Session, changed: Mapping[str, list[UUID]], maps: Sequence[Out]) -> list[Line]:
    """The records that name changed rows, such as the quotes of a job."""
    found: list[Line] = []
    for out in maps:
        for above, column in out.follows:
            for some in chunks(changed.get(above.__tablename__, ())):
                table = table_of(out.entity)
                found += [
                    (out.name, one) for one in session.scalars(select(table.c.id).where(among(session, table.c[column], some)))
                ]
    return [*dict.fromkeys(found)]


def _not_known(session: Session, org_id: UUID, lines: Sequence[Line], maps: Sequence[Out]) -> list[Line]:
    """Without those that Odoo masters and has: it tells us of them, not we it."""
    theirs = {out.name for out in maps if not out.master}
    asked = [line for line in lines if line[0] in theirs]
    there = set(placed(session, org_id, asked))
    return [line for line in lines if line not in there]


def _as_people_said(session: Session, org_id: UUID, changed: Mapping[str, list[UUID]], now: datetime) -> None:
    for letter in with_ids(session, OdooLetter, changed.get(OdooLetter.__tablename__, ())):
        if letter.state == AGAIN:
            let_wait(session, org_id, [(letter.entity, letter.row_id)], now, again=True)
        elif letter.state == LET_GO:
            gone(session, org_id, letter.entity, [letter.row_id])
    if any(match.state == MATCHED for match in with_ids(session, OdooMatch, changed.get(OdooMatch.__tablename__, ()))):
        again = update(OdooWaiting).where(OdooWaiting.org_id == org_id, OdooWaiting.verdict == MAPPING)
        session.execute(again.values(verdict="", tries=0, again_at=None))


def let_wait(session: Session, org_id: UUID, lines: Iterable[Line], now: datetime, *, again: bool = False) -> None:
    """Lets records wait. One that waits already goes on as it did; `again`: at once, and with all its tries."""
    rows = [{"org_id": org_id, "entity": entity, "row_id": ident, "since": now, "seq": 0} for entity, ident in lines]
    if not rows:
        return
    put = dialect_insert(table_of(OdooWaiting), session.get_bind().dialect.name)
    key = ["org_id", "entity", "row_id"]
    fresh = {"tries": 0, "again_at": None, "verdict": "", "code": "", "seq": OdooWaiting.seq + 1}
    done = put.on_conflict_do_update(index_elements=key, set_=fresh) if again else put.on_conflict_do_nothing()
    session.connection().execute(done, rows)


# ------------------------------------------------------------------------------------------------------- what is due


def due(session: Session, org_id: UUID, entity: str, now: datetime, most: int = AT_ONCE) -> dict[UUID, int]:
    """Records of one kind that are to be tried now, the oldest first, each with how often it has changed while it waited."""
    wanted = select(OdooWaiting.row_id, OdooWaiting.seq).where(*_due(org_id, now), OdooWaiting.entity == entity)
    return {ident: seq for ident, seq in session.execute(wanted.order_by(OdooWaiting.since, OdooWaiting.row_id).limit(most))}


def _due(org_id: UUID, now: datetime) -> tuple[ColumnElement[bool], ...]:
    soon = or_(OdooWaiting.again_at.is_(None), OdooWaiting.again_at <= now)
    return OdooWaiting.org_id == org_id, OdooWaiting.verdict.not_in(_DEAD), soon


def waiting(session: Session, org_id: UUID, entity: str, idents: Sequence[UUID]) -> set[UUID]:
    """Those of these records that are not in Odoo as they stand here."""
    found: set[UUID] = set()
    for some in chunks(idents):
        asked = OdooWaiting.org_id == org_id, OdooWaiting.entity == entity, among(session, OdooWaiting.row_id, some)
        found |= set(session.scalars(select(OdooWaiting.row_id).where(*asked)))
    return found


def counted(session: Session, org_id: UUID) -> dict[str, int]:
    """How many records wait, by what stands against them: nothing, retry, mapping, human."""
    found: dict[str, int] = {}
    for verdict in session.scalars(select(OdooWaiting.verdict).where(OdooWaiting.org_id == org_id)):
        found[verdict] = found.get(verdict, 0) + 1
    return found


def next_try(session: Session, org_id: UUID) -> datetime | None:
    """When the next of those is due that wait for a later try."""
    wanted = select(OdooWaiting.again_at).where(
        OdooWaiting.org_id == org_id, OdooWaiting.verdict.not_in(_DEAD), OdooWaiting.again_at.is_not(None)
    )
    return session.scalar(wanted.order_by(OdooWaiting.again_at).limit(1))


# ------------------------------------------------------------------------------------------------------ what became of it


def keep(session: Session, org_id: UUID, model: str, there: Mapping[Line, Placed], now: datetime) -> None:
    """Keeps which of Odoo's records these rows are."""
    rows = [
        {"org_id": org_id, "entity": entity, "row_id": ident, "model": model, "number": one.number, "name": one.name[:255]}
        | {"mark": one.mark, "at": now}
        for (entity, ident), one in there.items()
    ]
    upsert(session, table_of(OdooMapping), rows, ("org_id", "entity", "row_id"))


def arrived(session: Session, org_id: UUID, entity: str, seqs: Mapping[UUID, int]) -> None:
    """These wait no longer, but where they changed while they were sent; who waited for them is looked at again."""
    gone(session, org_id, entity, list(seqs), seqs)
    held = update(OdooWaiting).where(OdooWaiting.org_id == org_id, OdooWaiting.code == NEEDS)
    session.execute(held.values(again_at=None))


def gone(session: Session, org_id: UUID, entity: str, idents: Sequence[UUID], seqs: Mapping[UUID, int] | None = None) -> None:
    """Lets records wait no longer: with `seqs` only where they have not changed meanwhile."""
    by_seq: dict[int | None, list[UUID]] = {}
    for ident in idents:
        by_seq.setdefault(seqs.get(ident) if seqs else None, []).append(ident)
    for seq, same in by_seq.items():
        for some in chunks(same):
            those = OdooWaiting.org_id == org_id, OdooWaiting.entity == entity, among(session, OdooWaiting.row_id, some)
            session.execute(delete(OdooWaiting).where(*those, *([] if seq is None else [OdooWaiting.seq == seq])))


def failed(session: Session, org_id: UUID, entity: str, ident: UUID, verdict: Verdict, now: datetime) -> int | None:
    """Puts a record off, or lays it aside for somebody; after how many tries it was laid aside, None where it was not."""
    line = session.get(OdooWaiting, (org_id, entity, ident))
    if line is None:
        return None
    problem = verdict.problem
    line.tries += 1
    line.verdict = HUMAN if verdict.kind == RETRY and line.tries >= MOST_TRIES else verdict.kind
    line.code, line.said = problem.code, {"message": problem.message, "hint": problem.hint, "values": dict(problem.values)}
    line.again_at = now + timedelta(seconds=pause(line.tries)) if line.verdict == RETRY else None
    return line.tries if line.verdict in _DEAD else None


def held(session: Session, org_id: UUID, entity: str, idents: Sequence[UUID], now: datetime) -> None:
    """These wait for what they name; they are looked at again once something has arrived, or in some minutes."""
    for some in chunks(idents):
        those = OdooWaiting.org_id == org_id, OdooWaiting.entity == entity, among(session, OdooWaiting.row_id, some)
        later = now + timedelta(seconds=LONGEST)
        session.execute(update(OdooWaiting).where(*those).values(code=NEEDS, again_at=later))


def pause(tries: int) -> float:
    """Seconds until the next try: 1, 2, 4 … 300, give or take a fifth, so that not all come at once."""
    return min(LONGEST, 2.0 ** max(0, tries - 1)) * uniform(0.8, 1.2)  # noqa: S311


# ---------------------------------------------------------------------------------------------------------- mappings


def placed(session: Session, org_id: UUID, lines: Iterable[Line]) -> dict[Line, Placed]:
    """Those of these rows that are in Odoo."""
    by_entity: dict[str, list[UUID]] = {}
    for entity, ident in lines:
        by_entity.setdefault(entity, []).append(ident)
    found: dict[Line, Placed] = {}
    for entity, idents in by_entity.items():
        for some in chunks(idents):
            asked = OdooMapping.org_id == org_id, OdooMapping.entity == entity, among(session, OdooMapping.row_id, some)
            wanted = select(OdooMapping.row_id, OdooMapping.number, OdooMapping.name, OdooMapping.mark).where(*asked)
            found |= {(entity, one.row_id): Placed(one.number, one.name, one.mark) for one in session.execute(wanted)}
    return found


def lettered(session: Session, idents: Sequence[UUID]) -> list[UUID]:
    """Those of these records of which a dead letter lies that is not done."""
    wanted = {letter_id(ident): ident for ident in idents}
    found: list[UUID] = []
    for some in chunks(list(wanted)):
        asked = select(OdooLetter.id).where(among(session, OdooLetter.id, some), OdooLetter.state != DONE)
        found += [wanted[letter] for letter in session.scalars(asked)]
    return found


def forget(session: Session, org_id: UUID, lines: Iterable[Line]) -> None:
    """Forgets which records of Odoo's these were."""
    for entity, ident in lines:
        mine = OdooMapping.org_id == org_id, OdooMapping.entity == entity, OdooMapping.row_id == ident
        session.execute(delete(OdooMapping).where(*mine))


def chunks(values: Sequence[Any], most: int = AT_ONCE) -> Iterable[Sequence[Any]]:
    return (values[start : start + most] for start in range(0, len(values), most))


def loaded(session: Session, entity: type[Entity], idents: Sequence[UUID]) -> list[Any]:
    """Rows in the order of these ids; those that are gone are left out."""
    found: dict[UUID, Any] = {}
    for some in chunks(list(dict.fromkeys(idents))):
        found |= {row.id: row for row in with_ids(session, entity, some)}
    return [found[ident] for ident in idents if ident in found]
