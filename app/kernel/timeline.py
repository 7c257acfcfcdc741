"""Timeline: what people did to a record and on its account, each act once, in the words of the floor."""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import or_, select
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.attached import Note
from app.kernel.clock import stamp_time
from app.kernel.entity import Entity
from app.kernel.queries import Asking
from app.kernel.records import ChangeRow, EnvelopeRow, TouchRow
from app.kernel.registry import Registry
from app.kernel.subjects import Done, called, subjects

MOST = 120
NOTE = "AddNote"
QUIET = ("id", "org_id", "stamp", "made_at", "made_by")
TOLD = ("text", "reason", "how")  # what people wrote themselves
Changes = tuple[tuple[str, Any, Any], ...]


@dataclass(frozen=True)
class Did:
    """One act: when, who, what it is called and on what; what the person wrote, and the record's fields as (name, before,
    after). `fresh` where it made the record, `doubted` where the terminal's clock could not be believed."""

    at: datetime
    who: UUID
    called: str
    what: str = ""
    wrote: str = ""
    fields: Changes = ()
    fresh: bool = False
    doubted: bool = False


def acts(session: Session, registry: Registry, actor: Actor, row: Entity, most: int = MOST) -> list[Did]:
    """The acts on a record as far as this database knows, the latest first: those that changed it, and those that name it.

    Notes are read from their own rows, for those that were written elsewhere come without their commands.
    """
    found = _envelopes(session, row.id, most)
    changed = _changes(session, [one.id for one in found], row.id)
    telling = [one for one in found if one.command != NOTE and (one.id in changed or _names(one.content, row.id))]
    done = [Done(one.id, one.command, _body(one.content)) for one in telling]
    lines = subjects(Asking(session, actor, registry), done)
    told = [
        _did(registry, one, act, _without(line, row.title), changed.get(one.id))
        for one, act, line in zip(telling, done, lines, strict=True)
    ]
    return sorted((*told, *_notes(session, registry, row.id)), key=lambda did: did.at, reverse=True)


def _notes(session: Session, registry: Registry, ident: UUID) -> list[Did]:
    wanted = select(Note).where(Note.row_id == ident, Note.retired.is_(False))
    return [Did(row.made_at, row.made_by, called(registry, NOTE), wrote=row.text) for row in session.scalars(wanted)]


def _envelopes(session: Session, ident: UUID, most: int) -> Sequence[Any]:
    """The commands that changed the row, or read or wrote it, the latest first.

    The latest are looked up by themselves: of a bin or a site that thousands have touched, no more is read.
    """
    changed = session.scalars(
        select(ChangeRow.envelope_id).where(ChangeRow.row_id == ident).order_by(ChangeRow.id.desc()).limit(most)
    ).all()
    touched = session.scalars(
        select(TouchRow.seq).where(TouchRow.row_id == ident).order_by(TouchRow.seq.desc()).limit(2 * most)
    ).all()
    wanted = (
        select(EnvelopeRow.id, EnvelopeRow.stamp, EnvelopeRow.actor_id, EnvelopeRow.command, EnvelopeRow.content)
        .where(or_(EnvelopeRow.id.in_(changed), EnvelopeRow.seq.in_(touched)))
        .order_by(EnvelopeRow.stamp.desc(), EnvelopeRow.seq.desc())
        .limit(most)
    )
    return session.execute(wanted).all()


def _changes(session: Session, envelopes: Iterable[UUID], ident: UUID) -> dict[UUID, tuple[Any, Any]]:
    wanted = select(ChangeRow.envelope_id, ChangeRow.before, ChangeRow.after)
    rows = session.execute(wanted.where(ChangeRow.row_id == ident, ChangeRow.envelope_id.in_(list(envelopes))))
    return {envelope: (before, after) for envelope, before, after in rows}


def _names(content: str, ident: UUID) -> bool:
    """Whether a command says the record's id itself, and did not merely look at it."""
    return ident.hex in content


def _body(content: str) -> Mapping[str, Any]:
    body = json.loads(content).get("body", {})
    return body if isinstance(body, dict) else {}


def _did(registry: Registry, row: Any, done: Done, what: str, change: tuple[Any, Any] | None) -> Did:
    before, after = change or ({}, {})
    wrote = next((str(done.body[name]) for name in TOLD if done.body.get(name)), "")
    return Did(
        stamp_time(row.stamp), row.actor_id, called(registry, row.command), what, wrote, _fields(before, after), before is None,
        bool(json.loads(row.content).get("drawn", {}).get("clock")),
    )  # fmt: skip


def _fields(before: dict[str, Any] | None, after: dict[str, Any] | None) -> Changes:
    if before is None:
        return ()
    now = after or {}
    return tuple(
        (name, before.get(name), value) for name, value in now.items() if name not in QUIET and before.get(name) != value
    )


def _without(line: str, title: str) -> str:
    """What it was done on besides the record whose timeline it is, and how many of it."""
    parts = (part.removesuffix(title).removesuffix(" × ") if part.endswith(f" × {title}") else part for part in line.split(" · "))
    return " · ".join(part for part in parts if part != title)
