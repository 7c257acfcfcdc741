"""Doing again what a damaged store has lost, from the black box: each command once, under its own envelope, in its order."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import islice
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.kernel import outbox
from app.kernel.capture import Capture, WorkSession
from app.kernel.commands import Envelope
from app.kernel.dispatch import Dispatcher, Replayed
from app.kernel.problems import Trouble
from app.kernel.records import REFUSED, WAITING, EnvelopeRow
from app.kernel.store import unsynced

AT_ONCE = 100  # commands in one transaction
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Redone:
    """What came of it: how many commands were done again, how many of them came to nothing here, and how many are missing
    between them."""

    commands: int = 0
    failed: int = 0
    missing: int = 0


def redo(dispatcher: Dispatcher, texts: Iterable[str]) -> Redone:
    """Does again, on the writer's thread, those of these envelopes that came after the last one in the store.

    An id that is there already is passed over, so it may be cut at any place and begun again.
    """
    with Session(dispatcher.engine) as session:
        last = session.scalar(select(EnvelopeRow.stamp).order_by(EnvelopeRow.seq.desc()).limit(1)) or 0
    later = (text for text in texts if json.loads(text)["stamp"] > last)
    done = failed = missing = 0
    while some := list(islice(later, AT_ONCE)):
        with unsynced(dispatcher.engine) as connection, WorkSession(connection, expire_on_commit=False) as session:
            found = [_one(dispatcher, session, text) for text in _unknown(session, some)]
            session.commit()
        done += len(found)
        failed += sum(not one.well for one in found)
        missing += sum(one.gap for one in found)
    dispatcher.moved_to(dispatcher.station)
    return Redone(done, failed, missing)


@dataclass(frozen=True)
class _Done:
    """Of one command: whether it did what it had done, and how many are missing before it."""

    well: bool
    gap: int


def _unknown(session: Session, texts: Sequence[str]) -> list[str]:
    by_id = {UUID(json.loads(text)["id"]): text for text in texts}
    known = set(session.scalars(select(EnvelopeRow.id).where(EnvelopeRow.id.in_(list(by_id)))))
    return [text for ident, text in by_id.items() if ident not in known]


def _one(dispatcher: Dispatcher, session: WorkSession, text: str) -> _Done:
    """Under its own number, where that is the next one, so that the chain is as it was."""
    envelope = Envelope.from_json(json.loads(text))
    number, chain = outbox.last_of(session, dispatcher.station.id)
    gap = envelope.number - number - 1 if envelope.terminal_id == dispatcher.station.id else 0
    if (envelope.terminal_id, envelope.number) != (dispatcher.station.id, number + 1):
        envelope = replace(envelope, terminal_id=dispatcher.station.id, number=number + 1)
        text = envelope.text()
    done = _played(dispatcher, session, envelope)
    state = REFUSED if done.verdict == REFUSED and not dispatcher.station.enrolled else WAITING  # else the hub decides
    seq = outbox.keep(session, envelope, outbox.chained(chain, text), state, done.findings, text)
    outbox.keep_changes(session, done.capture, envelope.id)
    outbox.keep_touches(session, seq, done.reads, done.capture)
    dispatcher.clock.resume(envelope.stamp)
    return _Done(done.verdict != REFUSED, max(0, gap))


def _played(dispatcher: Dispatcher, session: WorkSession, envelope: Envelope) -> Replayed:
    """A mistake of the program's in one command must not keep the others away: it stands in the chain, and did nothing here."""
    try:
        with session.begin_nested():
            return dispatcher.replay(session, envelope)
    except (Trouble, OperationalError, InterfaceError):  # the disk: all of it comes again
        raise
    except Exception:
        log.exception("Command %s could not be done again.", envelope.id)
        return Replayed(REFUSED, [], Capture(dispatcher.registry, envelope.stamp), set())
