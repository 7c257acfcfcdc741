"""Killed while a store is made, or while its tables are, the next start makes it whole."""

from __future__ import annotations

import random
import sys
from contextlib import closing
from pathlib import Path

import pytest
from counts import Count
from killing import FILE, KEEPER, Watch, kill, started
from sqlalchemy import inspect, select
from sqlalchemy.orm import Session

from app.assemble import Terminal, make_terminal, open_terminal
from app.kernel.store import Store
from app.migrations import revisions
from app.organisations.model import Organisation
from world import World

pytestmark = pytest.mark.skipif(sys.platform != "linux", reason="the kills are aimed by inotify")

CHILD = """
import sys
from pathlib import Path
from app import assemble
from app.kernel.keys import KeyFile, KeyKeeper
getattr(assemble, sys.argv[1])(Path(sys.argv[2]), keeper=KeyKeeper(KeyFile())).close()
"""


def killed_while(act: str, path: Path, writes: int) -> bool:
    """A child that makes or opens a store, killed at the n-th write; False where it was quicker."""
    with closing(Watch(path.parent)) as watch:
        child = started(["-c", CHILD, act, path])
        watch.wait(path.parent, writes, 5.0)
        return kill(child)


def tables(path: Path) -> set[str]:
    """The tables that are in a store, looked at before the program mends anything."""
    with closing(Store.open(path, KEEPER.find(path), revisions())) as store:
        return set(inspect(store.reader).get_table_names())


def works(terminal: Terminal) -> None:
    World(terminal.app, terminal.org_id).save("organisation", id=terminal.org_id, name="Moto Keller")
    with Session(terminal.app.read_engine) as session:
        assert session.scalars(select(Organisation.name)).all() == ["Moto Keller"]


def kills_while(act: str, base: Path, kills: int, seed: int, count: Count) -> None:
    whole = base / "whole"
    make_terminal(whole / FILE, keeper=KEEPER).close()
    every, dice, most, done = tables(whole / FILE), random.Random(seed), 60, 0
    for attempt in range(kills * 3):
        path = base / f"store-{attempt}" / FILE
        path.parent.mkdir(mode=0o700)
        if act == "open_terminal":
            Store.create(path, KEEPER.make(path)).close()
        writes = dice.randint(1, most)
        if not killed_while(act, path, writes):
            most = max(writes - 1, 3)
            continue
        if path.exists():
            assert tables(path) in (set(), every), "half of the tables"
        with closing((open_terminal if path.exists() else make_terminal)(path, keeper=KEEPER)) as terminal:
            works(terminal)
        assert tables(path) == every
        done += 1
        if done == kills:
            break
    assert done
    count("first start", "kill -9", done)
    count("first start", "stores half made", 0)


@pytest.mark.parametrize("act", ["make_terminal", "open_terminal"])
def test_a_first_start_cut_short_is_made_good_by_the_next(act: str, tmp_path: Path, count: Count) -> None:
    kills_while(act, tmp_path, 3, 0, count)


@pytest.mark.prove
@pytest.mark.parametrize("act", ["make_terminal", "open_terminal"])
def test_many_first_starts_cut_short_are_made_good_by_the_next(act: str, tmp_path: Path, count: Count) -> None:
    kills_while(act, tmp_path, 40, 1, count)
