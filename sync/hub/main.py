"""The hub's composition root: its App on PostgreSQL, what terminals and people reach over HTTP, and a clean end."""

from __future__ import annotations

import gc
import socket
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable
from contextlib import ExitStack, asynccontextmanager
from itertools import count
from pathlib import Path
from types import FrameType
from uuid import UUID

import uvicorn
from fastapi import APIRouter, FastAPI
from sqlalchemy import URL, Engine, select
from sqlalchemy.orm import Session
from starlette.routing import Route

from app.assemble import App
from app.kernel import postgres, rls
from app.kernel.clock import Clock
from app.kernel.dispatch import Station
from app.kernel.exchange.fingerprints import Fingerprint, everything, fingerprint
from app.kernel.files import FileLock, make_folder
from app.kernel.ids import new_id
from app.kernel.problems import Trouble
from app.kernel.words import _
from app.kernel.writer import Writer
from app.migrations import stands_at_head
from app.organisations.model import Organisation
from sync.hub import api, file_routes, gate, odoo_hooks, problems, snapshot_routes, state, wire
from sync.hub.devices import Devices
from sync.hub.door import Door, Straight
from sync.hub.feed import Reach
from sync.hub.keys import hub_keys
from sync.hub.logs import write_json
from sync.hub.peer import HubPeer
from sync.hub.tidying import Tidying
from sync.hub.watching import Counted, Watch
from sync.hub.watching import router as watching
from sync.odoo.bridge import Bridge
from sync.odoo.coming import take_in

GRACE = 20  # seconds that requests in flight have when the hub is told to end
KEPT = 75  # seconds that a connection without a request is kept: terminals come every half minute
YOUNG = 20_000  # objects after which garbage is looked for: most of a request's have gone by then
SWITCH = 0.001  # seconds; the writer, whom all wait for, waits no longer for another thread's turn
BELIEVED = 1.0  # seconds for which this process believes what it has read of people's rights: another one may change them


class Hub:
    """One process of the hub. `stopping` is set as soon as it is told to end: who waits for something then answers at once."""

    def __init__(self, engine: Engine, folder: Path, *, clock: Clock | None = None) -> None:
        """On a database whose tables are there. The folder keeps this process's name in the chains; Trouble when either fails."""
        self.engine = engine
        self.folder = folder
        self.stopping = threading.Event()
        self._believed = 0.0
        with ExitStack() as ends:
            ends.callback(engine.dispose)
            lock, station = _claimed(folder)
            ends.callback(lock.release)
            self.app = App(Writer(engine), engine, engine, Station(station, hub=True), clock=clock)
            ends.callback(self.app.close)
            self.keys = hub_keys(self.app.writer, folder)
            self.devices = Devices(self.app, self.keys)
            ends.callback(self.devices.write_down)
            self.peer = HubPeer(self.app, self.devices.reach, self.devices.renew)
            self.bridge = Bridge(self.app, folder, self.stopping, inbound=(take_in,))
            self._ends = ends.pop_all()

    @classmethod
    def open(cls, url: str | URL, folder: Path, *, clock: Clock | None = None) -> Hub:
        """The hub on a database, as it stands; Trouble when it is away or its tables are not this program's."""
        owner = postgres.owner_engine(url)
        try:
            if not stands_at_head(owner):
                raise _other_tables()
        finally:
            owner.dispose()
        return cls(postgres.engine(url), folder, clock=clock)

    def session(self, *orgs: UUID) -> Session:
        """A session that looks at these organisations' rows."""
        return Session(self.engine, info={"orgs": frozenset(orgs)})

    def organisations(self) -> dict[UUID, str]:
        """Everybody the hub serves, by name."""
        with Session(self.engine) as session:
            rls.serve_all(session)
            own = select(Organisation).where(Organisation.id == Organisation.org_id).order_by(Organisation.name)
            return {one.id: one.name for one in session.scalars(own)}

    def fingerprint(self, reach: Reach | None = None) -> dict[str, Fingerprint]:
        """What the hub holds or, given a terminal's reach, what that one should hold."""
        with self.session(*([reach.org_id] if reach else self.organisations())) as session:
            return fingerprint(session, self.app.registry, reach.holds if reach else everything)

    def look_anew(self) -> None:
        """Before somebody is let in: reads people's rights again, if it has been a while."""
        now = time.monotonic()
        if now > self._believed:
            self._believed = now + BELIEVED
            self.app.forget_actors()

    def close(self) -> None:
        """Finishes what was begun and lets go of the database."""
        self.stopping.set()
        self._ends.close()


def asgi(hub: Hub) -> FastAPI:
    """The hub over HTTP. Each part of it is a router that is given the hub; who serves it closes the hub."""

    @asynccontextmanager
    async def living(_app: FastAPI) -> AsyncIterator[None]:
        tidying = Tidying(hub.peer, hub.stopping)
        tidying.start()
        hub.bridge.start()
        yield
        hub.stopping.set()
        hub.bridge.join()
        tidying.join()

    made = FastAPI(title="Fettle", docs_url=None, redoc_url=None, openapi_url=None, lifespan=living)
    watch = Watch(hub)
    straight: dict[tuple[str, str], Route] = {}
    made.add_middleware(Straight, routes=straight)
    made.add_middleware(Door)
    made.add_middleware(Counted, watch=watch)
    made.include_router(watching(watch))
    problems.install(made)
    for part in PARTS:
        router = part(hub)
        made.include_router(router)
        if part is wire.router:
            straight.update(_by_path(router))
    return made


def _by_path(router: APIRouter) -> dict[tuple[str, str], Route]:
    routes = [one for one in router.routes if isinstance(one, Route)]
    return {(method, one.path): one for one in routes for method in one.methods or ()}


def _gate(hub: Hub) -> APIRouter:
    return gate.router(gate.Gate(hub.app, hub.keys))


def _hooks(hub: Hub) -> APIRouter:
    return odoo_hooks.router(odoo_hooks.Hooks(hub.app, hub.bridge.wake))


PARTS: tuple[Callable[[Hub], APIRouter], ...] = (
    state.router,
    wire.router,  # before the hundreds of routes that are gone through one by one: terminals ask most often
    snapshot_routes.router,
    file_routes.router,
    _gate,
    _hooks,
    api.router,
)


def listen(host: str, port: int) -> socket.socket:
    """Takes the place where the hub is found (any free port for 0); Trouble where another program has it."""
    try:
        return socket.create_server((host, port), family=socket.AF_INET6 if ":" in host else socket.AF_INET, backlog=2048)
    except OSError as error:
        message, hint = _("The hub cannot listen at {host}:{port}: {reason}."), _("Choose another one: --host, --port.")
        values = {"host": host, "port": port, "reason": error.strerror or error}
        raise Trouble("hub.port", message, hint, values) from error


def serve(hub: Hub, place: socket.socket, begun: Callable[[], None] = lambda: None) -> None:
    """Serves until the process is told to end (SIGTERM, SIGINT); requests in flight are answered first.

    Calls `begun` once it answers.
    """
    write_json()
    config = uvicorn.Config(
        asgi(hub),
        log_config=None,
        access_log=False,  # `Counted` tells what is worth a line
        server_header=False,
        timeout_graceful_shutdown=GRACE,
        timeout_keep_alive=KEPT,
    )
    _Server(config, hub, begun).run(sockets=[place])


class _Server(uvicorn.Server):
    """Ends by itself when it is told to, so that what stands behind it is closed too: the signal is not raised again."""

    def __init__(self, config: uvicorn.Config, hub: Hub, begun: Callable[[], None]) -> None:
        super().__init__(config)
        self._hub = hub
        self._begun = begun

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets)
        gc.collect()
        sys.setswitchinterval(SWITCH)
        gc.set_threshold(YOUNG)
        gc.freeze()  # what the program itself is made of stays: to look for garbage there holds everybody up
        self._begun()

    def handle_exit(self, sig: int, frame: FrameType | None) -> None:
        self._hub.stopping.set()
        self.should_exit = True


def _claimed(folder: Path) -> tuple[FileLock, UUID]:
    """A name for this process that no other one has now: the first in the folder that is free, the same after a restart."""
    make_folder(folder)
    for number in count():
        try:
            lock = FileLock(folder / f"station-{number}")
        except BlockingIOError:
            continue
        known = lock.read().strip()
        station = UUID(known) if known else new_id()
        if not known:
            lock.write(station.hex)
        return lock, station
    raise AssertionError("there is always a next number")


def _other_tables() -> Trouble:
    message = _("The tables of the hub's database are not those of this program.")
    return Trouble("hub.tables", message, _("Run: fettle hub migrate."))
