"""What comes down: the hub's rows, laid beneath the commands that wait, one page in one transaction with its cursor."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from types import SimpleNamespace
from typing import Any
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.capture import Capture, WorkSession
from app.kernel.dispatch import Dispatcher
from app.kernel.entity import Entity
from app.kernel.events import Notice
from app.kernel.outbox import TOUCHES
from app.kernel.records import EnvelopeRow, HeldRow, MetaRow
from app.kernel.registry import Registry
from app.kernel.rows import table_of, values
from app.kernel.upsert import upsert
from sync.protocol import Line, Page
from sync.terminal import rebase
from sync.terminal.rebase import Changed, Plan

CURSOR = "cursor"
ROWS_AT_ONCE = 200  # rows of one transaction at most, unless commands must be done again on top of more
MOST_HELD = 500


@dataclass
class Part:
    """Some lines of a page; `upto` is set on the last part, which moves the cursor."""

    lines: Sequence[Line]
    upto: int | None = None
    changed: Changed = field(default_factory=set)


def cursor(session: Session) -> int:
    """Up to which number the hub's feed is laid down here."""
    found = session.get(MetaRow, CURSOR)
    return int(found.value) if found else 0


def parts(page: Page) -> Iterator[Part]:
    """A page in pieces small enough for one transaction; a cut between them only means that the page comes again."""
    starts = list(range(0, len(page.lines), ROWS_AT_ONCE)) or [0]
    for start in starts:
        yield Part(page.lines[start : start + ROWS_AT_ONCE], page.upto if start == starts[-1] else None)


def lay(dispatcher: Dispatcher, part: Part, most_again: int) -> None:
    """Lays rows down: takes back what stands on them, writes them, folds, does it again on top, and moves the cursor."""
    with WorkSession(dispatcher.engine, expire_on_commit=False) as session:
        lines = {UUID(line.id): line for line in part.lines}
        plan = _plan(session, lines, part.upto, most_again)
        if part.upto is not None:
            lines = _held(session, plan.taken) | lines  # where a row comes anew, what was held of it is old
        part.changed |= rebase.changed_by(session, plan.taken)
        back = outbox.take_back(session, dispatcher.registry, sorted(plan.taken))
        _put(session, dispatcher, [line for ident, line in lines.items() if ident not in plan.blocked])
        _hold(session, lines, plan)
        session.expunge_all()
        part.changed |= _again(session, dispatcher, back, part.upto)
        if part.upto is not None:
            upsert(session, table_of(MetaRow), [{"key": CURSOR, "value": part.upto}], ("key",))
        session.commit()
    part.changed |= {(line.entity, ident) for ident, line in lines.items()}
    dispatcher.tell(_notice(part.changed))


def _plan(session: Session, lines: dict[UUID, Line], upto: int | None, most_again: int) -> Plan:
    if upto is None:  # not the whole transaction of the hub's: what commands here stand on waits for its last part
        return Plan(blocked=set(outbox.first_writers(session, lines)))
    rows = {*lines}
    if rebase.nothing_waits(session):
        rows |= set(session.scalars(select(HeldRow.row_id).limit(MOST_HELD)))
    return rebase.plan(session, rows, rebase.due(session, upto), most_again)


def _again(session: Session, dispatcher: Dispatcher, back: Iterable[EnvelopeRow], upto: int | None) -> Changed:
    """Does again what was taken back, but for commands whose effects are now the hub's own."""
    changed: Changed = set()
    for one in back:
        row = session.get_one(EnvelopeRow, one.seq)
        if row.due is not None and upto is not None and row.due <= upto:
            row.due = None
        else:
            changed |= rebase.again(session, dispatcher, row)
    return changed


def _notice(changed: Changed) -> Notice:
    rows: dict[str, set[UUID]] = {}
    for name, ident in changed:
        rows.setdefault(name, set()).add(ident)
    return Notice({name: frozenset(idents) for name, idents in rows.items()})


# ---------------------------------------------------------------------------------------------------- rows that must wait


def holds_any(session: Session) -> bool:
    """Whether rows of the hub's wait for commands to be answered."""
    return session.scalar(select(HeldRow.row_id).limit(1)) is not None


def _held(session: Session, taken: Iterable[int]) -> dict[UUID, Line]:
    """The rows that waited for commands, and wait for none but those that are taken back now."""
    others = select(TOUCHES.c.seq).where(TOUCHES.c.row_id == HeldRow.row_id, TOUCHES.c.wrote, TOUCHES.c.seq.not_in(list(taken)))
    free = session.scalars(select(HeldRow).where(~others.exists()).limit(MOST_HELD))
    return {row.row_id: Line(row.entity, row.row_id.hex, row.image) for row in free}


def _hold(session: Session, lines: dict[UUID, Line], plan: Plan) -> None:
    waiting = [line for ident, line in lines.items() if ident in plan.blocked]
    kept = [{"entity": line.entity, "row_id": UUID(line.id), "image": line.image} for line in waiting]
    laid = [ident for ident in lines if ident not in plan.blocked]
    session.connection().execute(delete(HeldRow).where(HeldRow.row_id.in_(laid)))
    upsert(session, table_of(HeldRow), kept, ("entity", "row_id"))


# ------------------------------------------------------------------------------------------------------- writing the rows


def _put(session: Session, dispatcher: Dispatcher, lines: Sequence[Line]) -> None:
    session.info["capture"] = Capture(dispatcher.registry, 0)
    named: dict[str, list[Line]] = {}
    for line in lines:
        if line.entity in dispatcher.registry.entities:
            named.setdefault(line.entity, []).append(line)
    for name, some in named.items():
        _write(session, dispatcher.registry, dispatcher.registry.entities[name], some)
    newest = max((line.image["stamp"] for line in lines if line.image), default=0)
    dispatcher.clock.receive(newest)


def _write(session: Session, registry: Registry, entity: type[Entity], lines: Sequence[Line]) -> None:
    """Writes one entity's rows, folds what is new into the balances, and keeps search in step."""
    rows = [values(entity, line.image) for line in lines if line.image is not None]
    for line in lines:
        if line.image is None:
            outbox.remove(session, registry, entity, UUID(line.id))
    fresh = _fresh(session, entity, rows) if entity in registry.projections else []
    for some in _alike(rows):
        upsert(session, table_of(entity), some, ("id",))
    for projection in registry.projections.get(entity, ()):
        projection.add_many(session, [SimpleNamespace(**row) for row in fresh])
    outbox.refresh_search(session, registry, entity.__tablename__, [row["id"] for row in rows])


def _fresh(session: Session, entity: type[Entity], rows: Sequence[dict[str, Any]]) -> list[dict[str, Any]]:
    table = table_of(entity)
    there = set(session.scalars(select(table.c.id).where(table.c.id.in_([row["id"] for row in rows]))))
    return [row for row in rows if row["id"] not in there]


def _alike(rows: Iterable[dict[str, Any]]) -> Iterable[list[dict[str, Any]]]:
    """Rows that name the same columns together: an older or newer hub may know fewer or more."""
    found: dict[tuple[str, ...], list[dict[str, Any]]] = {}
    for row in rows:
        found.setdefault(tuple(sorted(row)), []).append(row)
    return found.values()
