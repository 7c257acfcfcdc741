"""Two terminals and a hub in one process, joined by `Peer`, with one clock that only the test moves."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, create_engine, event, select, text
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from app.access.roles import standard_roles
from app.assemble import App
from app.capabilities import registry as whole_registry
from app.kernel import outbox, rows
from app.kernel.access import Actor, system
from app.kernel.clock import Clock
from app.kernel.commands import Answer, Command
from app.kernel.dispatch import Station
from app.kernel.ids import derived_id, unshort
from app.kernel.records import EnvelopeRow, HeldRow, TouchRow
from app.kernel.registry import Registry
from app.kernel.rows import table_of
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.kernel.writer import Writer
from app.migrations import upgrade
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from sync import protocol
from sync.hub.feed import Reach
from sync.hub.peer import HubPeer
from sync.protocol import Compare, Compared, Exchanged, Given, Hello, Peer, Pull, Push, Reborn, Renewed, Rows, Welcome
from sync.terminal.exchange import Limits, Outcome, exchange

START = 1_790_000_000_000  # a Monday in September 2026
HUB, LEFT, RIGHT = (UUID(int=START << 80 | 7 << 76 | 2 << 62 | number) for number in (1, 2, 3))
ORG = derived_id(HUB, "organisation", "")
ZONE = "Europe/Berlin"
GUARDED = ("access", "organisations", "parties", "places", "terminals")  # not everybody's, also here


class Mishaps(logging.Handler):
    """What sync could not do and went on without: in these tests there is nothing of the kind."""

    def __init__(self) -> None:
        super().__init__(logging.ERROR)
        self.told: list[str] = []

    def emit(self, record: logging.LogRecord) -> None:
        self.told.append(self.format(record))


class Wall:
    """The time of day, which stands still until somebody moves it. Each machine reads it a little wrong."""

    def __init__(self, ms: int = START) -> None:
        self.ms = ms

    def read(self, skew: int) -> Callable[[], int]:
        return lambda: self.ms + skew


def memory() -> Engine:
    """An empty database in memory."""
    made = create_engine("sqlite://", module=driver, creator=_opened, poolclass=StaticPool)
    event.listen(made, "begin", lambda connection: connection.exec_driver_sql("BEGIN"))
    return made


def copy(source: Engine, into: Engine) -> Engine:
    """Makes one database in memory the same as another. Its engine stays, with all the statements it has prepared."""
    theirs, ours = source.raw_connection(), into.raw_connection()
    theirs.driver_connection.backup(ours.driver_connection)  # type: ignore[union-attr]
    theirs.close()
    ours.close()
    return into


def _opened() -> Any:
    return driver.connect(":memory:", isolation_level=None, check_same_thread=False)


class Machine:
    """One App on its own database, which can be stopped and started again."""

    def __init__(self, engine: Engine, station: Station, wall: Wall, registry: Registry, skew: int = 0) -> None:
        self.engine = engine
        self.station = station
        self.wall = wall
        self.registry = registry
        self.skew = skew
        self.made = 0
        self.start()

    def start(self) -> None:
        clock = Clock(self.wall.read(self.skew))
        self.app = App(Writer(self.engine), self.engine, self.engine, self.station, registry=self.registry, clock=clock)

    def stop(self) -> None:
        self.app.close()

    def restart(self) -> None:
        self.stop()
        self.start()

    def run(self, command: Command, actor: Actor, **more: Any) -> Answer:
        """Runs a command under an id that is the same whenever the test is repeated."""
        self.made += 1
        ident = derived_id(UUID(int=self.wall.ms << 80 | self.station.id.int & (1 << 80) - 1), "command", str(self.made))
        return self.app.run(command, actor, ident, **more)

    def done(self, command: Command, actor: Actor) -> Answer:
        answer = self.run(command, actor)
        assert answer.done, [problem.sentence for problem in answer.problems]
        return answer

    def session(self) -> Session:
        return Session(self.engine, info={"orgs": {ORG}})

    def all(self, entity: type[Any]) -> list[Any]:
        """Every row, in the order of ids, so that a seed always picks the same."""
        with self.session() as session:
            return list(session.scalars(select(entity).where(entity.retired.is_(False)).order_by(entity.id)))

    def get(self, entity: type[Any], ident: UUID) -> Any:
        with self.session() as session:
            return session.get(entity, ident)

    def envelopes(self, terminal: UUID | None = None) -> list[EnvelopeRow]:
        wanted = select(EnvelopeRow).where(EnvelopeRow.terminal_id == (terminal or self.station.id)).order_by(EnvelopeRow.number)
        with self.session() as session:
            return list(session.scalars(wanted))

    def waiting(self) -> list[str]:
        return [row.command for row in self.envelopes() if row.state == "waiting"]

    def image(self, reach: Reach | None = None) -> dict[str, list[str]]:
        """Every synced row as canonical text, by entity."""
        found = {}
        with self.session() as session:
            for entity in self.registry.synced():
                table = table_of(entity)
                held = [dict(row) for row in session.execute(select(table).order_by(table.c.id)).mappings()]
                kept = [row for row in held if reach is None or reach.holds(entity, row)]
                found[entity.__tablename__] = [rows.line(rows.image(entity, row)) for row in kept]
        return found

    def balances(self) -> dict[str, list[tuple[Any, ...]]]:
        found = {}
        with self.session() as session:
            for projections in self.registry.projections.values():
                for one in projections:
                    held = session.execute(select(one.table)).all()
                    found[one.table.name] = sorted(tuple(str(value) for value in row) for row in held)
        return found

    def rebuilt(self) -> dict[str, list[tuple[Any, ...]]]:
        """The balances as a rebuild would give them."""
        with self.session() as session:
            for projections in self.registry.projections.values():
                for one in projections:
                    one.rebuild(session)
            session.commit()
        return self.balances()

    def leftovers(self) -> int:
        """What must be gone when all is answered: touched rows, held rows, effects to be replaced."""
        with self.session() as session:
            due = session.scalars(select(EnvelopeRow.seq).where(EnvelopeRow.due.is_not(None))).all()
            return (
                len(due) + len(session.scalars(select(TouchRow.seq)).all()) + len(session.scalars(select(HeldRow.row_id)).all())
            )

    def searched(self) -> dict[UUID, str]:
        """What the full-text search holds, by row."""
        with self.session() as session:
            return {unshort(row): words for row, words in session.execute(text("SELECT row, words FROM search"))}

    def broken_chain(self, terminal: UUID) -> int | None:
        with self.session() as session:
            return outbox.verify_chain(session, terminal)


class Wire:
    """A peer behind JSON, as it will be behind HTTP."""

    def __init__(self, peer: Peer) -> None:
        self.peer = peer

    def hello(self, hello: Hello) -> Welcome:
        return _over(Welcome, self.peer.hello(_over(Hello, hello)))

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        return _over(Exchanged, self.peer.exchange(_over(Push, push), _over(Pull, pull)))

    def compare(self, compare: Compare) -> Compared:
        return _over(Compared, self.peer.compare(_over(Compare, compare)))

    def rows(self, rows: Rows) -> Given:
        return _over(Given, self.peer.rows(_over(Rows, rows)))

    def reborn(self, reborn: Reborn) -> Renewed:
        return _over(Renewed, self.peer.reborn(_over(Reborn, reborn)))


def _over(kind: type[Any], message: Any) -> Any:
    return protocol.read(kind, json.loads(json.dumps(protocol.plain(message))))


@dataclass
class Template:
    """Three databases as they are on the first morning, to be copied."""

    hub: Engine
    left: Engine
    right: Engine
    wall: int


class Trio:
    """A hub and two terminals of one workshop, its people, parts and bins."""

    def __init__(
        self,
        hub: Engine,
        left: Engine,
        right: Engine,
        wall: Wall,
        *,
        registry: Registry | None = None,
        skews: tuple[int, int] = (0, 0),
    ) -> None:
        registry = registry or REGISTRY
        self.wall = wall
        self.hub = Machine(hub, Station(HUB, ZONE, hub=True), wall, registry)
        self.left = Machine(left, Station(LEFT, ZONE, index=1, enrolled=True), wall, registry, skews[0])
        self.right = Machine(right, Station(RIGHT, ZONE, index=2, enrolled=True), wall, registry, skews[1])
        self.reach = {LEFT: Reach(ORG), RIGHT: Reach(ORG)}
        self.mishaps = Mishaps()
        logging.getLogger("sync").addHandler(self.mishaps)

    @property
    def machines(self) -> tuple[Machine, Machine, Machine]:
        return self.hub, self.left, self.right

    @property
    def terminals(self) -> tuple[Machine, Machine]:
        return self.left, self.right

    @property
    def peer(self) -> HubPeer:
        return HubPeer(self.hub.app, self.reach.get, self.renew)

    def renew(self, old: UUID, _reborn: Reborn) -> Renewed:
        """A new identity for a terminal whose store was copied, with the same reach."""
        ident = derived_id(old, "terminal", str(len(self.reach)))
        self.reach[ident] = self.reach[old]
        return Renewed(ident.hex, index=len(self.reach))

    @property
    def program(self) -> Actor:
        return system(ORG)

    def person(self, name: str) -> Actor:
        """Ann and Ben work at the terminals; both may do everything there."""
        return Actor(named("person", name), ORG, name)

    def exchange(self, terminal: Machine, limits: Limits = Limits(), peer: Peer | None = None) -> Outcome:
        return exchange(terminal.app, peer or Wire(self.peer), limits)

    def quiesce(self, limits: Limits = Limits()) -> int:
        """Everyone exchanges until nothing moves any more; how many rounds that took."""
        for count in range(1, 400):
            outcomes = [self.exchange(terminal, limits) for terminal in self.terminals]
            if not any(one.sent or one.rows or one.behind for one in outcomes):
                return count
        raise AssertionError("the exchanges never come to rest")

    def stop(self) -> None:
        logging.getLogger("sync").removeHandler(self.mishaps)
        for machine in self.machines:
            machine.stop()


def named(entity: str, name: str) -> UUID:
    """The id of a row of the first morning."""
    return derived_id(HUB, entity, name)


REGISTRY = whole_registry()
GRANTS = [*(f"{one.name}.*" for one in REGISTRY.capabilities if one.name not in GUARDED), "places.read"]
PARTS = ("P-1", "P-2", "P-3")
BINS = ("A", "B", "Q")


def furnish(trio: Trio) -> None:
    """The first morning, set up at the hub: people, places, parts with stock, and two jobs."""

    def save(entity: str, slot: str, **fields: Any) -> None:
        pairs = {field: [None, value] for field, value in fields.items()}
        hub.done(SaveRecord(entity=entity, id=named(entity, slot), fields=pairs), trio.program)

    hub = trio.hub
    hub.done(SaveRecord(entity="organisation", id=ORG, fields={"name": [None, "Moto Keller"]}), trio.program)
    save("site", "M", code="M", name="Main workshop", zone=ZONE)
    save("warehouse", "W", site_id=named("site", "M").hex, code="W", name="Store room")
    for name in BINS:
        kind = "quarantine" if name == "Q" else "pick"
        save("bin", name, warehouse_id=named("warehouse", "W").hex, code=name, kind=kind)
    save("role", "ALL", code="ALL", name="Everything", grants=GRANTS)
    hub.done(standard_roles(), trio.program)
    for name in ("Ann", "Ben", "Eve"):
        save("person", name, username=name.casefold(), name=name)
        save("appointment", name, person_id=named("person", name).hex, role_id=named("role", "ALL").hex)
    for name in PARTS:
        save("part", name, code=name, name=f"Part {name}", cost=450, price=900)
        receipt = ReceiveStock(part=named("part", name), bin=named("bin", "A"), quantity=Quantity(5))
        hub.done(receipt, trio.program)
    for what in ("Front brake", "Chain"):
        order = hub.done(CreateOrder(site=named("site", "M"), what=what), trio.program).row("work_order")
        hub.done(PlanPart(order=order, part=named("part", "P-1"), quantity=Quantity(2)), trio.program)


def template(hub: Engine) -> Template:
    """Furnishes a hub and lets two new terminals fetch everything."""
    wall = Wall()
    terminals = (memory(), memory())
    for engine in terminals:
        upgrade(engine)
    trio = Trio(hub, *terminals, wall)
    furnish(trio)
    trio.quiesce()
    trio.stop()
    return Template(hub, *terminals, wall.ms + 3_600_000)


@cache
def lite() -> Template:
    """The first morning with a hub on SQLite, made once for all tests of a process."""
    hub = memory()
    upgrade(hub)
    return template(hub)


@cache
def places() -> tuple[Engine, Engine, Engine]:
    """Where each test of a process has its three databases, one test after the other."""
    return memory(), memory(), memory()


def morning(hub: Engine | None = None, source: Template | None = None, **more: Any) -> Trio:
    """A fresh copy of the first morning, in place of the one before; `hub` is one on another kind of database."""
    source = source or lite()
    at, left, right = places()
    terminals = copy(source.left, left), copy(source.right, right)
    return Trio(hub or copy(source.hub, at), *terminals, Wall(source.wall), **more)
