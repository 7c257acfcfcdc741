"""Which terminals there are for the hub: who signed a request, what it may hold, and when each was last heard of."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Collection, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session
from starlette.requests import Request

from app.assemble import App
from app.kernel import locks, rls
from app.kernel.events import Notice
from app.kernel.many import among
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from app.places.model import Warehouse
from app.terminals.model import ACTIVE, WIPED, Terminal, TerminalSeen
from app.terminals.seen import heard
from sync import orders, signing
from sync.hub import enrolling
from sync.hub.feed import Reach
from sync.hub.keys import HubKeys
from sync.hub.nonces import Nonces
from sync.protocol import Hello, Pull, Push, Reborn, Renewed

FRESH = 5.0  # seconds that a terminal's row is believed, for what other processes change
OFTEN = 10.0  # seconds between two notes of who was heard of
MOST = 10_000  # terminals that are remembered
log = logging.getLogger(__name__)
MATTERS = ("terminal", "site", "warehouse")


@dataclass(frozen=True)
class Device:
    """A terminal that has shown who it is."""

    terminal_id: UUID
    org_id: UUID
    reach: Reach


@dataclass(frozen=True)
class Known:
    """A terminal's row as far as requests need it."""

    terminal_id: UUID
    public_key: bytes
    state: str
    reach: Reach
    name: str

    @property
    def ended(self) -> bool:
        """Whether it was shut out."""
        return self.state != ACTIVE


class Shut(Refused):
    """Refused, with an order for the terminal: `more` goes into the answer beside the problem."""

    def __init__(self, problem: Problem, more: Mapping[str, Any]) -> None:
        super().__init__(problem)
        self.more = dict(more)


_Held = tuple[float, Known | None]  # when it was looked up, and what was found


@dataclass
class _Heard:
    """Who was heard of since it was last written down."""

    rows: dict[UUID, dict[str, Any]] = field(default_factory=dict)
    written: float = 0.0


class Devices:
    """Looks terminals up, with a short memory, in one process of the hub."""

    def __init__(self, app: App, keys: HubKeys) -> None:
        self.app = app
        self.keys = keys
        self._known: dict[UUID, _Held] = {}
        self._looking = threading.Lock()
        self._nonces = Nonces(app.read_engine)
        self._heard = _Heard()
        self._lock = threading.Lock()
        app.notices.listen(self._changed)

    # ---------------------------------------------------------------------------------------------------------- who asks

    def who(self, headers: Mapping[str, str], method: str, target: str, body: bytes) -> Device:
        """The terminal that signed a request; Refused where it did not, or where it may not come in any more.

        `headers` are looked up whatever their case (as Starlette's are); `target` is path and query as they were sent.
        """
        known = self.held(enrolling.unhexed(headers.get(signing.TERMINAL, "")))
        if known is None:
            raise Refused(_unknown())
        signing.verify(known.public_key, headers, method, target, body, self.app.clock.now_ms(), self._nonces)
        if known.state == WIPED:
            raise Shut(_wiped(), {"order": orders.wipe(self.keys.signing, known.terminal_id, known.public_key)})
        if known.state != ACTIVE:
            raise Refused(_revoked())
        return Device(known.terminal_id, known.reach.org_id, known.reach)

    def asking(self, request: Request, body: bytes) -> Device:
        """The same for a request over HTTP; the terminal has been heard of."""
        device = self.who(request.headers, request.method, target_of(request.scope), body)
        self.heard(device)
        return device

    def reach(self, terminal_id: UUID) -> Reach | None:
        """What a terminal may hold; None for one that nobody enrolled, or that was shut out."""
        known = self.held(terminal_id)
        return known.reach if known is not None and known.state == ACTIVE else None

    def renew(self, terminal_id: UUID, reborn: Reborn) -> Renewed:
        """An identity of its own for a terminal that works with a copy of another one's store, at the same places."""
        known = self.held(terminal_id)
        if known is None:
            raise Refused(_unknown())
        public_key = reborn.public_key or known.public_key.hex()
        row = enrolling.renew(self.app, terminal_id, known.reach.org_id, public_key)
        return Renewed(row.id.hex, row.place_no)

    # ------------------------------------------------------------------------------------------------------- what is known

    def held(self, terminal_id: UUID | None) -> Known | None:
        """A terminal's row, at most some seconds old; None when there is none."""
        if terminal_id is None:
            return None
        known, now = self._known, time.monotonic()
        there = known.get(terminal_id)
        if there is not None and now - there[0] < FRESH:
            return there[1]
        found = self._look(terminal_id, known, now)
        with self._lock:
            if len(known) >= MOST:
                known.clear()
            known.update({ident: (now, one) for ident, one in found.items()})  # what was forgotten meanwhile stays forgotten
        return found[terminal_id]

    def forget(self) -> None:
        """Looks everything up anew."""
        self._known = {}

    def _changed(self, notice: Notice) -> None:
        if notice.touches(MATTERS):
            self.forget()

    def _look(self, terminal_id: UUID, known: Mapping[UUID, _Held], now: float) -> dict[UUID, Known | None]:
        """A terminal's row and, as many come every few seconds, those of all others that are no longer fresh: by one thread."""
        wanted = {terminal_id}
        alone = not self._looking.acquire(blocking=False)
        try:
            if not alone:
                wanted |= {ident for ident, (at, one) in tuple(known.items()) if one is not None and now - at >= FRESH}
            with Session(self.app.read_engine) as session:
                rls.serve_all(session)
                return {ident: None for ident in wanted} | _known_of(session, wanted)
        finally:
            if not alone:
                self._looking.release()

    # ------------------------------------------------------------------------------------------------------- last heard of

    def heard(self, device: Device, **told: Any) -> None:
        """Takes note that a terminal was heard of, with what it told of itself: `number`, `cursor`, `waiting`, `version`,
        `heartbeat`. It is written down together with the others, now and then, and nobody waits for that."""
        with self._lock:
            row = self._heard.rows.setdefault(device.terminal_id, {})
            row.update(told, org_id=device.org_id, at=self.app.clock.now())
            now = time.monotonic()
            due = now - self._heard.written >= OFTEN
            if due:
                self._heard.written = now
        if due:
            self.app.writer.submit(self.write_down)

    def told(self, terminal_id: UUID, messages: Iterable[Any]) -> None:
        """Takes note of what a terminal's messages tell of it."""
        known = self.held(terminal_id)
        told = {name: value for message in messages for name, value in _of_itself(message)}
        if known is not None and told:
            self.heard(Device(terminal_id, known.reach.org_id, known.reach), **told)

    def write_down(self) -> None:
        """Writes down who was heard of; on the writer's thread."""
        with self._lock:
            rows, self._heard.rows = self._heard.rows, {}
        with self.app.writer.sessions(info={"orgs": {row["org_id"] for row in rows.values()}}) as session:
            for terminal, told in sorted(rows.items()):
                _noted(session, terminal, told)
            session.commit()


def _noted(session: Session, terminal: UUID, told: Mapping[str, Any]) -> None:
    """Notes what a terminal told; where that is nothing a database keeps, what the others told is noted all the same."""
    try:
        with session.begin_nested():
            heard(session, terminal, told)
    except (DBAPIError, ValueError) as error:
        if locks.passing(error):
            raise
        log.warning("What terminal %s tells of itself cannot be kept: %s", terminal, error)


def _of_itself(message: Any) -> Iterator[tuple[str, Any]]:
    match message:
        case Hello():
            yield from (("number", message.number), ("cursor", message.cursor), ("heartbeat", message.heartbeat))
            waiting, program = message.heartbeat.get("waiting"), message.heartbeat.get("program")
            if isinstance(waiting, int) and 0 <= waiting < 1 << 31:
                yield "waiting", waiting
            if isinstance(program, str):
                yield "version", program[:40]
        case Push():
            yield "number", message.first_number - 1 + len(message.envelopes)
        case Pull():
            yield "cursor", message.cursor


def _known_of(session: Session, idents: Collection[UUID]) -> dict[UUID, Known]:
    rows = list(session.scalars(select(Terminal).where(among(session, Terminal.id, idents), Terminal.retired.is_(False))))
    seen = select(TerminalSeen.terminal_id, TerminalSeen.adopts).where(among(session, TerminalSeen.terminal_id, idents))
    adopts: dict[UUID, int] = {ident: number for ident, number in session.execute(seen)}
    sites = {row.site_id for row in rows if row.site_id and not row.warehouse_id}
    inside = select(Warehouse.site_id, Warehouse.org_id, Warehouse.id).where(among(session, Warehouse.site_id, sites))
    rooms: dict[tuple[UUID, UUID], set[UUID]] = {}
    for site, org_id, room in session.execute(inside) if sites else ():
        rooms.setdefault((site, org_id), set()).add(room)
    return {row.id: _known(row, rooms, adopts.get(row.id, 0)) for row in rows}


def _known(row: Terminal, rooms: Mapping[tuple[UUID, UUID], set[UUID]], adopts: int) -> Known:
    """A terminal holds its organisation's rows, of its site alone where it has one, and there of all store rooms or of one."""
    sites = frozenset({row.site_id}) if row.site_id else None
    held: frozenset[UUID] | None = None
    if row.warehouse_id:
        held = frozenset({row.warehouse_id})
    elif row.site_id:
        held = frozenset(rooms.get((row.site_id, row.org_id), ()))
    reach = Reach(row.org_id, sites, held, adopting=adopts > 0, adopts=adopts)
    return Known(row.id, bytes.fromhex(row.public_key), row.state, reach, row.name)


def target_of(scope: Mapping[str, Any]) -> str:
    """Path and query of an ASGI request as they came in."""
    path = scope.get("raw_path") or scope["path"].encode()
    query = scope.get("query_string", b"")
    return bytes(path + b"?" + query if query else path).decode("latin-1")


# -------------------------------------------------------------------------------------------------------------- words


def _unknown() -> Problem:
    message = _("The hub does not know this terminal.")
    return Problem("device.unknown", message, hint=_("Enrol it with a new code; what waits on it is kept."))


def _revoked() -> Problem:
    message = _("This terminal has been revoked: the hub takes nothing from it.")
    return Problem("device.revoked", message, hint=_("What waits here is kept. Ask whoever looks after the terminals."))


def _wiped() -> Problem:
    message = _("This terminal was ordered to hand over what waits and to remove its store.")
    return Problem("device.wipe", message, hint=_("Take the sealed file that it leaves to whoever looks after the hub."))
