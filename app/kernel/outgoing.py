"""Outgoing: what was done here and how far it is on its way to the hub, command by command and record by record."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import Integer, and_, case, cast, func, select
from sqlalchemy.orm import Session

from app.kernel.cards import NOBODY
from app.kernel.clock import stamp_time
from app.kernel.outbox import ENVELOPES, TOUCHES
from app.kernel.problems import Problem
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.records import APPLIED, CONFIRMED, PARKED, QUESTIONED, REFUSED, WAITING, Discrepancy, EnvelopeRow
from app.kernel.settling import OPEN
from app.kernel.words import _, say

HERE, SENT, CONFIRMED_THERE, NEEDS_YOU = "here", "sent", "confirmed", "needs_you"
WORDS = {
    HERE: _("Saved here"),
    SENT: _("Sent"),
    CONFIRMED_THERE: _("Confirmed"),
    NEEDS_YOU: _("Needs you"),
}
STATES = {
    WAITING: _("Saved here"),
    PARKED: _("Kept at the hub until it can be run"),
    CONFIRMED: _("Confirmed"),
    APPLIED: _("Done"),
    QUESTIONED: _("Confirmed, with a question"),
    REFUSED: _("Turned down"),
}
DONE = (CONFIRMED, QUESTIONED)


@dataclass(frozen=True)
class Outgoing:
    """What of this terminal's work the hub does not have yet, and since when."""

    waiting: int = 0
    parked: int = 0
    oldest: datetime | None = None


def outgoing(session: Session, org_id: UUID) -> Outgoing:
    """Counted over the commands that wait or are parked."""
    wanted = (
        select(EnvelopeRow.state, func.count(), func.min(EnvelopeRow.stamp))
        .where(EnvelopeRow.org_id == org_id, EnvelopeRow.state.in_((WAITING, PARKED)))
        .group_by(EnvelopeRow.state)
    )
    found = {state: (count, stamp) for state, count, stamp in session.execute(wanted)}
    oldest = min((stamp for _count, stamp in found.values()), default=None)
    counts = {state: count for state, (count, _stamp) in found.items()}
    return Outgoing(counts.get(WAITING, 0), counts.get(PARKED, 0), stamp_time(oldest) if oldest else None)


def standings(session: Session, idents: Iterable[UUID]) -> dict[UUID, str]:
    """Of these records, those that are not simply confirmed: saved here, sent, or needing somebody. One question each way."""
    wanted = list(idents)
    if not wanted:
        return {}
    waits = func.max(case((ENVELOPES.c.state == WAITING, 1), else_=0))
    touched = (
        select(TOUCHES.c.row_id, cast(waits, Integer))
        .join(ENVELOPES, ENVELOPES.c.seq == TOUCHES.c.seq)
        .where(TOUCHES.c.row_id.in_(wanted), TOUCHES.c.wrote)
        .group_by(TOUCHES.c.row_id)
    )
    found = {ident: HERE if waiting else SENT for ident, waiting in session.execute(touched)}
    asked = select(Discrepancy.row_id).where(
        Discrepancy.row_id.in_(wanted), and_(Discrepancy.state == OPEN, Discrepancy.decides != NOBODY)
    )
    return found | {ident: NEEDS_YOU for ident in session.scalars(asked) if ident is not None}


def sent(asking: Asking, *, state: str = "") -> Ask:
    """What was done at this terminal, the latest first; with `state` only what waits, is parked, was confirmed or refused."""
    statement = select(
        EnvelopeRow.seq.label("id"),
        EnvelopeRow.stamp.label("at"),
        EnvelopeRow.command.label("command"),
        EnvelopeRow.actor_id.label("by"),
        EnvelopeRow.state.label("state"),
        EnvelopeRow.problems.label("problems"),
        EnvelopeRow.number.label("number"),
    ).where(EnvelopeRow.org_id == asking.actor.org_id)
    if state:
        statement = statement.where(EnvelopeRow.state.in_(DONE if state == CONFIRMED else (state,)))
    columns = (
        Column("number", _("Number"), "number"),
        Column("at", _("When"), "number"),
        Column("command", _("What was done")),
        Column("state", _("How far it is")),
        Column("problems", _("What is so"), empty=True),
    )
    return Ask(statement, columns, order="-id", reads=frozenset(asking.registry.entities), told=_told)


def _told(row: Row) -> Row:
    said = " ".join(problem.get("message", "") for problem in row["problems"] or [])
    spoken = {"command": named(row["command"]), "state": say(STATES.get(row["state"]) or str(row["state"])), "problems": said}
    return {**row, **spoken, "at": stamp_time(row["at"])}


def named(command: str) -> str:
    """A command's name as words: IssuePart is “Issue part”."""
    return re.sub(r"(?<=[a-z])(?=[A-Z])", " ", command).capitalize()


def age(since: datetime, now: datetime) -> str:
    """How long ago something was, in the largest unit that says it."""
    minutes = max(0, int((now - since).total_seconds() // 60))
    if minutes < 60:
        return say(_("{count} min"), count=minutes)
    if minutes < 48 * 60:
        return say(_("{count} h"), count=minutes // 60)
    return say(_("{count} days"), count=minutes // (24 * 60))


def leaves(found: Outgoing) -> Problem | None:
    """What nobody has but this terminal, for whoever updates it, wipes it or carries it away."""
    if not found.waiting:
        return None
    return Problem(
        "sync.only_here",
        _("Nowhere but on this terminal: commands that wait, {count} of them."),
        blocks=False,
        hint=_("Keep it until they are confirmed. Signing out or an update leaves them where they are."),
        values={"count": found.waiting},
    )


QUERY = Query("sent", sent, "kernel.read", _("What was done at this terminal, and how far it is on its way to the hub."))
