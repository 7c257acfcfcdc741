"""The hub's feed: numbers in the order in which transactions end, so that a reader's cursor never passes a late one."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

from sqlalchemy import URL, Engine, select
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel import postgres as server
from app.kernel.ids import new_id
from app.kernel.records import EnvelopeRow, FeedRow, TurnRow
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from world import World

ORG = UUID(int=7)
OURS = {"orgs": {ORG}}
OURS = {"orgs": {ORG}}


def pointed(session: Session, turn: int, *rows: UUID) -> None:
    """What a command does at the hub when it has changed these rows."""
    feed.point(session, [Part(id=row, org_id=ORG, stamp=turn) for row in rows], turn)


def numbers(engine: Engine, *, after: int = 0) -> dict[UUID, int]:
    with Session(engine, info=OURS) as session:
        rows = session.scalars(select(FeedRow).where(FeedRow.seq > after))
        return {row.row_id: row.seq or 0 for row in rows}


def test_who_begins_first_and_ends_last_gets_the_later_number(postgres: URL) -> None:
    engine = server.engine(postgres)
    first, second = new_id(), new_id()
    with Session(engine, info=OURS) as slow, Session(engine, info=OURS) as quick:
        pointed(slow, 1, first)
        pointed(quick, 2, second)
        quick.commit()
        assert numbers(engine) == {second: 1}, "what has not ended is not there"
        with Session(engine, info=OURS) as session:
            cursor = feed.head(session)
        slow.commit()
    assert numbers(engine, after=cursor) == {first: 2}, "the reader does not miss it"
    engine.dispose()


def test_what_is_taken_back_leaves_no_gap(postgres: URL) -> None:
    engine = server.engine(postgres)
    one, other = new_id(), new_id()
    with Session(engine, info=OURS) as session:
        pointed(session, 1, one)
        session.rollback()
        pointed(session, 2, other)
        session.commit()
    assert numbers(engine) == {other: 1}
    engine.dispose()


def test_many_at_once_get_numbers_without_gaps_and_a_row_only_its_last_one(postgres: URL) -> None:
    engine = server.engine(postgres)
    shared = new_id()

    def write(turn: int) -> UUID:
        own = new_id()
        with Session(engine, info=OURS) as session:
            pointed(session, turn, own, *((shared,) if turn % 2 else ()))
            session.commit()
        return own

    with ThreadPoolExecutor(4) as pool:
        rows = list(pool.map(write, range(1, 25)))
    found = numbers(engine)
    assert sorted(found[row] for row in rows) == list(range(1, 25))
    assert len(found) == 25
    with Session(engine, info=OURS) as session:
        assert feed.head(session) == 24
        assert session.scalars(select(TurnRow)).all() == []
    engine.dispose()


def test_what_belongs_together_has_one_number(hub: World) -> None:
    world = hub.furnish()
    answer = world.done(
        IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(9), reason="They are here")
    )
    with world.session() as session:
        seq = session.scalars(select(EnvelopeRow.feed_seq).where(EnvelopeRow.id == answer.id)).one()
        idents = [ident for _name, ident in answer.rows]
        rows = set(session.scalars(select(FeedRow.seq).where(FeedRow.row_id.in_(idents))))
        assert len(idents) == 2
        assert rows == {seq}
        assert feed.head(session) == seq
