"""`fettle bench many`: two hundred terminals at work at one hub process; then all have a backlog, while others still scan."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, text

from app.kernel import postgres
from app.kernel.measuring import Result, spread, tell
from sync import signing
from sync.bench.crowd import Enrolled, Told, work
from sync.bench.hall import ORG, Hall, as_ours, hall
from sync.bench.lines import hub_process
from sync.bench.process import Line, begun
from sync.bench.shop import Shop, furnish
from sync.bench.spending import resident, servers, spent
from sync.enrolment import Asked
from sync.hub.enrolling import enrol, invite
from sync.hub.main import Hub

TERMINALS = 200
PARTS = 200_000
SCANS = 30  # seconds that all work, with a command a second
BACKLOG = 500  # commands that wait at each terminal
BESIDE = 10  # one in so many more terminals scans on meanwhile
ROUND = 5  # seconds of such scans at once
MOST_BESIDE = 600  # commands of each of them
PINGS = 3  # seconds of bare requests
TARGETS: dict[str, tuple[str, float]] = {
    "p99_ms": ("<=", 500),
    "beside_p99_ms": ("<=", 500),
    "drain_s": ("<=", 600),
    "lost": ("<=", 0),
    "double": ("<=", 0),
}
BARE = 2_000  # envelopes that are also inserted bare
TOGETHER = 100


@dataclass(frozen=True)
class Ground:
    """A hub's process with its database and the lines to the processes of its terminals; the last one's scan on beside."""

    owner: Engine
    hub: int  # the process's number
    lines: Sequence[Line]

    @property
    def spent(self) -> tuple[float, float]:
        """Seconds of processor of the hub, and of PostgreSQL for it."""
        return spent(self.hub), servers(self.owner)


def bench(n: int | None = None) -> Result:
    """`n` terminals, a tenth more beside; counts at the end what the hub has of what was sent."""
    count = n or TERMINALS
    with ground(count) as here:
        pings = _asked(here.lines[:-1], "ping", PINGS)
        before = here.spent
        live = _asked(here.lines[:-1], "scan", SCANS)
        scanned = here.spent
        seconds, drained, beside = _drained(here)
        drain = here.spent
        metrics = {
            **spread(live.waits),
            "exchanges_per_s": round(live.exchanges / SCANS, 1),
            **_costs("exchange", live.exchanges, before, scanned),
            "drain_per_s": round(drained.commands / seconds),
            "drain_s": round(seconds, 1),
            **_costs("drained", drained.commands + beside.commands, scanned, drain),
            **spread(beside.waits, "beside_"),
            "again": live.again + drained.again + beside.again,
            "rss_mb": resident(here.hub),
            "terminals_cpu_s": round(live.cpu + drained.cpu + beside.cpu, 1),
            "terminals_share_percent": _share(live.cpu, before, scanned),
            "terminals_cpu_ms_exchange": round(1000 * live.cpu / live.exchanges, 2),
            **_counted(here.owner, live.commands + drained.commands + beside.commands),
        }
        limits = {"pings_per_s": round(pings.exchanges / PINGS), **_bare(here.owner)}
    return Result("many", count, metrics, limits, {}, TARGETS, did=_did(count, metrics["terminals_share_percent"]))


def _did(count: int, share: float) -> str:
    return (
        f"{count} terminals with a command a second for {SCANS} s, then {BACKLOG} waiting at each while others scan; of what the "
        f"processors did in the former, {share:g} % was the terminals' own work, who have machines of their own in life"
    )


def _asked(lines: Sequence[Line], name: str, number: int) -> Told:
    """Lets processes of terminals do something at the same time."""
    for line in lines:
        line.send((name, number))
    return sum((line.recv() for line in lines), Told())


def _drained(here: Ground) -> tuple[float, Told, Told]:
    """Seconds until nothing waits any more, what those have seen that had a backlog, and those who scanned meanwhile."""
    busy, beside = here.lines[:-1], here.lines[-1]
    begun = time.monotonic()
    for line in busy:
        line.send(("drain", SCANS + BACKLOG))
    meanwhile = Told()
    while meanwhile.commands == 0 or not all(line.poll() for line in busy):
        meanwhile += _asked([beside], "scan", ROUND)
    found = [line.recv() for line in busy]
    return max(one.ended for one in found) - begun, sum(found, Told()), meanwhile


def _costs(name: str, many: int, before: tuple[float, float], after: tuple[float, float]) -> dict[str, float]:
    ours, theirs = (round((late - early) * 1000 / many, 2) for early, late in zip(before, after, strict=True))
    return {f"hub_cpu_ms_{name}": ours, f"postgres_cpu_ms_{name}": theirs}


def _share(crowd: float, before: tuple[float, float], after: tuple[float, float]) -> float:
    """How much of what the processors did while all worked was done by the terminals, which share the machine with their hub."""
    return round(100 * crowd / (crowd + sum(after) - sum(before)), 1)


# ---------------------------------------------------------------------------------------------------- what came of it


_ENVELOPES = text("SELECT count(*) FROM envelope WHERE command = 'IssuePart' AND state = 'applied'")
_LEDGER = text("SELECT count(*) FROM stock_line WHERE kind = 'issue'")


def _counted(owner: Engine, sent: int) -> dict[str, float]:
    """How many commands are missing at the hub, and how many of their ledger's lines are too many."""
    with owner.connect() as connection:
        as_ours(connection)
        envelopes, lines = (int(connection.scalar(one) or 0) for one in (_ENVELOPES, _LEDGER))
    return {"commands": sent, "lost": max(0, sent - min(envelopes, lines)), "double": max(0, max(envelopes, lines) - sent)}


def _bare(owner: Engine) -> dict[str, float]:
    """The very envelopes written again by the driver alone: one in a transaction, and a hundred."""
    with owner.connect() as connection:
        as_ours(connection)
        connection.execute(text("CREATE TABLE bare_envelope (LIKE envelope INCLUDING ALL EXCLUDING IDENTITY)"))
        raw: Any = connection.connection.driver_connection
        with raw.cursor() as cursor:
            rows = cursor.execute("SELECT * FROM envelope LIMIT %s", (BARE,)).fetchall()
            insert = f"INSERT INTO bare_envelope VALUES ({', '.join(['%s'] * len(rows[0]))})"  # noqa: S608 (only places)
            raw.commit()
            some = len(rows) // 4
            one_by_one = _rate(cursor, insert, rows[:some], 1)
            return {"exchanges_per_s": one_by_one, "drain_per_s": _rate(cursor, insert, rows[some:], TOGETHER)}


def _rate(cursor: Any, insert: str, rows: Sequence[Any], together: int) -> float:
    begun = time.perf_counter()
    for start in range(0, len(rows), together):
        cursor.executemany(insert, rows[start : start + together])
        cursor.connection.commit()
    return round(len(rows) / (time.perf_counter() - begun))


# --------------------------------------------------------------------------------------------------------- the ground


@contextmanager
def ground(count: int) -> Iterator[Ground]:
    """A hub's process on a hall of its own, so many terminals enrolled there and a few beside, in processes of theirs."""
    others = max(1, count // BESIDE)
    wanted = [SCANS + BACKLOG] * count + [MOST_BESIDE] * others
    shops = [Shop(number, len(wanted), PARTS, commands) for number, commands in enumerate(wanted)]
    tell(f"Makes a hub with {PARTS:,} parts and {len(shops)} terminals of it.")
    with hall(PARTS) as hub, tempfile.TemporaryDirectory(prefix="fettle-") as passing, ExitStack() as ends:
        folder = Path(passing)
        folder.chmod(0o700)
        crowd = _enrolled(hub, folder, shops)
        address, pid = ends.enter_context(hub_process(hub.url, folder))
        owner = postgres.owner_engine(hub.url)
        ends.callback(owner.dispose)
        each = -(-count // 2)
        groups = [crowd[:each], crowd[each:count], crowd[count:]]
        lines = [_started(group, address, ends) for group in groups]
        for line in lines:
            line.recv()  # its terminals have introduced themselves
        yield Ground(owner, pid, lines)


def _enrolled(hub: Hall, folder: Path, shops: list[Shop]) -> list[Enrolled]:
    elsewhere = Hub.open(hub.url, folder)
    try:
        furnish(elsewhere.app, hub, shops)
        return [_let_in(elsewhere, shop) for shop in shops]
    finally:
        elsewhere.close()


def _let_in(hub: Hub, shop: Shop) -> Enrolled:
    private, public = signing.keypair()
    code = invite(hub.app, hub.keys, ORG, name=f"Bench {shop.number}", site=shop.at("site"), warehouse=shop.at("warehouse")).code
    enrol(hub.app, hub.keys, Asked(code, public.hex(), organisation=ORG.hex, terminal=shop.terminal.hex))
    return Enrolled(shop, private, shop.wanted)


def _started(group: Sequence[Enrolled], address: str, ends: ExitStack) -> Line:
    line = begun(work, list(group), address, ends=ends)
    ends.callback(line.send, None)
    return line
