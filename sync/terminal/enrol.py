"""A machine joins a hub: it makes itself a key, brings the code, and its store learns whose it is and where its hub is."""

from __future__ import annotations

import json
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import Terminal, make_terminal, open_terminal
from app.kernel import meta, outbox
from app.kernel.dispatch import Station
from app.kernel.keys import KEY_BYTES, KeyKeeper, machine_keeper
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.store import mark_of
from app.kernel.words import _
from app.kernel.zones import zone
from app.terminals.codes import fingerprint
from sync import enrolment, signing
from sync.enrolment import Answered, Asked
from sync.pool import Reply
from sync.terminal import pull
from sync.terminal.asking import Asking, over
from sync.terminal.http import Carrier, HttpLine, judged
from sync.terminal.identity import HUB, Membership, membership

TRIES = 3  # with the same key: an answer that was lost on the way comes again
T = TypeVar("T")


@dataclass(frozen=True)
class Call:
    """What somebody typed or scanned: the hub's address, the code, and perhaps what this machine is to be called, the four
    words of the hub's key, and the authority of its certificate."""

    url: str
    code: str
    name: str = ""
    hub_words: str = ""
    authority: str = ""
    version: str = ""


@dataclass(frozen=True)
class Enrolled:
    """What became of it. The four words are to be compared with those that the hub shows."""

    terminal: UUID
    name: str
    organisation: str
    words: str
    hub_words: str
    fresh: bool  # a store was made; its rows are still at the hub
    adopts: bool  # the hub takes over what was set up here


def enrol(path: Path, call: Call, *, keeper: KeyKeeper | None = None, line: Carrier | None = None) -> Enrolled:
    """Makes the machine with a store at `path`, or with none yet, a terminal of a hub.

    Refused in words where the hub does not let it in: then all is as it was before. Trouble where it cannot be reached, or the
    disk fails: then the same code is good another time, though the hub has heard it.
    """
    keeper = keeper or machine_keeper()
    there = open_terminal(path, keeper=keeper) if path.exists() else None
    try:
        asking = Asking(path, keeper, call.code)
        asked = _asked(there, call, signing.public_of(asking.private))
        try:
            answered = _let_in(line or HttpLine(call.url, call.authority), asked)
            _hold_hub(call, answered)
        except Refused:
            asking.refused()
            raise
        if there is None:
            station = _station(answered, Station(UUID(answered.terminal)))
            there = make_terminal(path, station, org_id=UUID(answered.organisation), keeper=keeper)
        _told(there, keeper, _membership(call, answered, mark_of(asking.private)), answered)
        if asked.organisation:
            over(path, keeper, mark_of(asking.private))
    finally:
        if there is not None:
            there.close()
    return _enrolled(asked, answered)


def _enrolled(asked: Asked, answered: Answered) -> Enrolled:
    return Enrolled(
        UUID(answered.terminal),
        answered.name,
        answered.organisation_name,
        fingerprint(bytes.fromhex(asked.public_key)),
        fingerprint(bytes.fromhex(answered.hub_key)),
        not asked.organisation,
        answered.adopts,
    )


def _asked(there: Terminal | None, call: Call, public_key: bytes) -> Asked:
    """What the machine says of itself. A store in which nothing was ever done, and that holds nothing yet, is as good as none."""
    asked = Asked(call.code, public_key.hex(), call.name[:60], call.version)
    if there is None:
        return asked
    with Session(there.app.read_engine) as session:
        number, _chain = outbox.last_of(session, there.app.station.id)
    if not _holds_something(there):
        return asked
    return replace(asked, organisation=there.org_id.hex, terminal=there.app.station.id.hex, number=number)


def _holds_something(there: Terminal) -> bool:
    with Session(there.app.read_engine) as session:
        return outbox.last_of(session, there.app.station.id)[0] > 0 or pull.cursor(session) > 0


def _let_in(line: Carrier, asked: Asked) -> Answered:
    body = json.dumps(vars(asked)).encode()
    kind = {"Content-Type": "application/json", "Accept": "application/json"}
    reply = _patiently(lambda: _judged(line.carry("POST", enrolment.PATH, kind, body)))
    try:
        return _usable(enrolment.read(Answered, json.loads(reply.body)))
    except (ValueError, RecursionError, Refused) as error:
        message = _("What answers at this address is no hub.")
        raise Trouble("enrol.answer", message, _("Check the address with the person who gave you the code.")) from error


def _usable(answered: Answered) -> Answered:
    """The answer; ValueError or Refused where something in it cannot be so."""
    for ident in (answered.terminal, answered.organisation, answered.site or answered.terminal):
        UUID(ident)
    for key in (answered.hub_key, answered.recovery_key):
        if len(bytes.fromhex(key)) != KEY_BYTES:
            raise ValueError("no key")
    if answered.zone:
        zone(answered.zone)
    return answered


def _patiently(ask: Callable[[], T]) -> T:
    for _try in range(TRIES - 1):
        with suppress(Trouble):
            return ask()
    return ask()


def _judged(reply: Reply) -> Reply:
    """The answer; Refused where the hub says no, whatever the status says about who is to blame."""
    if reply.status in (400, 409, 422, 429):
        reply = replace(reply, status=403)
    return judged(reply)


def _hold_hub(call: Call, answered: Answered) -> None:
    """Whoever scanned the QR code knows by which key to know the hub."""
    if call.hub_words and fingerprint(bytes.fromhex(answered.hub_key)) != call.hub_words:
        message = _("Another machine answers in the hub's place: its key is not the one on the invitation.")
        hint = _("Nothing was sent but the code. Tell whoever looks after the network, and make a new code.")
        raise Refused(Problem("enrol.stranger", message, hint=hint))


def _membership(call: Call, answered: Answered, mark: bytes) -> Membership:
    keys = bytes.fromhex(answered.hub_key), bytes.fromhex(answered.recovery_key)
    return Membership(call.url.rstrip("/"), *keys, mark, name=answered.name, authority=call.authority)


def _station(answered: Answered, before: Station) -> Station:
    """The terminal from now on. A hub that is still empty says nothing of places: they stay as they were set up here."""
    site = UUID(answered.site) if answered.site else before.site_id
    return Station(UUID(answered.terminal), answered.zone or before.zone, answered.place_no, site, enrolled=True)


def _told(terminal: Terminal, keeper: KeyKeeper, hub: Membership, answered: Answered) -> None:
    """Writes into the store which terminal it serves, whose it is, and its hub; the key that it had before is destroyed."""
    before = membership(terminal.app.read_engine)
    station = _station(answered, terminal.app.station)
    terminal.app.writer.run(_keep, terminal, hub, answered, station)
    terminal.app.dispatcher.moved_to(station)
    if before is not None and before.mark != hub.mark:
        keeper.drop(terminal.store.path.parent, before.mark)


def _keep(terminal: Terminal, hub: Membership, answered: Answered, station: Station) -> None:
    with terminal.app.writer.sessions() as session:
        meta.keep_station(session, station)
        meta.keep(session, meta.ORGANISATION, UUID(answered.organisation).hex)
        meta.keep(session, HUB, hub.plain())
        session.commit()
