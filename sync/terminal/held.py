"""Rows of the hub's that wait: too many commands that the hub has not answered stand on them to be done again at once."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from uuid import UUID

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from app.kernel.outbox import TOUCHES
from app.kernel.records import HeldRow
from app.kernel.rows import table_of
from app.kernel.upsert import upsert
from sync.protocol import Line

MOST = 500  # rows let go in one transaction


def is_any(session: Session) -> bool:
    return session.scalar(select(HeldRow.row_id).limit(1)) is not None


def among(session: Session, idents: Sequence[UUID]) -> bool:
    """Whether one of these rows waits."""
    some = (idents[start : start + MOST] for start in range(0, len(idents), MOST))
    return any(session.scalar(select(HeldRow.row_id).where(HeldRow.row_id.in_(one)).limit(1)) is not None for one in some)


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
