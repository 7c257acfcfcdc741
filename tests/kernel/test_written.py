"""The audit's images of many new rows: the same text that each would have by itself, and the very values in both databases."""

from __future__ import annotations

from select import select as select_ready
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL, Engine, func, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel import postgres as server
from app.kernel.ahead import go_ahead
from app.kernel.digests import DigestLine
from app.kernel.ids import new_id
from app.kernel.many import insert_many
from app.kernel.money import Money
from app.kernel.outbox import CHANGES, change_lines, effect, effects
from app.kernel.records import ChangeRow, FeedRow
from app.kernel.rows import columns_of, row_image, table_of
from app.kernel.standard import SaveMany
from app.kernel.types import Quantity, canonical, moment
from app.kernel.written import texts
from app.parts.model import Part
from world import World

ORG = UUID(int=7)
OURS = {"orgs": {ORG}}
ODD = ['Say "brake"', "back\\slash", "100 % wool", "tab\there", "Ümlaut · 部品", "\x7f\x1f", "%s", "line\nbreak", "🔧"]


def part(**given: Any) -> Part:
    made = {"id": new_id(), "org_id": ORG, "stamp": 5, "made_at": moment(1), "made_by": ORG, "retired": False}
    return Part(**{**dict.fromkeys(table_of(Part).columns.keys()), **made, "unit": "pcs", "core": False, **given})


def test_many_images_are_written_as_each_one_by_itself() -> None:
    rows = [part(code=f"P-{at}", name=name, cost=Money(at), least=Quantity(at)) for at, name in enumerate(ODD)]
    rows += [part(code="P-X", name="Chain", names={"de": 'Ket"te', "n": [1, 1.5, None]}, extra={}, core=True)]
    assert texts(Part, columns_of(Part, rows)) == [canonical(row_image(row)) for row in rows]
    assert texts(Part, columns_of(Part, rows[:1])) == [canonical(row_image(rows[0]))]


def test_what_a_command_did_is_told_alike_before_and_after_it_is_kept(world: World) -> None:
    rows = [{"code": f"NEW-{at}", "name": name.strip()} for at, name in enumerate(ODD) if name.isprintable()]
    answer = world.done(SaveMany(entity="part", rows=rows))
    with Session(world.app.read_engine) as session:
        lines = session.scalars(select(ChangeRow).where(ChangeRow.envelope_id == answer.id)).all()
        told = [
            {"entity": one.entity, "row_id": one.row_id, "before": one.before, "after": canonical(one.after)} for one in lines
        ]
        assert effects(session, [answer.id]) == {answer.id: effect(told)}
    assert len(lines) == len(rows)


@pytest.fixture
def engine(postgres: URL) -> Engine:
    return server.engine(postgres)


@pytest.mark.parametrize("count", [1, 49, 2500])
def test_the_hub_keeps_every_value_as_it_was_given(engine: Engine, count: int) -> None:
    given = [
        {
            "org_id": ORG,
            "envelope_id": ORG,
            "entity": ODD[at % len(ODD)],
            "row_id": new_id(),
            "before": {"n": at} if at % 3 else None,
            "after": {"name": ODD[at % len(ODD)]},
        }
        for at in range(count)
    ]
    with Session(engine, info=OURS) as session:
        go_ahead(session)
        insert_many(session, CHANGES, given)
        columns = [CHANGES.c[name] for name in given[0]]
        kept = [dict(row) for row in session.execute(select(*columns).order_by(CHANGES.c.id)).mappings()]
        assert kept == given
        session.rollback()
    engine.dispose()


def test_what_cannot_be_kept_is_told_by_whatever_comes_next(engine: Engine) -> None:
    line = {"org_id": ORG, "envelope_id": ORG, "entity": "part", "before": None, "after": {}}
    with Session(engine, info=OURS) as session:
        go_ahead(session)
        insert_many(session, CHANGES, [{**line, "row_id": new_id(), "entity": "zero\x00byte"} for _each in range(60)])
        with pytest.raises(DBAPIError):
            session.scalar(select(func.count()).select_from(CHANGES))
        session.rollback()
        insert_many(session, CHANGES, [{**line, "row_id": new_id()} for _each in range(60)])
        session.commit()
        assert session.scalar(select(func.count()).select_from(CHANGES)) == 60
    with Session(engine, info=OURS) as session:
        go_ahead(session)
        insert_many(session, CHANGES, [{**line, "row_id": new_id()} for _each in range(60)])  # nobody commits it
    with Session(engine, info=OURS) as session:
        assert session.scalar(select(func.count()).select_from(CHANGES)) == 60
        insert_many(session, table_of(FeedRow), [{"entity": "part", "row_id": ORG, "org_id": ORG, "seq": 1 << 40}])
        with pytest.raises(DBAPIError):
            insert_many(session, table_of(FeedRow), [{"entity": "part", "row_id": new_id(), "org_id": ORG, "seq": 1 << 70}])
    engine.dispose()


def pointing(count: int) -> list[dict[str, Any]]:
    """So many pointers of the feed, each to a row of its own."""
    return [{"entity": "part", "row_id": new_id(), "org_id": ORG, "seq": 1} for _each in range(count)]


def hand_over(session: Session, there: dict[str, Any]) -> None:
    """What cannot be written, and more behind it once the database has told so."""
    insert_many(session, table_of(FeedRow), [there, *pointing(60)])
    line: Any = session.connection().connection.driver_connection
    assert select_ready([line], [], [], 20)[0]
    insert_many(session, table_of(FeedRow), pointing(60))


def test_what_fell_while_more_was_handed_over_costs_no_more_than_its_savepoint(engine: Engine) -> None:
    (there,) = pointing(1)
    with Session(engine, info=OURS) as session:
        insert_many(session, table_of(FeedRow), [there])
        session.commit()
        go_ahead(session)
        with pytest.raises(IntegrityError), session.begin_nested():
            hand_over(session, there)
        insert_many(session, table_of(FeedRow), pointing(60))
        session.commit()
        assert session.scalar(select(func.count()).select_from(FeedRow)) == 61
    engine.dispose()


def fail_behind(session: Session) -> None:
    """What cannot be written is under way when something else goes wrong."""
    insert_many(session, table_of(FeedRow), [*pointing(1) * 2, *pointing(60)])
    raise ZeroDivisionError


def test_whoever_goes_back_to_a_savepoint_hears_nothing_of_what_fell_behind_it(engine: Engine) -> None:
    with Session(engine, info=OURS) as session:
        go_ahead(session)
        with pytest.raises(ZeroDivisionError), session.begin_nested():
            fail_behind(session)
        insert_many(session, table_of(FeedRow), pointing(60))
        session.commit()
        assert session.scalar(select(func.count()).select_from(FeedRow)) == 60
    engine.dispose()


def test_what_is_handed_over_within_a_savepoint_goes_with_it(engine: Engine) -> None:
    with Session(engine, info=OURS) as session:
        go_ahead(session)
        with session.begin_nested() as begun:
            insert_many(session, table_of(FeedRow), pointing(60))
            begun.rollback()
        session.commit()
        assert session.scalar(select(func.count()).select_from(FeedRow)) == 0
    engine.dispose()


def test_new_rows_are_numbered_at_once_as_they_would_be_with_the_commit(engine: Engine) -> None:
    rows = [part(code=f"P-{at}", name="Chain") for at in range(30)]
    with Session(engine, info=OURS) as session:
        assert feed.point_now(session, rows[:20], [1])
        session.commit()
        assert not feed.point_now(session, rows[10:], [7]), "the feed has pointed to some of them"
        feed.point(session, rows[10:], 7)
        session.commit()
        seqs = dict(session.execute(select(FeedRow.row_id, FeedRow.seq)).all())
        assert [seqs[row.id] for row in rows] == [1] * 10 + [2] * 20
        marks = sum(session.scalars(select(FeedRow.mark)).all())
        lines = session.execute(select(DigestLine.seq, func.sum(DigestLine.count)).group_by(DigestLine.seq)).all()
        assert sorted(lines) == [(1, 20), (2, 10)]
        assert (sum(session.scalars(select(DigestLine.sum))) - marks) % (1 << 62) == 0
    engine.dispose()


def test_lines_of_a_capture_tell_the_image_that_was_written_down(world: World) -> None:
    from app.kernel.capture import Capture

    row = part(code="P-1", name="Chain")
    capture = Capture(world.app.registry, 5)
    capture.fresh_many([row], texts(Part, columns_of(Part, [row])))
    (line,) = change_lines(capture, ORG)
    assert (line["before"], line["after"]) == (None, canonical(row_image(row)))
