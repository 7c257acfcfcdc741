"""Outgoing: what was done here and how far it is on its way to the hub, command by command and record by record."""

from __future__ import annotations

import json
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime
from functools import partial
from typing import Any
from uuid import UUID

from sqlalchemy import Integer, and_, case, cast, func, literal, select
from sqlalchemy.orm import Session

from app.kernel.cards import NOBODY
from app.kernel.clock import stamp_time
from app.kernel.outbox import ENVELOPES, TOUCHES
from app.kernel.problems import Problem
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.records import APPLIED, CONFIRMED, PARKED, QUESTIONED, REFUSED, WAITING, Discrepancy, EnvelopeRow
from app.kernel.settling import OPEN
from app.kernel.subjects import Done, called, subjects
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
READABLE = 20_000  # letters of a command; of a longer one only how many rows it was about is told


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
    content = case((func.length(EnvelopeRow.content) <= READABLE, EnvelopeRow.content), else_="")
    statement = select(
        EnvelopeRow.seq.label("id"),
        EnvelopeRow.id.label("envelope"),
        EnvelopeRow.stamp.label("at"),
        EnvelopeRow.command.label("command"),
        EnvelopeRow.actor_id.label("by"),
        EnvelopeRow.state.label("state"),
        EnvelopeRow.problems.label("problems"),
        EnvelopeRow.number.label("number"),
        content.label("content"),
        literal("").label("what"),  # told by `subjects`: what a command holds is neither sorted nor sought by
    ).where(EnvelopeRow.org_id == asking.actor.org_id)
    if state:
        statement = statement.where(EnvelopeRow.state.in_(DONE if state == CONFIRMED else (state,)))
    columns = (
        Column("number", _("Number"), "number"),
        Column("at", _("When"), "number"),
        Column("command", _("What was done")),
        Column("what", _("On what")),
        Column("state", _("How far it is")),
        Column("problems", _("What is so"), empty=True),
    )
    reads = frozenset(asking.registry.entities)
    return Ask(statement, columns, order="-id", reads=reads, told=partial(_told, asking))


def _told(asking: Asking, rows: list[Row]) -> list[Row]:
    """The names that people know, in the place of commands and ids."""
    done = [Done(row["envelope"], row["command"], _body(row["content"])) for row in rows]
    return [_said(asking, row, what) for row, what in zip(rows, subjects(asking, done), strict=True)]


def _body(content: str) -> dict[str, Any]:
    return dict(json.loads(content)["body"]) if content else {}


def _said(asking: Asking, row: Row, what: str) -> Row:
    said = " ".join(problem.get("message", "") for problem in row["problems"] or [])
    kept = {name: value for name, value in row.items() if name != "content"}
    state = say(STATES.get(row["state"]) or str(row["state"]))
    command = called(asking.registry, row["command"])
    return {**kept, "command": command, "what": what, "state": state, "problems": said, "at": stamp_time(row["at"])}


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
