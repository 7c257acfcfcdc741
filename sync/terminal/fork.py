"""A second identity for a store that was copied or put back: what waits is numbered anew under it, and nothing is done twice.

The ids of commands stay, by which the hub knows those that it has already. It may be cut at any place, and is gone on with.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID
from weakref import WeakSet

from sqlalchemy import or_, select, update
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import meta, outbox
from app.kernel.codes import LeaseRow
from app.kernel.commands import Envelope
from app.kernel.records import PARKED, WAITING, EnvelopeRow, SyncEvent
from sync.protocol import Link, Peer, Reborn, Renewed
from sync.terminal import memory

REBIRTH = "rebirth"  # while it goes on: who the terminal was, who it will be, and up to where the hub has the same commands
AT_ONCE = 100  # commands numbered anew in one transaction, which keeps it under 20 ms
_WHOLE: WeakSet[App] = WeakSet()  # where nothing was begun, since it was looked, that may have been cut
log = logging.getLogger(__name__)


def reborn(app: App, peer: Peer) -> None:
    """Asks for a new identity and takes it on. Trouble or Refused leaves all as it was."""
    with Session(app.read_engine) as session:
        links = tuple(_links(session, app.station.id))
    renewed = peer.reborn(Reborn(app.station.id.hex, links))
    _WHOLE.discard(app)
    app.writer.run(_begin, app, renewed)
    resume(app)


def resume(app: App) -> None:
    """Goes on with taking on a new identity, where that was cut."""
    if app in _WHOLE:
        return
    with Session(app.read_engine) as session:
        going_on = meta.read(session, REBIRTH) is not None
    while going_on:
        going_on = app.writer.run(_some, app)
    _WHOLE.add(app)


def take_over(app: App) -> bool:
    """Numbers what was sent under a former identity as this one's: a hub that was put back may not have it any more, and nobody
    else sends it again. Whether there was any."""
    with Session(app.read_engine) as session:
        former = session.scalar(select(EnvelopeRow.seq).where(EnvelopeRow.terminal_id != app.station.id).limit(1)) is not None
    going_on = former
    while going_on:
        going_on = app.writer.run(_take_some, app)
    return former


def _take_some(app: App) -> bool:
    with app.writer.sessions() as session:
        wanted = select(EnvelopeRow).where(EnvelopeRow.terminal_id != app.station.id).order_by(EnvelopeRow.seq)
        rows = list(session.scalars(wanted.limit(AT_ONCE)))
        _number_anew(session, rows, app.station.id)
        session.commit()
    app.dispatcher.moved_to(app.station)
    return len(rows) == AT_ONCE


def _number_anew(session: Session, rows: Iterable[EnvelopeRow], new: UUID) -> int:
    """Makes these the next commands of an identity; its last number."""
    number, chain = outbox.last_of(session, new)
    for row in rows:
        number += 1
        envelope = replace(Envelope.from_json(json.loads(row.content)), terminal_id=new, number=number)
        row.terminal_id, row.number, row.content = new, number, envelope.text()
        row.chain = chain = outbox.chained(chain, row.content)
    return number


def _links(session: Session, terminal_id: UUID) -> list[Link]:
    """Links of the chain from its end backwards, in steps that double: by them the hub tells how far it has the same."""
    last, _chain = outbox.last_of(session, terminal_id)
    numbers = {last} | {last - (1 << step) for step in range(max(last, 1).bit_length())}
    wanted = select(EnvelopeRow.number, EnvelopeRow.chain).where(
        EnvelopeRow.terminal_id == terminal_id, EnvelopeRow.number.in_(numbers)
    )
    return [Link(number, chain) for number, chain in session.execute(wanted.order_by(EnvelopeRow.number))]


def _begin(app: App, renewed: Renewed) -> None:
    plan = {"old": app.station.id.hex, "new": UUID(renewed.terminal_id).hex, "index": renewed.index, "known": renewed.known}
    with app.writer.sessions() as session:
        meta.keep(session, REBIRTH, {**plan, "incarnation": renewed.incarnation})
        session.commit()


def _some(app: App) -> bool:
    """Numbers some commands anew; with the last of them the terminal is somebody else. False when that is done."""
    with app.writer.sessions() as session:
        plan = meta.read(session, REBIRTH)
        old, new = UUID(plan["old"]), UUID(plan["new"])
        rows = _next(session, old, plan["known"])
        number = _number_anew(session, rows, new)
        if len(rows) == AT_ONCE:
            session.commit()
            return True
        station = replace(app.station, id=new, index=plan["index"])
        meta.keep_station(session, station)
        _forget_copied(session, plan["incarnation"])
        meta.keep(session, memory.RESEND, 0)
        detail = {"old": old.hex, "new": new.hex, "commands": number}
        session.add(SyncEvent(at=app.clock.now(), kind="reborn", fetched=0, removed=0, detail=detail, seen=False))
        session.commit()
    app.dispatcher.moved_to(station)
    log.warning("This terminal has a new identity: its store was copied or put back. %d commands go under it.", number)
    return False


def _next(session: Session, old: UUID, known: int) -> list[EnvelopeRow]:
    """What the hub does not have under the old number, or has not answered, or has parked."""
    open_or_unknown = or_(EnvelopeRow.number > known, EnvelopeRow.state.in_((WAITING, PARKED)))
    wanted = select(EnvelopeRow).where(EnvelopeRow.terminal_id == old, open_or_unknown)
    return list(session.scalars(wanted.order_by(EnvelopeRow.number).limit(AT_ONCE)))


def _forget_copied(session: Session, incarnation: str) -> None:
    """What two machines must not both use: the token, and the numbers leased to their one former identity."""
    meta.keep(session, memory.INCARNATION, incarnation)
    session.execute(update(LeaseRow).values(last=LeaseRow.next - 1))
    meta.forget(session, REBIRTH)
