"""What an exchange asks of PostgreSQL in one question is what the single questions tell, and nobody sees another's rows in it."""

from __future__ import annotations

import socket
from typing import Any

import pytest
from replay_chance import evening
from replay_world import ORG, Trio
from sqlalchemy import Engine, select, text
from sqlalchemy.exc import DataError, OperationalError
from sqlalchemy.orm import Session

from app.kernel import feed, outbox
from app.kernel.ids import new_id
from app.kernel.records import EnvelopeRow
from sync.hub.feed import Reach
from sync.hub.glance import looking, steady
from sync.hub.paging import ahead
from sync.protocol import Pull, Push, Sent


@pytest.fixture
def trio(trio_on_postgresql: Trio) -> Trio:
    made = trio_on_postgresql
    evening(made)
    return made


def asked(trio: Trio) -> Push:
    """As if the hub's own program had pushed its first command again."""
    return Push(trio.hub.station.id.hex, 1, "", (Sent("{}"),))


@pytest.mark.parametrize("narrow", [False, True])
def test_one_question_tells_what_the_single_ones_do(trio: Trio, narrow: bool) -> None:
    reach = Reach(ORG, frozenset(), frozenset()) if narrow else Reach(ORG)
    with looking(trio.hub.app.read_engine, reach, asked(trio), Pull(0), 0) as (session, seen):
        head = feed.state(session)
        assert seen.head == (head.last, head.floor, head.summed, head.epoch)
        assert seen.end == outbox.last_of(session, trio.hub.station.id) != (0, "")
        first = session.scalars(select(EnvelopeRow).where(EnvelopeRow.number == 1)).one()
        assert seen.kept == [(1, first.id, first.state, first.problems, first.feed_seq)]
        assert seen.coming == set(ahead(session, reach, 0, head.last, 10_000)[1]) != set()


def test_whoever_works_for_another_organisation_sees_nothing_of_this_one(trio: Trio) -> None:
    with looking(trio.hub.app.read_engine, Reach(new_id()), asked(trio), Pull(0), 0) as (session, seen):
        assert (seen.end, seen.kept, seen.coming, seen.left, seen.turned) == ((0, ""), [], set(), False, [])
        assert session.scalar(text("SELECT count(*) FROM envelope")) == 0


def test_nothing_can_be_written_where_one_only_looks(trio: Trio) -> None:
    with looking(trio.hub.app.read_engine, Reach(ORG), asked(trio), Pull(0), 0) as (session, _seen):
        assert session.scalar(text("SHOW transaction_read_only")) == "on"


def test_a_question_that_the_server_has_forgotten_is_put_to_it_anew(trio: Trio) -> None:
    engine = trio.hub.app.read_engine
    for _each in range(2):
        with looking(engine, Reach(ORG), asked(trio), Pull(0), 0) as (_session, seen):
            assert seen.head.last
        with Session(engine) as session:
            session.execute(text("DEALLOCATE ALL"))


def test_a_number_that_no_database_keeps_is_refused_and_the_next_question_answered(trio: Trio) -> None:
    engine = trio.hub.app.read_engine
    with pytest.raises(DataError), looking(engine, Reach(ORG), asked(trio), Pull(1 << 70), 0):
        pass
    with looking(engine, Reach(ORG), asked(trio), Pull(0), 0) as (_session, seen):
        assert seen.head.last


LEFT = text(
    "SELECT current_setting('app.orgs', true), current_setting('transaction_isolation'), current_setting('transaction_read_only')"
)


def too_slow(engine: Engine) -> None:
    with steady(engine, Reach(ORG), "SET LOCAL statement_timeout = 20; SELECT pg_sleep(20)::text"):
        pass


def cut(line: Any) -> None:
    """The line to the server is down, and nobody knows yet."""
    borrowed = socket.socket(fileno=line.connection.driver_connection.fileno())
    borrowed.shutdown(socket.SHUT_RDWR)
    borrowed.detach()


def cut_off(engine: Engine) -> None:
    with engine.connect() as line:
        cut(line)
    with looking(engine, Reach(ORG), Push(new_id().hex, 1, "", ()), Pull(0), 0):
        pass


def cut_off_within(engine: Engine) -> None:
    with looking(engine, Reach(ORG), Push(new_id().hex, 1, "", ()), Pull(0), 0) as (session, _seen):
        cut(session.connection())
        feed.head(session)


@pytest.mark.parametrize("fall", [too_slow, cut_off, cut_off_within])
def test_where_a_question_falls_the_database_is_called_away_and_nothing_is_left_of_it(trio: Trio, fall: Any) -> None:
    engine = trio.hub.app.read_engine
    with pytest.raises(OperationalError):
        fall(engine)
    with engine.connect() as connection:
        assert connection.execute(LEFT).one() in (("", "read committed", "off"), (None, "read committed", "off"))
    with looking(engine, Reach(ORG), asked(trio), Pull(0), 0) as (_session, seen):
        assert seen.head.last
    assert engine.pool.status().endswith("Current Checked out connections: 0")
