"""Taking back what was done here, and doing it again on top of the hub's rows: which commands, and how."""

from __future__ import annotations

import json
import logging
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.commands import Envelope
from app.kernel.dispatch import Dispatcher
from app.kernel.outbox import CHANGES
from app.kernel.problems import Trouble
from app.kernel.records import WAITING, EnvelopeRow

Changed = set[tuple[str, UUID]]
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Plan:
    """The commands to take back, closed under dependence, and the rows that cannot be laid down yet."""

    taken: set[int] = field(default_factory=set)
    blocked: set[UUID] = field(default_factory=set)


def nothing_waits(session: Session) -> bool:
    """Whether the hub has answered, or parked, all there is."""
    return session.scalar(select(EnvelopeRow.seq).where(EnvelopeRow.state == WAITING).limit(1)) is None


def due(session: Session, upto: int) -> list[int]:
    """The answered commands whose effects the hub's own replace once the feed is laid down up to this number."""
    wanted = select(EnvelopeRow.seq).where(EnvelopeRow.due.is_not(None), EnvelopeRow.due <= upto)
    return list(session.scalars(wanted.order_by(EnvelopeRow.seq)))


def plan(session: Session, rows: Collection[UUID], seeds: Iterable[int], most_again: int) -> Plan:
    """What must be taken back so that these rows can be laid down and these commands settled.

    While commands wait for the hub, a group of dependents larger than `most_again` is left for later: once the hub has
    answered them there is little or nothing to do again. So a long queue costs a download nothing.
    """
    most = None if nothing_waits(session) else most_again
    first = outbox.first_writers(session, rows)
    taken: set[int] = set()
    for seq in sorted({*seeds, *first.values()}):
        if seq not in taken:
            group = taken | outbox.with_dependents(session, seq, most)
            taken = group if most is None or len(group) <= most else taken
    return Plan(taken, {row for row, seq in first.items() if seq not in taken})


def changed_by(session: Session, seqs: Collection[int]) -> Changed:
    """The rows that these commands changed here."""
    wanted = select(CHANGES.c.entity, CHANGES.c.row_id).join(EnvelopeRow, EnvelopeRow.id == CHANGES.c.envelope_id)
    return {(name, ident) for name, ident in session.execute(wanted.where(EnvelopeRow.seq.in_(list(seqs))))}


def again(session: Session, dispatcher: Dispatcher, row: EnvelopeRow) -> Changed:
    """Does a command again under its own envelope and place. A fact is never refused; a request may come to nothing here."""
    try:
        with session.begin_nested():
            done = dispatcher.replay(session, Envelope.from_json(json.loads(row.content)))
            outbox.keep_changes(session, done.capture, row.id)
            outbox.keep_touches(session, row.seq, done.reads, done.capture)
    except (Trouble, OperationalError, InterfaceError):  # the disk is full or away: all of this is taken back, and comes again
        raise
    except Exception:  # a bug must not stop the download; the command still goes to the hub, whose rows come back
        log.exception("Envelope %s could not be done again here.", row.id)
        return set()
    return set(done.capture.changes)
