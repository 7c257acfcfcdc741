"""Odoo goes away in the midst of things, or for a day: nothing is lost or done twice, and it costs the hub next to nothing."""

from __future__ import annotations

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from counts import Count
from odoo_fixture import There
from odoo_way import MADE, THERE, Way
from sqlalchemy import URL, event, select
from wired import Answering

from app.kernel.records import EnvelopeRow
from app.odoo.model import AWAY, OdooHealth
from sync.bench.odoo_server import Process, Server
from sync.odoo import bridge as bridging
from sync.odoo import instances, side, waiting
from sync.odoo.bridge import Bridge
from world import World

JOBS = 10
AT = {"stock.move": 1, "repair.order": 1, "account.payment": 4}  # Odoo is killed once so many are there
DAY, MINUTE = 86_400.0, 60.0
NAME = "Odoo away"
PATIENCE = 120.0


def test_odoo_is_killed_in_the_midst_of_ten_repairs_and_each_arrives_once(
    tmp_path: Path,
    postgres: URL,
    fresh_odoo: Callable[[], There],
    odoo_server: Server | None,
    monkeypatch: pytest.MonkeyPatch,
    count: Count,
) -> None:
    if odoo_server is None:
        pytest.skip("the Odoo that ODOO_URL names is not ours to stop")
    there = fresh_odoo()
    with closing(there.connect()) as odoo, closing(Way(tmp_path, postgres, there, odoo)) as way:
        before = way.documents()
        orders = [way.repairs() for _job in range(JOBS)]
        way.meets()
        monkeypatch.setattr(waiting, "LONGEST", 0.2)
        monkeypatch.setattr(bridging, "INTERVAL", 0.1)
        with another(odoo_server, way) as other:
            way.hub.bridge.start()
            for model, number in AT.items():
                until(lambda: way.made(before)[model] >= number)  # noqa: B023 (it is over when the next one begins)
                killed(way, other)
                other.start()
            until(lambda: way.waits() == {} and len(way.known("payment")) == JOBS)
            way.hub.stopping.set()
            way.hub.bridge.join()
        assert way.made(before) == {model: JOBS * number for model, number in MADE.items()}
        assert [way.lying(part) for part in way.world.parts] == [(THERE - JOBS, 0)] * 5
        assert {row["state"] for row in way.read("repair.order", way.known("work_order", *orders), "state")} == {"done"}
        assert {row["payment_state"] for row in way.read("account.move", way.known("delivery"), "payment_state")} == {"paid"}
        assert 1 <= notes(way.at_hub, AWAY) <= len(AT), "people are told once each time"
    for what, number in (("kill -9 of Odoo", len(AT)), ("repairs", JOBS), ("lost", 0), ("double", 0)):
        count(NAME, what, number)


@contextmanager
def another(server: Server, way: Way) -> Iterator[Process]:
    """A process of Odoo on the same database to which the hub speaks from now on, and that may be killed."""
    made = server.another()
    made.start()
    instances.keep(way.hub.app, way.world.org, {"url": made.url})
    try:
        yield made
    finally:
        made.stop()


def killed(way: Way, odoo: Process) -> None:
    """SIGKILL, until people see that it is away."""
    odoo.stop(at_once=True)
    assert way.waits(), "it was over before"
    until(lambda: [row.state for row in way.at_hub.rows(OdooHealth)] == [AWAY])


def until(so: Callable[[], bool]) -> None:
    ends, pause = time.monotonic() + PATIENCE, threading.Event()
    while not so():
        assert time.monotonic() < ends, "it takes too long"
        pause.wait(0.02)


def notes(world: World, what: str) -> int:
    """How often people were told that of Odoo."""
    with world.session() as session:
        told = session.scalars(select(EnvelopeRow.content).where(EnvelopeRow.command == "NoteInOdoo"))
        return sum(f'"what":"{what}"' in content for content in told)


class Asked:
    """What the hub asks while Odoo is away: calls to Odoo, notes to people, statements to its own database."""

    def __init__(self, world: World, gone: Answering) -> None:
        self._world, self._gone = world, gone
        self._statements = 0
        event.listen(world.app.read_engine, "before_cursor_execute", self._stated)

    def _stated(self, *_told: object) -> None:
        self._statements += 1

    def so_far(self) -> tuple[int, int, int]:
        statements = self._statements
        return self._gone.callers, notes(self._world, AWAY), statements


def test_a_day_without_odoo_costs_next_to_nothing(
    hub: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, count: Count
) -> None:
    hub.save("organisation", id=hub.org, name="Moto Keller")
    now = [1000.0]
    monkeypatch.setattr(side, "time", SimpleNamespace(monotonic=lambda: now[0]))
    with Answering(close=True) as gone:
        instances.keep(hub.app, hub.org, {"url": gone.address, "db": "workshop", "login": "bridge"})
        instances.store_key(tmp_path, hub.org, "key")
        bridge, asked = Bridge(hub.app, tmp_path), Asked(hub, gone)
        minute = _lived(bridge, now, MINUTE, 2.0, asked)
        hub.save("part", code="PT-0", name="Brake pads")
        _lived(bridge, now, DAY / 2, 30.0, asked)
        rest = _lived(bridge, now, DAY / 2, 30.0, asked)
        bridge.let_go()
    count(NAME, "calls in the first minute", minute[0])
    count(NAME, "calls in half a day", rest[0])
    count(NAME, "notes in half a day", rest[1])
    count(NAME, "statements of a round", round(rest[2] / (DAY / 2 / 30)))
    assert minute[0] <= 8
    assert rest[0] <= 12 * 15, "one call in four minutes or more"
    assert rest[1] <= 12, "people are told once an hour that it is still so"


def _lived(bridge: Bridge, now: list[float], seconds: float, step: float, asked: Asked) -> tuple[int, ...]:
    """The bridge's rounds of that time; what they asked."""
    before, ends = asked.so_far(), now[0] + seconds
    while now[0] < ends:
        bridge._tried()
        now[0] += step
    return tuple(after - former for after, former in zip(asked.so_far(), before, strict=True))
