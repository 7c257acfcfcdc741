"""One hub process, and then two on one database: what a command costs them and PostgreSQL, and how long they wait for locks."""

from __future__ import annotations

from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from multiprocessing.connection import wait
from typing import Any

from sqlalchemy import Engine, text

from app.kernel import postgres
from sync.bench.hall import Hall, hall
from sync.bench.process import Line, begun, hub_app, take
from sync.bench.shop import Shop, furnish, issues, pushes
from sync.bench.spending import spent
from sync.hub.turns import TOGETHER

LOOK = 0.05  # seconds between two looks at who waits for a lock
_LINES = text(
    "SELECT pid, coalesce(wait_event_type = 'Lock', false) AS waits, state = 'active' AS active FROM pg_stat_activity "
    "WHERE datname = current_database() AND pid <> pg_backend_pid() AND application_name = 'fettle'"
)


@dataclass(frozen=True)
class Ran:
    """What some processes took for their commands, in seconds of all processors, and which part of their time they waited."""

    ours: float
    theirs: float
    waited: float
    commands: int

    @property
    def cost(self) -> float:
        """Milliseconds of processor a command."""
        return (self.ours + self.theirs) * 1000 / self.commands


def measured(parts: int, count: int) -> dict[str, float]:
    """The figures for `count` commands, in one process and in two with half of them each."""
    one, two = _ran(parts, [Shop(0, 1, parts, count)]), _ran(parts, [Shop(at, 2, parts, count // 2) for at in range(2)])
    return {
        "cpu_ms_per_command_1": round(one.cost, 3),
        "cpu_ms_per_command_2": round(two.cost, 3),
        "growth_percent": round((two.cost / one.cost - 1) * 100, 1),
        "lock_wait_percent": round(two.waited * 100, 1),
    }


def _ran(parts: int, shops: Sequence[Shop]) -> Ran:
    with hall(parts) as hub, ExitStack() as ends:
        owner = postgres.owner_engine(hub.url)
        ends.callback(owner.dispose)
        with hub_app(hub, len(shops)) as app:
            furnish(app, hub, list(shops))
        lines = [begun(work, hub, shop, ends=ends) for shop in shops]
        for line in lines:
            line.recv()  # it is ready
        before = _servers(owner)
        for line in lines:
            line.send("go")
        waited = _watched(owner, lines)
        told = [line.recv() for line in lines]
        theirs = _servers(owner) - before
        for line in lines:
            line.send("end")
    return Ran(sum(ours for ours, _count in told), theirs, waited, sum(count for _ours, count in told))


def work(hub: Hall, shop: Shop, line: Any) -> None:
    """A process of the hub with one terminal's backlog. It begins when it is told to, and tells what it took."""
    with hub_app(hub, shop.number) as app:
        sent = pushes(shop, issues(shop, 1, shop.wanted), TOGETHER)
        warm = len(sent) // 5  # a process that has just begun compiles its statements first
        take(app, sent[:warm])
        line.send("ready")
        line.recv()
        line.send((take(app, sent[warm:]).ours, sum(len(push.envelopes) for push in sent[warm:])))
        line.recv()


def _watched(owner: Engine, lines: Sequence[Line]) -> float:
    """Looks on until all have told; the part of the looks at which one that was at work waited for a lock."""
    waiting = looks = 0
    open_ = list(lines)
    while open_:
        with owner.connect() as connection:
            found = connection.execute(_LINES).all()
        waiting += sum(one.waits for one in found)
        looks += len(open_)
        told = wait(open_, LOOK)
        open_ = [line for line in open_ if line not in told]
    return waiting / max(looks, 1)


def _servers(owner: Engine) -> float:
    """The seconds of processor that PostgreSQL's processes have spent for those at work; 0 where the system does not tell."""
    with owner.connect() as connection:
        pids = [row.pid for row in connection.execute(_LINES)]
    return sum(map(spent, pids))
