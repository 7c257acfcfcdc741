"""A terminal that is killed while it fetches its store has the old one or the new one, and goes on from what it has."""

from __future__ import annotations

import random
import subprocess
import sys
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from killing import KEEPER, ROOT, Watch
from replay_world import LEFT, ORG, ZONE, Trio, morning, named
from sqlalchemy.orm import Session

from app.assemble import open_terminal
from app.kernel.clock import Clock
from app.kernel.dispatch import Station
from app.kernel.records import EnvelopeRow
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.stock.model import Balance
from app.work_orders.model import WorkOrder
from sync.hub.feed import Reach
from sync.hub.snapshots import HubSource, Snapshots, here
from sync.snapshots import COLUMNS, FILE
from sync.terminal.snapshot import fetch_store

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kills are aimed by inotify")
PIECE = 64 << 10
KILLS = 4
STATION = Station(LEFT, ZONE, index=1, enrolled=True)


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    made.stop()


@pytest.fixture
def pieces(trio: Trio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """What the hub has built, in both forms."""
    monkeypatch.setattr("sync.hub.building.PIECE", PIECE)
    monkeypatch.setattr("sync.terminal.staging.PIECE", PIECE)
    monkeypatch.setattr("sync.hub.reading.TOGETHER", 4)
    snapshots = Snapshots(tmp_path / "hub", trio.hub.engine, here(trio.hub.engine, trio.hub.registry))
    for form in (FILE, COLUMNS):
        snapshots.manifest(Reach(ORG), form)
    return snapshots.folder


def child(pieces: Path, path: Path, form: str) -> subprocess.Popen[str]:
    words = [str(pieces), str(path), form, LEFT.hex, ORG.hex, str(PIECE)]
    program = [sys.executable, str(ROOT / "tests" / "snapshot_child.py"), *words]
    environ = {"PYTHONPATH": f"{ROOT}:{ROOT / 'tests'}"}
    return subprocess.Popen(program, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=environ)


def killed(pieces: Path, path: Path, form: str, writes: int) -> bool:
    """Starts it and kills it after so many writes into the store's folder; False when it was through before."""
    with closing(Watch(path.parent)) as watch:
        process = child(pieces, path, form)
        seen = watch.wait(path.parent, writes, 10.0)
        process.kill()
    _told, errors = process.communicate(timeout=20)
    assert process.returncode in (0, -9), errors
    return seen and process.returncode == -9


def facts(path: Path, wall: int) -> tuple[int, int, list[str]]:
    """Parts, what is on hand of the first, and the commands that wait: what nobody may lose."""
    terminal = open_terminal(path, keeper=KEEPER, clock=Clock(lambda: wall))
    try:
        with Session(terminal.app.read_engine) as session:
            balance = session.get_one(Balance, (named("part", "P-1"), named("bin", "A")))
            waiting = [row.command for row in session.query(EnvelopeRow).filter_by(state="waiting").order_by(EnvelopeRow.seq)]
            return session.query(Part).count(), balance.on_hand.thousandths, waiting
    finally:
        terminal.close()


@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_a_kill_leaves_the_old_store_or_the_new_one(form: str, pieces: Path, trio: Trio, tmp_path: Path) -> None:
    path = tmp_path / "terminal" / "terminal.fettle"
    snapshots = Snapshots(pieces, trio.hub.engine, here(trio.hub.engine, trio.hub.registry))
    fetch_store(HubSource(snapshots, Reach(ORG)), path, STATION, ORG, keeper=KEEPER, form=form)
    terminal = open_terminal(path, keeper=KEEPER, clock=Clock(lambda: trio.wall.ms))
    with Session(terminal.app.read_engine) as session:
        order = session.query(WorkOrder.id).order_by(WorkOrder.id).all()[0][0]
    take = IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(2))
    assert terminal.app.run(take, trio.person("Ann")).done
    terminal.close()
    before = facts(path, trio.wall.ms)
    assert before == (3, 3000, ["IssuePart"])
    draw = random.Random(form)
    hits = 0
    for _attempt in range(KILLS):
        hits += killed(pieces, path, form, draw.randrange(1, 60))
        assert facts(path, trio.wall.ms) == before
    assert hits, "some of the kills must strike"
    process = child(pieces, path, form)
    _told, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert facts(path, trio.wall.ms) == before
    assert not list(path.parent.glob("*.new*"))


@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_a_kill_of_the_first_fetch_leaves_no_store_or_a_whole_one(form: str, pieces: Path, trio: Trio, tmp_path: Path) -> None:
    path = tmp_path / "terminal" / "terminal.fettle"
    path.parent.mkdir()
    draw = random.Random(form)
    for _attempt in range(KILLS):
        killed(pieces, path, form, draw.randrange(1, 60))
        if path.exists():
            assert facts(path, trio.wall.ms) == (3, 5000, [])
    process = child(pieces, path, form)
    _told, errors = process.communicate(timeout=60)
    assert process.returncode == 0, errors
    assert facts(path, trio.wall.ms) == (3, 5000, [])
    assert len(list(path.parent.glob("*.key"))) <= 2, "a key is made before the first byte is here, and found again after it"
