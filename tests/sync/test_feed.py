"""The hub's feed: numbered inside COMMIT, so that whoever reads after a number misses nobody who was slower."""

from __future__ import annotations

import random
import threading
from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from replay_world import ORG, Trio, named
from sqlalchemy import URL, Engine, insert, select, text
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel import postgres as server
from app.kernel.ids import new_id
from app.kernel.records import FeedRow, TurnRow
from app.kernel.standard import AddNote, SaveRecord
from sync.hub.feed import Reach
from sync.hub.paging import ahead, pages
from sync.protocol import Pull

WRITERS, TURNS, ROWS = 6, 40, 3


def write(engine: Engine, number: int, dice: random.Random) -> list[UUID]:
    """One transaction that points to some rows and takes its time before it commits."""
    rows = [{"entity": "part", "row_id": new_id(), "org_id": ORG, "seq": None, "turn": number} for _row in range(ROWS)]
    with Session(engine, info={"orgs": {ORG}}) as session:
        session.execute(insert(FeedRow), rows)
        session.execute(insert(TurnRow).values(turn=number))
        session.execute(text("SELECT pg_sleep(:for)"), {"for": dice.choice((0, 0, 0.002, 0.02))})
        session.commit()
    return [row["row_id"] for row in rows]


def read_all(engine: Engine, done: Callable[[], bool]) -> dict[UUID, int]:
    """Reads as a terminal does, after its cursor, until the writers are done and nothing is new."""
    found: dict[UUID, int] = {}
    cursor = 0
    while True:
        last_look = done()
        with Session(engine, info={"orgs": {ORG}}) as session:
            horizon = feed.head(session)
            upto, _entities = ahead(session, Reach(ORG), cursor, horizon, 10)
            wanted = select(FeedRow.row_id, FeedRow.seq).where(FeedRow.seq > cursor, FeedRow.seq <= upto)
            found |= {ident: seq or 0 for ident, seq in session.execute(wanted)}
        if last_look and cursor == upto:
            return found
        cursor = upto


def test_nobody_is_missed_while_many_write_at_once(postgres: URL) -> None:
    engine = server.engine(postgres)
    written: dict[UUID, int] = {}
    numbers = iter(range(1, WRITERS * TURNS + 1))
    lock = threading.Lock()

    def work(seed: int) -> None:
        dice = random.Random(seed)
        for _turn in range(TURNS):
            with lock:
                number = next(numbers)
            for ident in write(engine, number, dice):
                written[ident] = number

    threads = [threading.Thread(target=work, args=(seed,)) for seed in range(WRITERS)]
    for thread in threads:
        thread.start()
    found = read_all(engine, lambda: not any(thread.is_alive() for thread in threads))
    for thread in threads:
        thread.join()
    assert found.keys() == written.keys()
    by_turn = {number: {found[ident] for ident, turn in written.items() if turn == number} for number in set(written.values())}
    assert all(len(given) == 1 for given in by_turn.values()), "a transaction has one number"
    assert sorted(next(iter(given)) for given in by_turn.values()) == list(range(1, WRITERS * TURNS + 1))
    engine.dispose()


def test_a_transaction_that_comes_to_nothing_leaves_no_hole(postgres: URL) -> None:
    engine = server.engine(postgres)
    with Session(engine, info={"orgs": {ORG}}) as session:
        session.execute(insert(TurnRow).values(turn=1))
        session.rollback()
    write(engine, 2, random.Random(1))
    with Session(engine, info={"orgs": {ORG}}) as session:
        assert feed.head(session) == 1
    engine.dispose()


def test_a_row_has_one_pointer_which_moves_when_it_changes(trio: Trio) -> None:
    part = named("part", "P-1")
    first = _pointer(trio, part)
    trio.hub.done(SaveRecord(entity="part", id=part, fields={"name": ["Part P-1", "Pads"]}), trio.program)
    second = _pointer(trio, part)
    assert second > first
    with trio.hub.session() as session:
        assert second == feed.head(session)
        assert session.query(TurnRow).all() == []


def test_an_envelope_knows_the_number_of_its_rows(trio: Trio) -> None:
    noted = trio.hub.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.program)
    assert trio.hub.envelopes()[-1].feed_seq == _pointer(trio, noted.row("note"))


@pytest.mark.parametrize("most", [1, 2, 7, 1000])
def test_whatever_the_page_size_every_row_comes_once(trio: Trio, most: int) -> None:
    found: list[Any] = []
    with trio.hub.session() as session:
        horizon = feed.head(session)
        cursor = 0
        while given := pages(session, trio.hub.registry, Reach(ORG), Pull(cursor, most, 1), horizon):
            found += [UUID(line.id) for line in given[0].lines]
            cursor = given[0].upto
        assert sorted(found) == sorted(session.scalars(text("SELECT row_id FROM feed").columns(FeedRow.row_id)))


def _pointer(trio: Trio, ident: UUID) -> int:
    with trio.hub.session() as session:
        row = session.query(FeedRow).filter_by(row_id=ident).one()
        assert row.turn is None
        return int(row.seq or 0)
