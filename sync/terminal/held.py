"""Rows of the hub's that wait: too many commands that the hub has not answered stand on them to be done again at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel.outbox import TOUCHES
from app.kernel.records import HeldRow
from app.kernel.rows import table_of
from app.kernel.upsert import upsert
from sync.protocol import Line
from sync.sections import Section

MOST = 500  # rows let go in one transaction
ASKED = 250  # ids in one question
_PLACES = ", ".join("?" * ASKED)
_WROTE = f"SELECT 1 FROM touch WHERE wrote AND row_id IN ({_PLACES}) LIMIT 1"  # noqa: S608 (question marks)
_HELD = f"SELECT 1 FROM held_row WHERE entity = ? AND row_id IN ({_PLACES}) LIMIT 1"  # noqa: S608


def is_any(session: Session) -> bool:
    return session.scalar(select(HeldRow.row_id).limit(1)) is not None


def in_the_way(session: Session, sections: Iterable[Section]) -> bool:
    """Whether a waiting command wrote one of these rows, or one of them waits. Costs about 1 µs a row, however long the queue."""
    touched = session.scalar(select(TOUCHES.c.seq).limit(1)) is not None
    holds = is_any(session)
    return (touched or holds) and any(
        (touched and _found(session, _WROTE, (), some)) or (holds and _found(session, _HELD, (section.entity,), some))
        for section in sections
        for some in _asked(section)
    )


def _asked(section: Section) -> Iterator[tuple[bytes, ...]]:
    """The ids in groups of one size, the last one filled up: so there is one statement for all."""
    packed = [bytes.fromhex(ident) for ident in section.ids]
    for start in range(0, len(packed), ASKED):
        some = packed[start : start + ASKED]
        yield tuple(some + some[-1:] * (ASKED - len(some)))


def _found(session: Session, statement: str, before: tuple[str, ...], some: tuple[bytes, ...]) -> bool:
    return session.connection().exec_driver_sql(statement, before + some).first() is not None


def some(session: Session) -> set[UUID]:
    """Rows that wait, whatever for."""
    return set(session.scalars(select(HeldRow.row_id).limit(MOST)))


def freed(session: Session, taken: Iterable[int]) -> dict[UUID, Line]:
    """The rows that wait for none but commands that are taken back now."""
    others = select(TOUCHES.c.seq).where(TOUCHES.c.row_id == HeldRow.row_id, TOUCHES.c.wrote, TOUCHES.c.seq.not_in(list(taken)))
    free = session.scalars(select(HeldRow).where(~others.exists()).limit(MOST))
    return {row.row_id: Line(row.entity, row.row_id.hex, row.image) for row in free}


def keep(session: Session, lines: Iterable[Line]) -> None:
    """Holds rows; what was held of them before is old."""
    kept = [{"entity": line.entity, "row_id": UUID(line.id), "image": line.image} for line in lines]
    upsert(session, table_of(HeldRow), kept, ("entity", "row_id"))


def forget(session: Session, idents: Collection[UUID]) -> None:
    """These rows are laid down."""
    session.connection().execute(delete(HeldRow).where(HeldRow.row_id.in_(idents)))
