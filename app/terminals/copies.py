"""Copies of a terminal's store: each gets an identity of its own, which says out of which terminal it came."""

from __future__ import annotations

from datetime import datetime, timedelta
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.orm import Session

from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.records import EnvelopeRow, LifeRow
from app.kernel.words import _
from app.terminals.model import ACTIVE, Terminal

MOST, WITHIN = 10, timedelta(days=1)  # identities that may come out of one terminal, and out of those, in a while


def came_out_of(session: Session, ident: UUID) -> list[Terminal]:
    """The terminals that work with copies of this one's store, with copies of theirs, and so on."""
    copies = select(Terminal.id).where(Terminal.origin_id == ident).cte("copies", recursive=True)
    copies = copies.union(select(Terminal.id).where(Terminal.origin_id == copies.c.id))
    return list(session.scalars(select(Terminal).where(Terminal.id.in_(select(copies.c.id))).order_by(Terminal.id)))


def first_of(session: Session, ident: UUID) -> UUID:
    """The terminal that was the first to have this one's store."""
    while (before := session.scalar(select(Terminal.origin_id).where(Terminal.id == ident))) is not None:
        ident = before
    return ident


def unused_copy(session: Session, ident: UUID, public_key: str) -> Terminal | None:
    """The identity that a copy of this terminal's store was given and has not worked under: the answer may have been lost."""
    known = select(LifeRow.terminal_id).where(LifeRow.terminal_id == Terminal.id)
    worked = select(EnvelopeRow.seq).where(EnvelopeRow.terminal_id == Terminal.id)
    wanted = select(Terminal).where(Terminal.origin_id == ident, Terminal.public_key == public_key, Terminal.state == ACTIVE)
    unused = wanted.where(Terminal.retired.is_(False), ~known.exists(), ~worked.exists())
    return session.scalars(unused.order_by(Terminal.id.desc()).limit(1)).first()


def next_copy(session: Session, ident: UUID, public_key: str) -> UUID:
    """The id of the next identity for a copy of this terminal's store: the same for two who ask at once under one key, of whom
    only one can be let in then."""
    out = select(func.count()).where(Terminal.origin_id == ident, Terminal.public_key == public_key)
    return derived_id(ident, Terminal.__tablename__, f"{public_key}:{session.scalar(out)}")


def may_be_copied(session: Session, origin: Terminal, now: datetime) -> Problem | None:
    """Out of a terminal that was shut out comes no other one, and out of none without end."""
    if origin.state != ACTIVE:
        return _shut_out(origin)
    family = came_out_of(session, first_of(session, origin.id))
    return _too_many() if sum(one.made_at > now - WITHIN for one in family) >= MOST else None


def _shut_out(origin: Terminal) -> Problem:
    message = _("“{name}” was shut out, and so is every copy of its store.")
    hint = _("Enrol this machine with a new code; what waits on it is kept.")
    return Problem("terminal.copy_of_revoked", message, hint=hint, values={"name": origin.name})


def _too_many() -> Problem:
    message = _("Copies of this terminal's store have got {most} identities within a day, which is the most there may be.")
    hint = _("Look why its store is copied or put back so often; then enrol this machine with a new code.")
    return Problem("terminal.copies", message, hint=hint, values={"most": MOST})
