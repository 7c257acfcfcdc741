"""Pages of the hub's rows: quick to lay, and never at the cost of what somebody does here meanwhile."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import pytest
from replay_chance import evening
from replay_world import ORG, Trio, named
from sqlalchemy import Engine, event
from sqlalchemy.exc import DatabaseError

from app.kernel import digests, finding
from app.kernel.events import Notice
from app.kernel.rows import row_image
from app.kernel.standard import AddNote, Retire, SaveMany, SaveRecord
from app.kernel.store import unsynced
from app.parts.model import Part
from sync.protocol import Line
from sync.sections import Lines, Section, sections_of
from sync.terminal import pull

NORMAL, FULL = 1, 2  # SQLite's own numbers of PRAGMA synchronous


@contextmanager
def commits(engine: Engine) -> Iterator[list[int]]:
    """How safe each commit on this engine is, in SQLite's numbers."""
    found: list[int] = []

    def note(connection: object) -> None:
        found.append(connection.connection.driver_connection.execute("PRAGMA synchronous").fetchone()[0])  # type: ignore[attr-defined]

    event.listen(engine, "commit", note)
    try:
        yield found
    finally:
        event.remove(engine, "commit", note)


def prices(trio: Trio, price: int, *codes: str) -> None:
    rows = [{"id": named("part", code).hex, "price": price} for code in codes]
    trio.hub.done(SaveMany(entity="part", rows=rows), trio.program)


def test_what_somebody_does_is_on_the_disk_before_it_is_answered_also_between_pages(trio: Trio) -> None:
    prices(trio, 700, "P-1", "P-2")
    with commits(trio.left.engine) as pages:
        trio.exchange(trio.left)
    with commits(trio.left.engine) as own:
        trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.person("Ann"))
    assert NORMAL in pages
    assert set(own) == {FULL}


def test_after_a_page_that_fails_commits_are_as_safe_as_ever(trio: Trio) -> None:
    with pytest.raises(DatabaseError):
        _break_off(trio.left.engine)
    with commits(trio.left.engine) as own:
        trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.person("Ann"))
    assert set(own) == {FULL}


def test_rows_beneath_work_that_waits_are_written_as_safely_as_that_work(trio: Trio) -> None:
    trio.left.done(SaveRecord(entity="part", id=named("part", "P-1"), fields={"category": [None, "Brakes"]}), trio.person("Ann"))
    prices(trio, 700, "P-1")
    with commits(trio.left.engine) as pages:
        trio.exchange(trio.left)
    assert pages == [NORMAL, FULL], "what the hub answered can be fetched again; what stands on its rows cannot"
    evening(trio)


def test_a_row_that_comes_as_it_is_here_changes_nothing(trio: Trio) -> None:
    prices(trio, 700, "P-1")
    evening(trio)
    with trio.left.session() as session:
        before = digests.kept(session)
    line = _line(trio, "P-1")
    with commits(trio.left.engine):
        pull.lay(trio.left.app.dispatcher, pull.Part([line, line]), 6)
    with trio.left.session() as session:
        assert digests.kept(session) == before
    evening(trio)


def test_search_follows_a_name_that_changed_and_a_part_that_was_retired(trio: Trio) -> None:
    made = SaveRecord(entity="part", fields={"code": [None, "C-1"], "name": [None, "Crankshaft"]})
    ident = trio.hub.done(made, trio.program).row("part")
    trio.exchange(trio.right)
    assert _finds(trio, "crankshaft") == [ident]
    trio.hub.done(SaveRecord(entity="part", id=ident, fields={"name": ["Crankshaft", "Camshaft"]}), trio.program)
    trio.exchange(trio.right)
    assert _finds(trio, "crankshaft") == []
    assert _finds(trio, "camshaft") == [ident]
    trio.hub.done(Retire(entity="part", id=ident), trio.program)
    trio.exchange(trio.right)
    assert _finds(trio, "camshaft") == []


def test_screens_hear_of_many_rows_at_once_as_many(trio: Trio) -> None:
    heard: list[Notice] = []
    forget = trio.right.app.notices.listen(heard.append)
    rows = [{"code": f"M-{count:04d}", "name": f"Part {count}"} for count in range(1500)]
    trio.hub.done(SaveMany(entity="part", rows=rows), trio.program)
    evening(trio)
    forget()
    assert len(trio.right.all(Part)) == 1503
    told = [notice.rows["part"] for notice in heard if "part" in notice.rows]
    assert all(rows is None or len(rows) <= pull.NAMED for rows in told)
    assert 0 < len(told) < 1500 / pull.FEWEST


@pytest.mark.parametrize("took", [0.0001, 0.005, 0.014, 0.1, 3.0])
def test_transactions_grow_and_shrink_with_what_the_last_one_took(took: float, monkeypatch: pytest.MonkeyPatch) -> None:
    now = [0.0]
    monkeypatch.setattr("sync.terminal.pull.time.perf_counter", lambda: now[0])
    page = pull.Page(tuple(Line("part", f"{number:032x}", None) for number in range(9000)), 7)
    sizes = []
    for part in pull.parts(page, pull.Stride()):
        sizes.append(len(part.lines))
        now[0] += took
    assert sum(sizes) == 9000
    assert [size <= pull.MOST for size in sizes] == [True] * len(sizes)
    assert (sizes[1] > sizes[0]) is (took < pull.AIM)


def test_sections_are_the_lines_that_they_stand_for() -> None:
    lines = [Line("part", f"{number:032x}", {"id": f"{number:032x}", "price": number}) for number in range(5)]
    gone = [Line("bin", f"{number:032x}", None) for number in range(3)]
    side_by_side = Lines(tuple(sections_of([*lines, *gone])))
    assert side_by_side == (*lines, *gone)
    assert [len(section) for section in side_by_side.sections] == [5, 3]
    assert side_by_side[3:6] == (*lines[3:], gone[0])
    assert side_by_side[-1] == gone[-1]
    assert len(side_by_side[8:]) == 0
    assert Section("part", (), ("id",), ((),)).cut(0, 9) == Section("part", (), ("id",), ((),))


def _break_off(engine: Engine) -> None:
    with unsynced(engine) as connection:
        connection.exec_driver_sql("DELETE FROM meta WHERE key = 'nothing'")
        connection.exec_driver_sql("INSERT INTO nowhere VALUES (1)")


def _line(trio: Trio, code: str) -> Line:
    row = trio.hub.get(Part, named("part", code))
    return Line("part", row.id.hex, row_image(row))


def _finds(trio: Trio, sought: str) -> list[UUID]:
    with trio.right.session() as session:
        return [ident for _name, ident in finding.find(session, trio.right.registry, ORG, finding.Sought(sought, "part"))]
