"""Drafts: what somebody has half filled in, kept within a second of the last key, for them alone and at this terminal alone."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import String, delete, select
from sqlalchemy.orm import Mapped, Session, mapped_column

from app.kernel.entity import LocalRow
from app.kernel.rows import table_of
from app.kernel.types import Json
from app.kernel.upsert import upsert

INWARD = "…"  # begins the names of what the program keeps for somebody by itself: no form has such a name


class DraftRow(LocalRow):
    """A form that was left before it was saved; `fields` holds what was typed, by field."""

    __tablename__ = "draft"
    actor_id: Mapped[UUID] = mapped_column(primary_key=True)
    form: Mapped[str] = mapped_column(String(160), primary_key=True)
    at: Mapped[datetime]
    fields: Mapped[dict[str, Any]] = mapped_column(Json)


def keep(session: Session, actor_id: UUID, form: str, at: datetime, fields: dict[str, Any]) -> None:
    """Keeps what is in a form now, in place of what was; an empty form is forgotten."""
    if fields:
        upsert(
            session, table_of(DraftRow), [{"actor_id": actor_id, "form": form, "at": at, "fields": fields}], ("actor_id", "form")
        )
    else:
        session.execute(delete(DraftRow).where(DraftRow.actor_id == actor_id, DraftRow.form == form))
    session.commit()


def find(session: Session, actor_id: UUID, form: str) -> dict[str, Any]:
    """What somebody left in a form; nothing where there is nothing."""
    wanted = select(DraftRow.fields).where(DraftRow.actor_id == actor_id, DraftRow.form == form)
    return dict(session.scalar(wanted) or {})


def named(session: Session, actor_id: UUID, beginning: str) -> dict[str, dict[str, Any]]:
    """What is kept for somebody under names that begin so, by name."""
    wanted = select(DraftRow.form, DraftRow.fields).where(DraftRow.actor_id == actor_id).order_by(DraftRow.form)
    return {form: dict(fields) for form, fields in session.execute(wanted) if form.startswith(beginning)}


def parked(session: Session, actor_id: UUID) -> list[DraftRow]:
    """The forms that somebody left half filled in, the latest first; what the program itself keeps for them is none of these."""
    rows = session.scalars(select(DraftRow).where(DraftRow.actor_id == actor_id).order_by(DraftRow.at.desc())).all()
    return [row for row in rows if not row.form.startswith(INWARD)]
