"""In step with a hub on PostgreSQL: digests, buckets, contents and epochs say the same there as on SQLite."""

from __future__ import annotations

from typing import Any

import pytest
from replay_world import LEFT, ORG, Machine, Trio, Wire, named
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import digests, feed
from app.kernel.standard import AddNote, SaveRecord
from app.parts.model import Part
from app.places.model import Bin
from sync.hub.digests import Sums, add_up
from sync.hub.feed import Reach
from sync.terminal import repair
from sync.terminal.exchange import greet


@pytest.fixture
def trio(trio_on_postgresql: Trio) -> Trio:
    return trio_on_postgresql


def sql(machine: Machine, statement: str, **values: Any) -> None:
    with machine.engine.begin() as connection:
        connection.execute(text(statement), values)


def in_step(trio: Trio) -> None:
    for machine in trio.terminals:
        reach = trio.reach[machine.station.id]
        with Session(trio.hub.engine, info={"orgs": {ORG}}) as session, Session(machine.engine) as here:
            assert digests.kept(here) == Sums().of(session, trio.hub.registry, reach, feed.state(session))


def test_what_differs_is_found_bucket_by_bucket_and_cell_by_cell(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    in_step(trio)
    assert repair.check(trio.left.app, Wire(trio.peer), 6).rows == 0
    trio.hub.done(
        SaveRecord(entity="part", id=named("part", "P-1"), fields={"extra": [{}, {"shelf": "überall", "n": 2.5}]}), trio.program
    )
    trio.quiesce()
    assert repair.check(trio.left.app, Wire(trio.peer), 6).rows == 0
    for few, many in ((400, 40_000), (1, 40_000), (1, 2)):
        monkeypatch.setattr(repair, "FEW", few)
        monkeypatch.setattr(repair, "MANY", many)
        sql(trio.left, "UPDATE part SET name = 'Wrong' WHERE id = :id", id=named("part", "P-2").bytes)
        assert repair.check(trio.left.app, Wire(trio.peer), 6).fetched == {"part": 1}
        sql(trio.left, "UPDATE part SET name = 'Wrong', stamp = stamp - 1 WHERE id = :id", id=named("part", "P-2").bytes)
        with trio.left.engine.begin() as connection:
            digests.rebuild(connection, trio.left.registry.entities)
        assert trio.exchange(trio.left).mended[0].code == "sync.repaired"
        assert trio.left.get(Part, named("part", "P-2")).name == "Part P-2"
        in_step(trio)


def test_rows_that_leave_and_the_lines_that_are_added_up(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.digests.ALL_AT_ONCE", 1)
    there = named("warehouse", "X")
    fields = {"site_id": [None, named("site", "M").hex], "code": [None, "X"], "name": [None, "X"]}
    trio.hub.done(SaveRecord(entity="warehouse", id=there, fields=fields), trio.program)
    trio.reach[LEFT] = Reach(ORG, frozenset({named("site", "M")}), frozenset({named("warehouse", "W")}))
    trio.quiesce()
    fields = {"warehouse_id": [named("warehouse", "W").hex, there.hex]}
    trio.hub.done(SaveRecord(entity="bin", id=named("bin", "B"), fields=fields), trio.program)
    trio.quiesce()
    assert trio.left.get(Bin, named("bin", "B")) is None
    in_step(trio)
    with Session(trio.hub.engine) as session:
        assert add_up(session, [ORG])
        session.commit()
    trio.peer.tidy()
    in_step(trio)


def test_another_life_of_the_hub(trio: Trio) -> None:
    for machine in trio.terminals:
        greet(machine.app, Wire(trio.peer))
    trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.person("Ann"))
    trio.quiesce()
    with Session(trio.hub.engine, info={"orgs": {ORG}}) as session:
        feed.new_epoch(session)
        session.commit()
    trio.quiesce()
    in_step(trio)
    assert trio.left.image() == trio.right.image()
