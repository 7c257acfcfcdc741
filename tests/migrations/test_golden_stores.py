"""Stores that earlier programs worked in are brought up to date with all that was in them, also when the plug is pulled."""

from __future__ import annotations

import gzip
import json
import os
import shutil
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import closing
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from counts import Count
from sqlalchemy import select, text
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import finding, health, meta
from app.kernel.access import system
from app.kernel.drafts import find
from app.kernel.records import EnvelopeRow
from app.kernel.store import Store
from app.kernel.types import Quantity
from app.kernel.writer import Writer
from app.migrations import head, revisions, upgrade
from app.stock.commands import ReceiveStock
from app.stock.model import StockLine
from world import KEY

ROOT = Path(__file__).resolve().parents[2]
DATA = ROOT / "tests" / "data"
STEPS = ("0001", "0002")  # each a store that the last program of that step left: rows of all tables, as its writer wrote them
EMPTY = ""  # a store in which no step has been taken yet
KILLED = (EMPTY, *STEPS, "0003")  # from where an upgrade is killed: so every statement of every step is met
BY_ITSELF = ("alembic_version", "feed_head", "digest")  # what a step writes into its own tables


def laid(path: Path, step: str) -> Path:
    """The store of that step, closed."""
    with closing(Store.create(path, KEY)) as store:
        upgrade(store.writer, step)
        with store.writer.begin() as connection:
            raw: Any = connection.connection.driver_connection
            for name in BY_ITSELF if step != "0001" else BY_ITSELF[:2]:
                raw.execute(f"DELETE FROM {name}")  # noqa: S608
            for name, columns, values in rows_of(step):
                marks = ", ".join("?" * len(columns))
                raw.execute(f"INSERT INTO {name} ({', '.join(columns)}) VALUES ({marks})", values)  # noqa: S608
    return path


def rows_of(step: str) -> Iterator[tuple[str, list[str], list[Any]]]:
    """Table, columns and values of every row; bytes are written as {"hex": …}."""
    with gzip.open(DATA / f"store_{step}.ndjson.gz", "rt", encoding="utf-8") as file:
        for line in file:
            name, columns, values = json.loads(line)
            quoted = [f'"{column}"' for column in columns]
            yield name, quoted, [bytes.fromhex(one["hex"]) if isinstance(one, dict) else one for one in values]


@pytest.fixture(scope="session", params=STEPS)
def golden(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A step, and its store in a folder of its own."""
    step = str(request.param)
    return step, laid(tmp_path_factory.mktemp(f"golden-{step}") / "store" / "terminal.fettle", step)


@pytest.fixture(scope="session", params=KILLED)
def standing(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> tuple[str, Path]:
    """A step, and a store that stands there."""
    step = str(request.param)
    path = tmp_path_factory.mktemp(f"standing-{step or 'empty'}") / "store" / "terminal.fettle"
    if step == EMPTY:
        Store.create(path, KEY).close()
        return step, path
    laid(path, step if step in STEPS else STEPS[-1])
    with closing(Store.open(path, KEY, revisions())) as store:
        upgrade(store.writer, step)
    return step, path


@pytest.fixture
def opened(golden: tuple[str, Path], tmp_path: Path) -> Iterator[App]:
    """This program on a copy of it."""
    path = Path(shutil.copytree(golden[1].parent, tmp_path / "store")) / golden[1].name
    with closing(Store.open(path, KEY, revisions())) as store:
        writer = Writer(store.writer)
        writer.run(upgrade, store.writer)
        with Session(store.reader) as session:
            station = meta.station_of(session)
        with closing(App(writer, store.writer, store.reader, station)) as app:
            yield app


def org_of(app: App) -> UUID:
    with Session(app.read_engine) as session:
        return UUID(meta.read(session, meta.ORGANISATION))


def test_all_that_was_in_it_is_there(golden: tuple[str, Path], opened: App) -> None:
    was = Counter(name for name, _columns, _values in rows_of(golden[0]) if name not in BY_ITSELF)
    with opened.read_engine.connect() as connection:
        now = {name: connection.scalar(text(f"SELECT count(*) FROM {name}")) for name in was}  # noqa: S608
    assert now == was


def test_it_is_whole_and_agrees_with_itself(opened: App) -> None:
    with Session(opened.read_engine) as session:
        found = [
            health.integrity(opened.read_engine),
            health.versions(opened.read_engine, head()),
            health.audit(session),
            health.links(session, opened.registry),
            opened.writer.run(health.balances, opened.dispatcher.engine, opened.registry),
        ]
        draft = find(session, opened.station.id, "note")
        parts = finding.find(session, opened.registry, org_of(opened), finding.Sought("brake", "part", 10))
    assert [check.state for check in found] == [health.OK] * 5, [check.sentence for check in found]
    assert draft == {"text": "half typed"}
    assert len(parts) >= 2


def test_people_go_on_working_in_it(opened: App) -> None:
    with Session(opened.read_engine) as session:
        line = session.scalars(select(StockLine)).first()
        assert line is not None
    answer = opened.run(ReceiveStock(part=line.part_id, bin=line.bin_id, quantity=Quantity(1)), system(org_of(opened)))
    assert answer.done
    with Session(opened.read_engine) as session:
        last = session.scalars(select(EnvelopeRow).order_by(EnvelopeRow.seq.desc()).limit(1)).one()
        assert health.audit(session).state == health.OK
    assert last.id == answer.id


# ------------------------------------------------------------------------------------------------------ killed half-way

CHILD = """
import os, signal, sys
from pathlib import Path
from sqlalchemy import event
from app.kernel.store import Store
from app.migrations import revisions, upgrade

def killed_at(path, number):
    store = Store.open(path, bytes(range(32)), revisions())
    count = 0

    def next_one(*_told):
        nonlocal count
        count += 1
        if count == number:
            os.kill(os.getpid(), signal.SIGKILL)

    event.listen(store.writer, "before_cursor_execute", next_one)
    event.listen(store.writer, "commit", next_one)
    upgrade(store.writer)
    os._exit(0)

import app.capabilities, app.migrations, alembic.command  # loaded once, for all that are killed
for line in sys.stdin:
    number, path = line.rstrip("\\n").split(" ", 1)
    child = os.fork()
    if child == 0:
        killed_at(Path(path), int(number))
    _pid, status = os.waitpid(child, 0)
    os.write(1, b"killed\\n" if os.WIFSIGNALED(status) else b"done\\n")
"""


def killed_at_every(standing: tuple[str, Path], folder: Path, each: int, count: Count) -> None:
    """Kills the upgrade at its first statement, and at each n-th after that up to its last, and goes on with what is left."""
    step, whole = standing
    command = [sys.executable, "-c", CHILD]
    environment = {**os.environ, "PYTHONPATH": str(ROOT)}
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True, env=environment) as child:
        assert child.stdin is not None
        assert child.stdout is not None
        number, said = 1, "killed"
        while said == "killed":
            path = Path(shutil.copytree(whole.parent, folder / f"{step}-{number}")) / whole.name
            child.stdin.write(f"{number} {path}\n")
            child.stdin.flush()
            said = child.stdout.readline().strip()
            if said == "killed":
                goes_on(path, step)
                count("migrations", f"kills from {f'step {step}' if step else 'an empty store'}")
            shutil.rmtree(path.parent)
            number += each
        child.stdin.close()
    assert said == "done"
    assert number > 3, "there was hardly anything to kill"
    count("migrations", "stores half brought up to date", 0)


def goes_on(path: Path, step: str) -> None:
    """The store stands at the step where it stood, or at the newest, and the next start brings it there."""
    with closing(Store.open(path, KEY, revisions())) as store:
        assert step_of(store) in (step, head())
        upgrade(store.writer)
        with store.reader.connect() as connection:
            assert connection.scalar(text("SELECT version_num FROM alembic_version")) == head()
            assert connection.scalar(text("SELECT count(*) FROM envelope")) == (70 if step else 0)


def step_of(store: Store) -> str:
    with store.reader.connect() as connection:
        if not connection.scalar(text("SELECT 1 FROM sqlite_master WHERE name = 'alembic_version'")):
            return EMPTY
        return str(connection.scalar(text("SELECT version_num FROM alembic_version")) or EMPTY)


needs_fork = pytest.mark.skipif(not hasattr(os, "fork"), reason="the kills are done where processes fork")


@needs_fork
def test_an_upgrade_that_is_killed_is_gone_on_with_by_the_next_start(
    standing: tuple[str, Path], tmp_path: Path, count: Count
) -> None:
    killed_at_every(standing, tmp_path, 15, count)


@needs_fork
@pytest.mark.prove
def test_an_upgrade_that_is_killed_at_any_statement_is_gone_on_with(
    standing: tuple[str, Path], tmp_path: Path, count: Count
) -> None:
    killed_at_every(standing, tmp_path, 1, count)
