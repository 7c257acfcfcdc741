"""What a hub on PostgreSQL builds, also in a process of its own, is what its terminals may hold."""

from __future__ import annotations

from pathlib import Path

import pytest
from sqlalchemy import URL, Engine
from sqlalchemy.orm import Session

from app.assemble import open_terminal
from app.kernel import rows
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.rls import serve
from app.kernel.rows import table_of
from sync.hub import building
from sync.hub.feed import Reach
from sync.hub.snapshots import HubSource, Snapshots, here, in_a_child
from sync.snapshots import COLUMNS, FILE
from sync.terminal.snapshot import fetch_store
from world import World

KEEPER = KeyKeeper(KeyFile(lambda: b"this machine"))


def held(world: World, engine: Engine) -> dict[str, list[str]]:
    """Every row of the organisation, as canonical text."""
    found = {}
    with Session(engine) as session:
        serve(session, {world.org})
        for entity in world.app.registry.synced():
            table = table_of(entity)
            there = session.execute(table.select().order_by(table.c.id)).mappings()
            found[entity.__tablename__] = [rows.line(rows.image(entity, dict(row))) for row in there]
    return found


@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_a_terminal_holds_the_very_rows_of_a_hub_on_postgresql(form: str, hub: World, tmp_path: Path) -> None:
    hub.furnish()
    engine = hub.app.read_engine
    source = HubSource(Snapshots(tmp_path / "hub", engine, here(engine, hub.app.registry)), Reach(hub.org))
    path = tmp_path / "terminal" / "terminal.fettle"
    fetch_store(source, path, Station(new_id()), hub.org, keeper=KEEPER, form=form)
    terminal = open_terminal(path, keeper=KEEPER)
    try:
        assert held(hub, terminal.app.read_engine) == held(hub, engine)
    finally:
        terminal.close()


@pytest.mark.parametrize("form", [FILE, COLUMNS])
def test_no_transaction_of_the_hub_stands_open_while_indexes_are_made(
    form: str, hub: World, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    hub.furnish()
    sessions: list[Session] = []
    read = building.reading

    def reading(source: Engine, reach: Reach) -> Session:
        sessions.append(read(source, reach))
        return sessions[-1]

    seen: list[bool] = []
    monkeypatch.setattr(building, "reading", reading)
    monkeypatch.setattr("sync.filling._sum_up", lambda *_given: seen.append(sessions[0].in_transaction()))
    engine = hub.app.read_engine
    Snapshots(tmp_path / "hub", engine, here(engine, hub.app.registry)).manifest(Reach(hub.org), form)
    assert seen == ([False] if form == FILE else [])
    assert not sessions[0].in_transaction()


def test_a_child_builds_the_same(hub: World, postgres: URL, tmp_path: Path) -> None:
    hub.furnish()
    engine = hub.app.read_engine
    one = Snapshots(tmp_path / "here", engine, here(engine, hub.app.registry)).manifest(Reach(hub.org), COLUMNS)
    other = Snapshots(tmp_path / "child", engine, in_a_child(postgres)).manifest(Reach(hub.org), COLUMNS, 60.0)
    assert [piece.sha256 for piece in other.pieces] == [piece.sha256 for piece in one.pieces]


def test_a_child_that_fails_says_why_in_the_hubs_log(
    hub: World, postgres: URL, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    make = in_a_child(postgres.set(database="nowhere"))
    with pytest.raises(Trouble) as told:
        Snapshots(tmp_path / "hub", hub.app.read_engine, make).manifest(Reach(hub.org), FILE, 60.0)
    assert told.value.problem.code == "snapshot.failed"
    assert "nowhere" not in told.value.problem.sentence, "terminals need not know where the database is"
    assert "nowhere" in caplog.text
