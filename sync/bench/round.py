"""The round bench: what one exchange costs, through a real hub on PostgreSQL: idle, a hundred rows down, ten commands up."""

from __future__ import annotations

import random
import tempfile
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from itertools import count
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, create_engine, text

from app.assemble import App, Terminal, open_terminal
from app.kernel.access import Actor, system
from app.kernel.bulk import SaveMany
from app.kernel.ids import new_id
from app.kernel.measuring import Result, spread, tell, timed
from app.kernel.postgres import Embedded, owner_engine, passing_folder
from app.kernel.standard import SaveRecord
from app.kernel.types import Quantity
from app.migrations import upgrade
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from sync.bench.joined import KEEPER, enrolled, peer_of
from sync.bench.lines import delayed, served
from sync.hub.enrolling import invite
from sync.hub.main import Hub
from sync.terminal.enrol import Call
from sync.terminal.exchange import Limits, exchange, greet
from sync.terminal.http import HttpLine, HttpPeer

PARTS = 5_000
ROUNDS = 100
WARM = 20  # rounds before those that count: the first ones read statements and pages for the first time
ROWS, COMMANDS = 100, 10
PLANNED = 40  # parts on the job
TRIP_MS = 50.0
TOGETHER = 1000  # parts in one command
NOUNS = ("bearing", "bolt", "bushing", "caliper", "chain", "clutch", "disc", "filter", "fork", "gasket", "gear", "hose", "lever")


@dataclass(frozen=True)
class Shop:
    """A workshop in the hall: a job that plans some parts, one bin that holds them, and their storekeeper."""

    org: UUID
    keeper: Actor
    order: UUID
    bin: UUID
    parts: tuple[UUID, ...]


@dataclass
class Ground:
    """What is measured on: a hub's process, a second one for what others do, and an enrolled terminal that is in step."""

    url: URL
    address: str
    shop: Shop
    elsewhere: Hub
    terminal: Terminal
    peer: HttpPeer
    line: HttpLine

    def exchange(self) -> int:
        """One exchange, as the engine makes it; how many rows came."""
        return exchange(self.terminal.app, self.peer).rows

    def in_step(self) -> None:
        while exchange(self.terminal.app, self.peer, Limits(pages=40)).behind:
            pass

    @property
    def bytes_so_far(self) -> int:
        return self.line.network.sent + self.line.network.received


def bench(n: int | None = None) -> Result:
    """Rounds one after the other, each kind by turns with its limit, so that all meet the same machine."""
    rounds = n or ROUNDS
    tell(f"Makes a hub with {PARTS:,} parts and a terminal of it.")
    with ground(PARTS) as here:
        metrics, limits = _near(here, rounds)
        far, trip = _far(here, max(5, rounds // 5))
    metrics |= far
    limits |= trip
    targets: dict[str, tuple[str, float]] = {
        "idle_p50_ms": ("<=", 5.0),
        "idle_bytes": ("<=", 1200),
        "down_p50_ms": ("<=", 20.0),
        "down_bytes": ("<=", 5000),
        "up_p50_ms": ("<=", 40.0),
        "far_up_p50_ms": ("<=", TRIP_MS + 40),
    }
    did = f"{rounds} rounds each: nothing new, {ROWS} parts down, {COMMANDS} issues up; the last also at {TRIP_MS:g} ms a trip"
    return Result("round", rounds, metrics, limits, {}, targets, did)


# ----------------------------------------------------------------------------------------------------------- measuring


def _near(here: Ground, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    times: dict[str, list[float]] = {name: [] for name in ("idle", "down", "up", "ping", "insert")}
    sizes: dict[str, list[float]] = {name: [] for name in ("idle", "down", "up")}
    changes, issues = count(), count()
    with _inserting(here) as insert:
        for turn in range(WARM + rounds):
            if turn in (0, WARM):
                _look_around(here)
            here.in_step()
            _measure(here, "idle", times, sizes)
            _change(here, next(changes))
            _measure(here, "down", times, sizes)
            _issue(here, issues)
            _measure(here, "up", times, sizes)
            times["ping"].append(timed(lambda: here.line.carry("GET", "/health", {}, b"")))
            times["insert"].append(timed(insert))
    warm = {name: found[WARM:] for name, found in times.items()}
    metrics = {key: value for name in ("idle", "down", "up") for key, value in spread(warm[name], f"{name}_").items()}
    metrics |= {f"{name}_bytes": sorted(found)[len(found) // 2] for name, found in sizes.items()}
    return metrics, {**spread(warm["ping"], "ping_"), **spread(warm["insert"], "insert_")}


def _look_around(here: Ground) -> None:
    """PostgreSQL takes stock of its tables, as it does by itself at a hub that has stood for a minute."""
    with owner_engine(here.url).connect() as connection:
        connection.execute(text("ANALYZE"))
        connection.commit()


def _measure(here: Ground, name: str, times: dict[str, list[float]], sizes: dict[str, list[float]]) -> None:
    before = here.bytes_so_far
    times[name].append(timed(here.exchange))
    sizes[name].append(here.bytes_so_far - before)


def _far(here: Ground, rounds: int) -> tuple[dict[str, float], dict[str, float]]:
    """Ten commands up over a line on which a trip takes 50 ms."""
    times, trips, issues = list[float](), list[float](), count(1_000_000)
    with delayed(here.address, TRIP_MS) as address, _lined(here, address) as (peer, line):
        for _round in range(rounds + 2):
            here.in_step()
            _issue(here, issues)
            times.append(timed(lambda: exchange(here.terminal.app, peer)))
            trips.append(timed(lambda: line.carry("GET", "/health", {}, b"")))
    return spread(times[2:], "far_up_"), spread(trips[2:], "far_ping_")


def _change(here: Ground, turn: int) -> None:
    """A hundred parts get another price, somewhere else."""
    first = PLANNED + turn * ROWS % (PARTS - ROWS - PLANNED)
    rows = [{"id": here.shop.parts[number].hex, "price": 1000 + turn} for number in range(first, first + ROWS)]
    here.elsewhere.app.run(SaveMany(entity="part", rows=rows), system(here.shop.org)).or_refused()


def _issue(here: Ground, places: Iterator[int]) -> None:
    shop, app = here.shop, here.terminal.app
    for _each in range(COMMANDS):
        part = shop.parts[next(places) % PLANNED]
        app.run(IssuePart(order=shop.order, part=part, bin=shop.bin, quantity=Quantity(1)), shop.keeper).or_refused()


@contextmanager
def _inserting(here: Ground) -> Iterator[Callable[[], None]]:
    """A bare row into the same database, committed: no hub writes less."""
    engine = create_engine(here.url)
    with engine.connect() as connection:
        connection.execute(text("CREATE TABLE bench_row (id bigserial PRIMARY KEY, what text)"))
        connection.commit()

        def insert() -> None:
            connection.execute(text("INSERT INTO bench_row (what) VALUES ('bare')"))
            connection.commit()

        yield insert
        connection.execute(text("DROP TABLE bench_row"))
        connection.commit()
    engine.dispose()


# ---------------------------------------------------------------------------------------------------------- the ground


@contextmanager
def ground(parts: int) -> Iterator[Ground]:
    """A hub's process on a database of its own, and a terminal enrolled there that holds all of it."""
    with tempfile.TemporaryDirectory() as passing, database() as url:
        folder = Path(passing)
        (folder / "hub").mkdir(mode=0o700)
        elsewhere = Hub.open(url, folder / "hub")
        try:
            shop = furnished(elsewhere.app, parts)
            with served(url, folder / "hub") as address:
                code = invite(elsewhere.app, elsewhere.keys, shop.org, name="Bench").code
                path = enrolled(folder, Call(address, code))
                with closing(open_terminal(path, keeper=KEEPER)) as terminal:
                    yield from _joined(url, address, shop, elsewhere, terminal)
        finally:
            elsewhere.close()


@contextmanager
def database() -> Iterator[URL]:
    """A database with the hub's tables on a server that keeps its data safe, as a hub's does; gone afterwards."""
    folder = passing_folder("bench-round")
    with Embedded(folder) as server:
        engine = create_engine(server.url(), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE IF EXISTS round WITH (FORCE)"))
            connection.execute(text("CREATE DATABASE round"))
        owner = owner_engine(server.url("round"))
        upgrade(owner)
        owner.dispose()
        yield server.url("round")
        with engine.connect() as connection:
            connection.execute(text("DROP DATABASE round WITH (FORCE)"))
        engine.dispose()


def furnished(app: App, count: int) -> Shop:
    """A workshop with so many parts, a storekeeper, a bin and a job, by commands as anybody gives them."""
    org = new_id()

    def save(entity: str, ident: UUID | None = None, **fields: object) -> UUID:
        do = SaveRecord(entity=entity, id=ident, fields={name: [None, value] for name, value in fields.items()})
        return app.run(do, system(org)).or_refused().row(entity)

    save("organisation", org, name="Bench")
    role = save(
        "role", code="KEE", name="Storekeeper", home="KEE", grants=["parts_issue.*", "stock.*", "work_orders.*", "parts.*"]
    )
    person = save("person", username="kim", name="Kim", home="KEE")
    save("appointment", person_id=person.hex, role_id=role.hex)
    site = save("site", code="M", name="Main workshop", zone="Europe/Berlin")
    room = save("warehouse", site_id=site.hex, code="W", name="Store room")
    bin = save("bin", warehouse_id=room.hex, code="A-01")
    order = app.run(CreateOrder(site=site, what="Bench"), system(org)).or_refused().row("work_order")
    parts = _parts(app, org, count)
    for part in parts[:PLANNED]:
        app.run(ReceiveStock(part=part, bin=bin, quantity=Quantity(9000)), system(org)).or_refused()
        app.run(PlanPart(order=order, part=part, quantity=Quantity(9000)), system(org)).or_refused()
    return Shop(org, Actor(person, org, "Kim"), order, bin, parts)


def _parts(app: App, org: UUID, count: int) -> tuple[UUID, ...]:
    """A catalogue's parts, imported a thousand at a time; the same names and numbers in every run."""
    drawn = random.Random(count)  # noqa: S311 (a catalogue, no secret)
    idents: list[UUID] = []
    for start in range(0, count, TOGETHER):
        rows = [_part(number, drawn) for number in range(start, min(start + TOGETHER, count))]
        made = app.run(SaveMany(entity="part", rows=rows), system(org)).or_refused()
        idents += [ident for name, ident in made.rows if name == "part"]
    return tuple(idents)


def _part(number: int, drawn: random.Random) -> dict[str, object]:
    name = " ".join(drawn.sample(NOUNS, 2)).capitalize()
    return {
        "code": f"PT-{number:06d}",
        "name": f"{name} {drawn.randrange(4, 400)} mm",
        "category": drawn.choice(("Brakes", "Engine", "Drive", "Electrics")),
        "mpn": f"{drawn.randrange(10**7):07d}",
        "cost": drawn.randrange(50, 20_000),
        "price": drawn.randrange(100, 40_000),
    }


def _joined(url: URL, address: str, shop: Shop, elsewhere: Hub, terminal: Terminal) -> Iterator[Ground]:
    line = HttpLine(address)
    here = Ground(url, address, shop, elsewhere, terminal, peer_of(terminal, line), line)
    greet(terminal.app, here.peer)
    here.in_step()
    yield here
    line.end()


@contextmanager
def _lined(here: Ground, address: str) -> Iterator[tuple[HttpPeer, HttpLine]]:
    line = HttpLine(address)
    yield peer_of(here.terminal, line), line
    line.end()
