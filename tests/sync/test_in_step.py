"""In step, and provably: digests find whatever differs, and only that is mended."""

from __future__ import annotations

import random
from copy import copy
from typing import Any
from uuid import UUID

import pytest
from replay_world import LEFT, ORG, Machine, Trio, Wire, named
from sqlalchemy import text
from sqlalchemy.orm import Session

from app.kernel import digests, feed
from app.kernel.digests import Digest
from app.kernel.problems import Trouble
from app.kernel.records import SyncEvent
from app.kernel.rows import codecs, values
from app.kernel.standard import AddNote, SaveRecord
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.places.model import Bin
from sync.hub.digests import Sums, add_up
from sync.hub.feed import Reach
from sync.protocol import Compare, Rows
from sync.terminal import beneath, memory, repair
from sync.terminal.exchange import Limits


class Counting(Wire):
    """A line that counts what is asked for."""

    def __init__(self, peer: Any) -> None:
        super().__init__(peer)
        self.compared = 0
        self.fetched: list[str] = []

    def compare(self, compare: Compare) -> Any:
        self.compared += 1
        return super().compare(compare)

    def rows(self, rows: Rows) -> Any:
        self.fetched += rows.ids
        return super().rows(rows)


def sql(machine: Machine, statement: str, **values: Any) -> None:
    """Somebody writes into a database past the program."""
    with machine.engine.begin() as connection:
        connection.execute(text(statement), values)


def in_step(trio: Trio) -> None:
    """Each terminal's digests are those of its rows, and what the hub says they should be."""
    with Session(trio.hub.engine) as session:
        for machine in trio.terminals:
            reach = trio.reach[machine.station.id]
            with Session(machine.engine) as here:
                kept = digests.kept(here)
                assert kept == counted(here, machine)
                assert kept == Sums().of(session, trio.hub.registry, reach, feed.state(session))
                assert beneath.sums(here, machine.registry, beneath.rows(here)) == kept


def counted(session: Session, machine: Machine) -> dict[str, Digest]:
    found: dict[str, Digest] = {}
    for name in machine.registry.entities:
        for _ident, mark in digests.marks(session.connection(), name):
            found[name] = found.get(name, Digest()) + Digest(1, mark)
    return found


def events(machine: Machine) -> list[tuple[str, int, int]]:
    with machine.session() as session:
        return [(event.kind, event.fetched, event.removed) for event in session.query(SyncEvent)]


def some_work(trio: Trio) -> None:
    part, bin = named("part", "P-1"), named("bin", "A")
    order = trio.left.all(trio.left.registry.entities["work_order"])[0].id
    trio.left.done(IssuePart(order=order, part=part, bin=bin, quantity=Quantity(1)), trio.person("Ann"))
    trio.right.done(SaveRecord(entity="part", id=part, fields={"name": ["Part P-1", "Pads"]}), trio.person("Ben"))
    trio.right.done(AddNote(entity="part", id=part, text="Rusty"), trio.person("Ben"))
    trio.hub.done(SaveRecord(entity="part", fields={"code": [None, "P-9"], "name": [None, "Chain"]}), trio.program)


def test_digests_move_with_every_change_and_all_agree(trio: Trio) -> None:
    in_step(trio)
    some_work(trio)
    for machine in trio.terminals:
        with Session(machine.engine) as session:
            assert digests.kept(session) == counted(session, machine)
    trio.quiesce()
    in_step(trio)
    assert events(trio.left) == events(trio.right) == []


def test_the_hubs_rows_are_known_beneath_ones_own_work(trio: Trio) -> None:
    with Session(trio.left.engine) as session:
        before = digests.kept(session)
    some_work(trio)
    with Session(trio.left.engine) as session:
        assert digests.kept(session) != before
        assert beneath.sums(session, trio.left.registry, beneath.rows(session)) == before


def test_what_is_done_again_and_taken_back_moves_them_too(trio: Trio) -> None:
    part = named("part", "P-1")
    for place in range(4):
        trio.left.done(AddNote(entity="part", id=part, text=f"note {place}"), trio.person("Ann"))
        trio.left.done(
            SaveRecord(entity="part", id=part, fields={"category": [None if not place else str(place - 1), str(place)]}),
            trio.person("Ann"),
        )
    trio.hub.done(SaveRecord(entity="part", id=part, fields={"name": ["Part P-1", "Pads"]}), trio.program)
    trio.exchange(trio.left, Limits(commands=0, again=100))
    with Session(trio.left.engine) as session:
        assert digests.kept(session) == counted(session, trio.left)
    trio.quiesce()
    in_step(trio)


CHANGES = {
    "a row is gone": "DELETE FROM part WHERE id = :id",
    "a row is of another time": "UPDATE part SET stamp = stamp - 1, name = 'Wrong' WHERE id = :id",
    "a row is here that the hub never had": (
        "INSERT INTO part SELECT * FROM part WHERE id = :id AND 0;"
        "UPDATE part SET id = x'00000000000070008000000000000001' WHERE id = :id"
    ),
}


@pytest.mark.parametrize("what", sorted(CHANGES))
def test_whatever_differs_is_found_and_only_that_is_mended(trio: Trio, what: str) -> None:
    ident = named("part", "P-2")
    for statement in CHANGES[what].split(";"):
        sql(trio.left, statement, id=ident.bytes) if ":id" in statement else None
    digests_anew(trio.left)
    line = Counting(trio.peer)
    outcome = trio.exchange(trio.left, peer=line)
    assert outcome.mended[0].code == "sync.repaired"
    assert line.fetched == [ident.hex]
    assert trio.left.image() == trio.hub.image()
    in_step(trio)
    assert events(trio.left)[0][:2] == ("repaired", 1)
    assert trio.exchange(trio.left).mended == ()


def digests_anew(machine: Machine) -> None:
    """As if the program itself had made that mistake."""
    with machine.engine.begin() as connection:
        digests.rebuild(connection, machine.registry.entities)


def test_what_is_taken_away_is_kept_with_the_notice(trio: Trio) -> None:
    sql(trio.hub, "DELETE FROM bin WHERE id = :id", id=named("bin", "B").bytes)
    sql(trio.hub, "UPDATE feed SET mark = NULL WHERE row_id = :id", id=named("bin", "B").bytes)
    sql(trio.hub, "DELETE FROM digest_line WHERE entity = 'bin'")
    for row in trio.hub.all(Bin):
        line = "INSERT INTO digest_line (org_id, seq, entity, place, count, sum) VALUES (:org, 1, 'bin', :place, 1, :mark)"
        sql(trio.hub, line, org=ORG.bytes, place=row.warehouse_id.bytes, mark=digests.mark_of(row))
    trio.exchange(trio.left)
    with trio.left.session() as session:
        event = session.query(SyncEvent).one()
        assert (event.kind, event.removed, event.seen) == ("repaired", 1, False)
        assert event.detail["lost"][0]["row"]["code"] == "B"
    assert trio.left.get(Bin, named("bin", "B")) is None


def test_a_digest_that_is_off_by_itself_is_counted_anew(trio: Trio) -> None:
    sql(trio.left, "UPDATE digest SET sum = sum + 1, count = count + 1 WHERE entity = 'part'")
    line = Counting(trio.peer)
    assert trio.exchange(trio.left, peer=line).mended == ()
    assert line.fetched == []
    in_step(trio)


def test_what_cannot_be_mended_is_not_compared_at_every_exchange(trio: Trio) -> None:
    sql(trio.hub, "UPDATE digest_line SET sum = sum + 1 WHERE id = (SELECT min(id) FROM digest_line)")
    line = Counting(trio.peer)
    for _time in range(5):
        trio.exchange(trio.left, peer=line)
    once = line.compared
    assert once
    trio.wall.ms += repair.PATIENCE_MS + 1
    trio.exchange(trio.left, peer=line)
    assert line.compared > once


def test_while_something_waits_nothing_is_compared(trio: Trio) -> None:
    sql(trio.left, "DELETE FROM part WHERE id = :id", id=named("part", "P-2").bytes)
    digests_anew(trio.left)
    trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.person("Ann"))
    line = Counting(trio.peer)
    trio.exchange(trio.left, Limits(commands=0), line)
    assert line.compared == 0
    trio.quiesce()
    in_step(trio)


def test_a_repair_does_not_touch_what_waits(trio: Trio) -> None:
    """A row that the hub has otherwise, and a command on it that waits: the command stays on top."""
    part = named("part", "P-2")
    trio.left.done(SaveRecord(entity="part", id=part, fields={"name": ["Part P-2", "Mine"]}), trio.person("Ann"))
    sql(trio.left, "DELETE FROM part WHERE id = :id", id=named("part", "P-3").bytes)
    digests_anew(trio.left)
    repair.heal(trio.left.app, Wire(trio.peer), "repaired", 6)
    assert trio.left.get(Part, part).name == "Mine"
    assert trio.left.get(Part, named("part", "P-3")) is not None
    trio.quiesce()
    assert trio.hub.get(Part, part).name == "Mine"
    in_step(trio)


# ----------------------------------------------------------------------------------------------------- what rows hold


@pytest.mark.parametrize("seed", range(12))
def test_any_single_cell_is_found_by_the_check_and_mended(trio: Trio, seed: int) -> None:
    dice = random.Random(seed)
    with trio.left.engine.connect() as connection:
        filled = [
            name
            for name in sorted(trio.left.registry.entities)
            if connection.scalar(text(f"SELECT 1 FROM {name} LIMIT 1"))  # noqa: S608
        ]
    name = dice.choice(filled)
    table = trio.left.registry.entities[name].__table__
    column = dice.choice([one.key for one in table.columns if one.key not in ("id", "org_id")])
    other = {"str": "'?!'", "bytes": f"x'{7:032x}'"}.get(type(_any(trio.left, name, column)).__name__, "7")
    sql(trio.left, f"UPDATE {name} SET {column} = {other} WHERE id = (SELECT max(id) FROM {name})")  # noqa: S608
    if trio.left.image() != trio.hub.image():
        line = Counting(trio.peer)
        done = repair.check(trio.left.app, line, 6)
        assert done.fetched == {name: 1}
        assert len(line.fetched) == 1
    assert trio.left.image() == trio.hub.image()
    assert repair.check(trio.left.app, Wire(trio.peer), 6).rows == 0


def _any(machine: Machine, name: str, column: str) -> Any:
    with machine.engine.connect() as connection:
        return connection.scalar(text(f"SELECT {column} FROM {name} ORDER BY id DESC LIMIT 1"))  # noqa: S608


def test_large_entities_are_compared_bucket_by_bucket(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(repair, "FEW", 1)
    sql(trio.left, "DELETE FROM part WHERE id = :id", id=named("part", "P-2").bytes)
    digests_anew(trio.left)
    line = Counting(trio.peer)
    assert trio.exchange(trio.left, peer=line).mended
    assert line.compared == 3
    assert line.fetched == [named("part", "P-2").hex]
    monkeypatch.setattr(repair, "MANY", 2)
    sql(trio.left, "UPDATE part SET name = 'Wrong' WHERE id = :id", id=named("part", "P-2").bytes)
    assert repair.check(trio.left.app, Wire(trio.peer), 6).fetched == {"part": 1}
    in_step(trio)


# ------------------------------------------------------------------------------------------------------- at the hub


def test_lines_added_up_give_the_same_digests(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    running = Sums()
    with Session(trio.hub.engine) as session:
        before = running.at(session, ORG, feed.state(session))
    monkeypatch.setattr("sync.hub.digests.ALL_AT_ONCE", 1)
    with Session(trio.hub.engine) as session:
        assert add_up(session, [ORG])
        session.commit()
        after = Sums().at(session, ORG, feed.state(session))
        kept = {place: {name: one for name, one in there.items() if one} for place, there in before.items()}
        assert {place: there for place, there in kept.items() if there} == after
    some_work(trio)
    trio.quiesce()
    with Session(trio.hub.engine) as session:
        now = session, trio.hub.registry, Reach(ORG), feed.state(session)
        assert running.of(*now) == Sums().of(*now)
    in_step(trio)


def test_a_request_that_sees_less_than_another_one_has_read_is_told_no_digest_and_spoils_none(trio: Trio) -> None:
    running, reach = Sums(), Reach(ORG)
    with Session(trio.hub.engine) as session:
        early = feed.state(session)
        session.expunge(early)
    some_work(trio)
    trio.quiesce()
    with Session(trio.hub.engine) as session:
        now = session, trio.hub.registry, reach, feed.state(session)
        late = running.of(*now)
        assert running.is_beyond(reach.org_id, early)
        assert not running.is_beyond(reach.org_id, now[-1])
        assert running.of(*now) == late == Sums().of(*now)


def test_tidying_now_and_then_changes_nothing_for_anybody(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.digests.ALL_AT_ONCE", 1)
    for _day in range(3):
        some_work(trio) if not _day else None
        trio.peer.tidy()
        trio.wall.ms += 86_400_000
        trio.quiesce()
        in_step(trio)


def test_a_line_that_breaks_in_the_middle_of_a_repair_leaves_the_rest_for_the_next_time(trio: Trio) -> None:
    for name in ("P-1", "P-2", "P-3"):
        sql(trio.left, "DELETE FROM part WHERE id = :id", id=named("part", name).bytes)
    sql(trio.left, "DELETE FROM bin WHERE id = :id", id=named("bin", "B").bytes)
    digests_anew(trio.left)

    class Breaks(Wire):
        def rows(self, rows: Rows) -> Any:
            if rows.entity == "part":
                raise Trouble("sync.cut", "The line was cut.")
            return super().rows(rows)

    with pytest.raises(Trouble):
        trio.exchange(trio.left, peer=Breaks(trio.peer))
    assert trio.left.get(Bin, named("bin", "B")) is not None
    assert trio.exchange(trio.left).mended
    in_step(trio)


# ---------------------------------------------------------------------------------------------- what is not known yet


def test_rows_of_a_kind_that_an_older_program_did_not_know_come_after_its_update(trio: Trio) -> None:
    known = dict(trio.left.registry.entities)
    older = {name: entity for name, entity in known.items() if name != "note"}
    trio.left.registry = trio.left.app.dispatcher.registry = trio.left.app.registry = replaced(trio.left.registry, older)
    note = trio.right.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.person("Ben")).row("note")
    trio.quiesce()
    line = Counting(trio.peer)
    for _time in range(3):
        trio.exchange(trio.left, peer=line)
    assert line.compared == 0, "what it cannot know is no difference"
    trio.left.registry = trio.left.app.dispatcher.registry = trio.left.app.registry = replaced(trio.left.registry, known)
    trio.exchange(trio.left)
    assert trio.left.get(known["note"], note) is not None
    in_step(trio)


def replaced(registry: Any, entities: dict[str, Any]) -> Any:
    made = copy(registry)
    made.entities = entities
    return made


def test_columns_that_an_older_program_did_not_know_are_filled_after_its_update(
    trio: Trio, monkeypatch: pytest.MonkeyPatch
) -> None:
    part = named("part", "P-2")
    trio.hub.done(SaveRecord(entity="part", id=part, fields={"category": [None, "Brakes"]}), trio.program)
    with monkeypatch.context() as older:
        older.setattr(
            "sync.terminal.rows.codecs", lambda entity: {key: one for key, one in codecs(entity).items() if key != "category"}
        )
        older.setattr(
            "sync.terminal.rows.values",
            lambda entity, image: values(entity, {key: image[key] for key in image if key != "category"}),
        )
        older.setattr("sync.terminal.memory.codecs", lambda _entity: {})
        trio.exchange(trio.left)
    assert trio.left.get(Part, part).category is None
    with trio.left.session() as session:
        assert memory.now_known(session, trio.left.registry) == {"part": ["category"]}
    assert trio.exchange(trio.left).mended[0].code == "sync.updated"
    assert trio.left.get(Part, part).category == "Brakes"
    with trio.left.session() as session:
        assert memory.now_known(session, trio.left.registry) == {}
    in_step_all(trio)


# ------------------------------------------------------------------------------------------------------------ places


def warehouse(trio: Trio, name: str) -> UUID:
    ident = named("warehouse", name)
    fields = {"site_id": [None, named("site", "M").hex], "code": [None, name], "name": [None, name]}
    trio.hub.done(SaveRecord(entity="warehouse", id=ident, fields=fields), trio.program)
    return ident


def move(trio: Trio, bin: str, to: UUID) -> None:
    was = trio.hub.get(Bin, named("bin", bin)).warehouse_id
    fields = {"warehouse_id": [was.hex, to.hex]}
    trio.hub.done(SaveRecord(entity="bin", id=named("bin", bin), fields=fields), trio.program)


def test_a_row_that_leaves_a_place_goes_and_one_that_comes_back_comes(trio: Trio) -> None:
    here, there = named("warehouse", "W"), warehouse(trio, "X")
    trio.reach[LEFT] = Reach(ORG, frozenset({named("site", "M")}), frozenset({here}))
    trio.quiesce()
    move(trio, "B", there)
    line = Counting(trio.peer)
    trio.exchange(trio.left, peer=line)
    assert trio.left.get(Bin, named("bin", "B")) is None
    assert line.compared == 0, "the feed said so"
    in_step_all(trio)
    move(trio, "B", here)
    trio.exchange(trio.left)
    assert trio.left.get(Bin, named("bin", "B")) is not None
    move(trio, "B", there)
    move(trio, "B", here)
    trio.exchange(trio.left)
    assert trio.left.get(Bin, named("bin", "B")) is not None
    in_step_all(trio)
    assert len(events(trio.left)) <= 1


def test_a_terminal_that_gets_another_place_loses_the_rows_of_the_old_and_has_those_of_the_new(trio: Trio) -> None:
    here, there = named("warehouse", "W"), warehouse(trio, "X")
    site = frozenset({named("site", "M")})
    trio.reach[LEFT] = Reach(ORG, site, frozenset({here}))
    trio.quiesce()
    move(trio, "B", there)
    trio.quiesce()
    trio.reach[LEFT] = Reach(ORG, site, frozenset({there}))
    outcome = trio.exchange(trio.left)
    assert outcome.mended[0].code == "sync.reach"
    assert [row.code for row in trio.left.all(Bin)] == ["B"]
    assert trio.left.image() == trio.hub.image(trio.reach[LEFT])
    in_step_all(trio)
    assert trio.exchange(trio.left).mended == ()


def test_an_erased_row_goes_everywhere(trio: Trio) -> None:
    def erase() -> None:
        with trio.hub.app.writer.sessions() as session:
            feed.erase(session, session.get_one(Part, named("part", "P-3")), 10**9)
            session.commit()

    trio.hub.app.writer.run(erase)
    line = Counting(trio.peer)
    trio.exchange(trio.left, peer=line)
    assert trio.left.get(Part, named("part", "P-3")) is None
    assert line.compared == 0
    in_step_all(trio)


def in_step_all(trio: Trio) -> None:
    trio.quiesce()
    in_step(trio)


def test_who_was_away_longer_than_the_feed_remembers_is_compared_and_not_begun_anew(trio: Trio) -> None:
    here, there = named("warehouse", "W"), warehouse(trio, "X")
    trio.reach[LEFT] = Reach(ORG, frozenset({named("site", "M")}), frozenset({here}))
    trio.quiesce()
    move(trio, "B", there)
    trio.peer.tidy()
    trio.wall.ms += feed.KEPT_MS + 1
    trio.peer.tidy()
    with trio.hub.session() as session:
        assert feed.state(session).floor == feed.head(session)
        assert session.query(feed.GoneRow).count() == 0
    trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text="Rusty"), trio.person("Ann"))
    line = Counting(trio.peer)
    outcome = trio.exchange(trio.left, peer=line)
    assert outcome.mended[0].code == "sync.stale"
    assert len(line.fetched) <= 3
    assert trio.left.get(Bin, named("bin", "B")) is None
    trio.quiesce()
    in_step(trio)
