"""Stores that were copied or put back: each machine ends with an identity of its own, nothing is lost and nothing done twice."""

from __future__ import annotations

import copy as copying
from uuid import UUID

import pytest
from replay_world import LEFT, ORG, Machine, Trio, Wire, copy, memory, named
from sqlalchemy.orm import Session

from app.kernel import codes, feed, meta
from app.kernel.problems import Trouble
from app.kernel.records import LifeRow, SyncEvent
from app.kernel.rows import image, table_of
from app.kernel.standard import AddNote, Note
from app.kernel.types import Quantity
from app.stock.commands import CountStock, ReceiveStock
from app.stock.model import StockLine
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from sync.protocol import Line, Renewed
from sync.terminal import fork
from sync.terminal.exchange import Limits, greet
from sync.terminal.rows import put


def note(trio: Trio, on: Machine, words: str) -> UUID:
    return on.done(AddNote(entity="part", id=named("part", "P-1"), text=words), trio.person("Ann")).id


def twin_of(trio: Trio, machine: Machine) -> Machine:
    """A second machine with a copy of a terminal's store. Its people give their commands ids of their own."""
    trio.wall.ms += 1
    twin = Machine(copy(machine.engine, memory()), machine.station, trio.wall, machine.registry)
    twin.made = 1000
    return twin


def rest(trio: Trio, *more: Machine) -> None:
    """Everybody exchanges until nothing moves, and holds the same as the hub."""
    trio.quiesce()
    for _round in range(4):
        for machine in (*more, *trio.terminals):
            trio.exchange(machine)
    for machine in (*more, *trio.terminals):
        assert machine.image() == trio.hub.image(), "everyone holds the same"
        assert machine.waiting() == []
        assert machine.leftovers() == 0


def words(machine: Machine) -> list[str]:
    return sorted(row.text for row in machine.all(Note))


def test_a_copy_that_worked_gets_an_identity_of_its_own_and_its_work_arrives(trio: Trio) -> None:
    note(trio, trio.left, "before")
    trio.exchange(trio.left)
    twin = twin_of(trio, trio.left)
    note(trio, trio.left, "the real one")
    trio.exchange(trio.left)
    kept = note(trio, twin, "the copy")
    outcome = trio.exchange(twin)
    assert [problem.code for problem in outcome.mended] == ["sync.reborn"]
    assert twin.app.station.id != LEFT
    rest(trio, twin)
    assert words(trio.hub) == ["before", "the copy", "the real one"]
    with twin.session() as session:
        assert meta.station_of(session).id == twin.app.station.id
        assert [event.kind for event in session.query(SyncEvent)] == ["reborn"]
    sent = twin.envelopes(twin.app.station.id)
    assert [(row.number, row.id) for row in sent] == [(1, kept)]
    assert trio.hub.broken_chain(twin.app.station.id) is None
    twin.stop()


def test_what_both_machines_had_waiting_is_done_once(trio: Trio) -> None:
    note(trio, trio.left, "in both")
    twin = twin_of(trio, trio.left)
    note(trio, trio.left, "left alone")
    trio.exchange(trio.left)
    note(trio, twin, "copy alone")
    rest(trio, twin)
    assert words(trio.hub) == ["copy alone", "in both", "left alone"]
    twin.stop()


def test_a_store_put_back_to_yesterday_is_noticed_even_with_nothing_to_send(trio: Trio) -> None:
    note(trio, trio.left, "yesterday")
    trio.exchange(trio.left)
    yesterday = copy(trio.left.engine, memory())
    note(trio, trio.left, "today")
    trio.exchange(trio.left)
    trio.left.stop()
    trio.left.engine = yesterday
    trio.left.start()
    trio.exchange(trio.left)
    assert trio.left.app.station.id != LEFT
    rest(trio)
    assert words(trio.left) == ["today", "yesterday"]
    note(trio, trio.left, "tomorrow")
    rest(trio)
    assert words(trio.hub) == ["today", "tomorrow", "yesterday"]


def test_a_copy_that_does_nothing_is_noticed_when_it_greets(trio: Trio) -> None:
    greet(trio.left.app, Wire(trio.peer))
    twin = twin_of(trio, trio.left)
    for _time in range(2):
        greet(trio.left.app, Wire(trio.peer))
    greet(twin.app, Wire(trio.peer))
    assert trio.left.app.station.id == LEFT
    assert twin.app.station.id != LEFT
    greet(trio.left.app, Wire(trio.peer))
    assert trio.left.app.station.id == LEFT, "who was first goes on as it is"
    rest(trio, twin)
    twin.stop()


def test_a_greeting_whose_answer_was_lost_does_no_harm(trio: Trio) -> None:
    class Cut(Wire):
        def hello(self, hello):  # type: ignore[no-untyped-def]
            super().hello(hello)
            raise Trouble("sync.cut", "The line was cut.")

    for _time in range(3):
        with pytest.raises(Trouble):
            greet(trio.left.app, Cut(trio.peer))
        greet(trio.left.app, Wire(trio.peer))
    assert trio.left.app.station.id == LEFT


def test_a_store_moved_to_another_machine_is_told_by_what_lies_outside_of_it(trio: Trio) -> None:
    greet(trio.left.app, Wire(trio.peer), machine="bench")
    greet(trio.left.app, Wire(trio.peer), machine="bench")
    assert trio.left.app.station.id == LEFT
    greet(trio.left.app, Wire(trio.peer), machine="notebook")
    assert trio.left.app.station.id != LEFT


def test_a_rebirth_that_is_cut_is_gone_on_with(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(fork, "AT_ONCE", 3)
    twin = twin_of(trio, trio.left)
    note(trio, trio.left, "the real one")
    trio.exchange(trio.left)
    for place in range(10):
        note(trio, twin, f"copy {place}")
    real, calls = fork._some, []

    def cut(app):  # type: ignore[no-untyped-def]
        calls.append(1)
        if len(calls) == 3:
            raise Trouble("store.away", "The power is gone.")
        return real(app)

    monkeypatch.setattr(fork, "_some", cut)
    with pytest.raises(Trouble):
        trio.exchange(twin)
    assert twin.app.station.id == LEFT
    note(trio, twin, "in between")
    twin.restart()
    rest(trio, twin)
    assert len(words(trio.hub)) == 12
    twin.stop()


def test_a_copy_counts_no_longer_from_the_numbers_that_were_leased_to_both(trio: Trio) -> None:
    trio.left.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann"))
    trio.exchange(trio.left)
    greet(trio.left.app, Wire(trio.peer))
    twin = twin_of(trio, trio.left)
    with Session(twin.engine) as session:
        assert any(lease.next <= lease.last for lease in session.query(codes.LeaseRow)), "both hold numbers to count from"
    note(trio, trio.left, "the real one")
    trio.exchange(trio.left)
    note(trio, twin, "the copy")
    trio.exchange(twin)
    with Session(twin.engine) as session:
        assert all(lease.next > lease.last for lease in session.query(codes.LeaseRow))
    greet(twin.app, Wire(trio.peer))
    for machine in (twin, trio.left):
        machine.done(CreateOrder(site=named("site", "M"), what="Chain"), trio.person("Ann"))
    rest(trio, twin)
    numbers = [order.number for order in trio.hub.all(WorkOrder)]
    assert len(set(numbers)) == len(numbers)
    twin.stop()


def test_who_is_parked_under_the_old_identity_is_let_go_under_the_new(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    def broken(do: AddNote, work: object) -> None:
        raise ZeroDivisionError

    older = copying.copy(trio.hub.registry)
    monkeypatch.setattr(older, "handlers", {**older.handlers, AddNote: broken})
    monkeypatch.setattr(trio.hub.app.dispatcher, "registry", older)
    note(trio, trio.left, "parked")
    trio.exchange(trio.left)
    twin = twin_of(trio, trio.left)
    trio.left.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ann"))
    trio.exchange(trio.left)
    twin.done(CreateOrder(site=named("site", "M"), what="Brake"), trio.person("Ann"))
    trio.exchange(twin)
    trio.exchange(twin)
    assert twin.envelopes(twin.app.station.id)[0].state == "parked"
    monkeypatch.setattr(trio.hub.app.dispatcher, "registry", trio.hub.registry)
    trio.mishaps.told.clear()
    trio.peer.release()
    rest(trio, twin)
    assert words(twin) == ["parked"]
    twin.stop()


def test_a_hub_that_gives_no_second_identity_says_so_and_all_is_kept(trio: Trio) -> None:
    twin = twin_of(trio, trio.left)
    note(trio, trio.left, "the real one")
    trio.exchange(trio.left)
    note(trio, twin, "the copy")
    real = trio.renew

    def nobody(old: UUID, reborn: object) -> Renewed:
        raise Trouble("sync.away", "The line was cut.")

    trio.renew = nobody  # type: ignore[method-assign]
    with pytest.raises(Trouble):
        trio.exchange(twin)
    assert twin.waiting() == ["AddNote"]
    trio.renew = real  # type: ignore[method-assign]
    trio.exchange(twin, Limits())
    rest(trio, twin)
    with trio.hub.session() as session:
        assert {row.org_id for row in session.query(LifeRow)} <= {ORG}
    twin.stop()


def test_what_went_up_under_a_former_identity_comes_again_to_a_hub_that_was_put_back(trio: Trio) -> None:
    for machine in trio.terminals:
        greet(machine.app, Wire(trio.peer))
        trio.exchange(machine)
    night = copy(trio.hub.engine, memory())
    note(trio, trio.left, "in both")
    trio.exchange(trio.left)
    twin = twin_of(trio, trio.left)
    note(trio, trio.left, "left alone")
    trio.exchange(trio.left)
    note(trio, twin, "copy alone")
    for _round in range(3):
        trio.exchange(twin)
    trio.hub.stop()
    copy(night, trio.hub.engine)
    trio.hub.start()
    with trio.hub.session() as session:
        feed.new_epoch(session)
        session.commit()
    for _round in range(5):
        trio.exchange(twin)
    assert words(trio.hub) == ["copy alone", "in both"]  # the other machine is still away
    rest(trio, twin)
    assert words(trio.hub) == ["copy alone", "in both", "left alone"]
    twin.stop()


def test_a_count_that_a_hub_that_was_put_back_dates_otherwise_takes_its_new_place_in_the_balance(trio: Trio) -> None:
    part, bin = named("part", "P-1"), named("bin", "A")
    trio.left.done(CountStock(part=part, bin=bin, counted=Quantity(9)), trio.person("Ann"))
    trio.quiesce()
    trio.right.done(ReceiveStock(part=part, bin=bin, quantity=Quantity(2)), trio.person("Ben"))
    trio.quiesce()
    with trio.hub.session() as session:
        count = next(line for line in trio.hub.all(StockLine) if line.kind == "count" and line.part_id == part)
        image_now = image(StockLine, {name: getattr(count, name) for name in table_of(StockLine).columns.keys()})  # noqa: SIM118
        session.commit()
    late = Line("stock_line", count.id.hex, {**image_now, "stamp": trio.hub.app.clock.tick()})
    with trio.left.session() as session:
        put(session, trio.left.registry, [late])
        session.commit()
    before = trio.left.balances()
    assert trio.left.rebuilt() == before
