"""The bridge goes on by itself: woken by what is done, patient while Odoo is away, one of all processes, and gone at the end."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from odoo_fixture import There
from odoo_town import STOCKED, Town

from app.odoo.model import AWAY, OdooHealth
from app.odoo.records import OdooInstance, OdooWaiting
from sync.bench.odoo_server import Process, Server
from sync.odoo import bridge as bridging
from sync.odoo import waiting
from sync.odoo.bridge import Bridge
from sync.odoo.keys import key_file, key_of
from sync.odoo.transport import Account, Odoo
from world import World

THERE = STOCKED.thousandths / 1000
PATIENCE = 60.0


@pytest.fixture(autouse=True)
def in_a_hurry(monkeypatch: pytest.MonkeyPatch) -> None:
    """Tries follow one another quicker than at night."""
    monkeypatch.setattr(waiting, "LONGEST", 0.2)
    monkeypatch.setattr(bridging, "INTERVAL", 0.1)


@pytest.fixture
def town(hub: World, odoo: Odoo) -> Town:
    return Town(hub, odoo)


def set_up(town: Town, folder: Path, account: Account, key: str) -> None:
    """The hub knows its Odoo, and the key lies beside its own."""
    path = key_file(folder, town.world.org)
    path.write_text(key)
    path.chmod(0o600)
    row = OdooInstance(org_id=town.world.org, url=account.url, db=account.db, login=account.login, company=0, places={})

    def written() -> None:
        with town.world.app.writer.sessions(info={"orgs": {town.world.org}}) as session:
            session.merge(row)
            session.commit()

    town.world.app.writer.run(written)


@contextmanager
def running(town: Town, folder: Path) -> Iterator[Bridge]:
    stopping = threading.Event()
    made = Bridge(town.world.app, folder, stopping)
    made.start()
    try:
        yield made
    finally:
        stopping.set()
        made.join()
    assert not any(one.name == "odoo" for one in threading.enumerate())


def until(so: Callable[[], bool]) -> None:
    ends = time.monotonic() + PATIENCE
    pause = threading.Event()
    while not so():
        assert time.monotonic() < ends, "it takes too long"
        pause.wait(0.05)


def drained(town: Town) -> bool:
    mine = {out.name for out in town.maps}
    return not [row for row in town.world.rows(OdooWaiting) if row.entity in mine]


def test_what_is_done_at_the_counter_is_in_odoo_without_anybody_asking(town: Town, there: There, tmp_path: Path) -> None:
    set_up(town, tmp_path, there.account, there.key)
    with running(town, tmp_path):
        order = town.job()
        town.issue(order)
        until(lambda: town.known("stock_line") == 4 and drained(town))
    assert (town.in_bin(), town.in_wip()) == (THERE - 3, 3)


def test_one_process_of_the_hub_has_the_bridge_and_the_next_takes_over(town: Town, there: There, tmp_path: Path) -> None:
    set_up(town, tmp_path, there.account, there.key)
    with running(town, tmp_path) as first:
        until(lambda: first.has_it)
        second = Bridge(town.world.app, tmp_path)
        assert not second.claimed()
    assert second.claimed()
    second.let_go()


def test_odoo_is_stopped_and_started_in_the_middle_and_nothing_is_lost_or_done_twice(
    hub: World, there: There, odoo_server: Server | None, odoo: Odoo, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    if odoo_server is None:
        pytest.skip("the Odoo that ODOO_URL names is not ours to stop")
    caplog.set_level(logging.ERROR)
    town, other = Town(hub, odoo), odoo_server.another()
    other.start()
    set_up(town, tmp_path, Account(other.url, there.account.db, there.account.login), there.key)
    try:
        with running(town, tmp_path):
            order = town.job()
            lines = [town.issue(order, town.parts[number % 3], 1) for number in range(12)]
            until(lambda: town.known("part") > 0)
            _away(town, other)
            lines += [town.issue(order, town.parts[number % 3], 1) for number in range(12)]
            other.start()
            until(lambda: drained(town) and town.known("stock_line") == 3 + len(lines))
    finally:
        other.stop()
    for part in town.parts:
        assert (town.in_bin(part), town.in_wip(part)) == (THERE - 8, 8)
        assert len(town.transfers_of(part)) == 1 + 8


def _away(town: Town, odoo: Process) -> None:
    """Odoo ends; people see it, and it costs nothing: nothing is read or written while it lasts."""
    odoo.stop(at_once=True)
    until(lambda: [row.state for row in town.world.rows(OdooHealth)] == [AWAY])
    assert town.world.rows(OdooHealth)[0].message


def test_the_key_is_in_no_database(tmp_path: Path, hub: World) -> None:
    assert key_of(tmp_path, hub.org, {"FETTLE_ODOO_KEY": " abc "}) == "abc"
    key_file(tmp_path, hub.org).write_text("its own\n")
    assert key_of(tmp_path, hub.org, {"FETTLE_ODOO_KEY": "abc"}) == "its own"
