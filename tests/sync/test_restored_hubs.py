"""A hub that was put back from a backup: it gets again what it lost, and all end equal, with nothing lost or done twice."""

from __future__ import annotations

from uuid import UUID

import pytest
from replay_world import LEFT, ORG, RIGHT, Machine, Trio, Wire, copy, memory, named
from sqlalchemy import Engine

from app.kernel import feed, meta
from app.kernel.records import SyncEvent
from app.kernel.standard import AddNote, Note, SaveRecord
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.work_orders.commands import AssignOrder, CreateOrder
from app.work_orders.model import WorkOrder
from sync.hub.digests import Sums
from sync.hub.peer import CLAIMS
from sync.protocol import Pull, Push
from sync.terminal import fork, pull
from sync.terminal import memory as kept
from sync.terminal.exchange import Limits, greet


def backup(trio: Trio) -> Engine:
    return copy(trio.hub.engine, memory())


def restore(trio: Trio, kept: Engine, *, by_hand: bool = False) -> None:
    """Last night's backup takes the place of the hub's database; `fettle hub restore` begins a new epoch, a hand forgets it."""
    trio.hub.stop()
    copy(kept, trio.hub.engine)
    trio.hub.start()
    if not by_hand:
        with trio.hub.session() as session:
            feed.new_epoch(session)
            session.commit()


def first_epoch(trio: Trio) -> None:
    for machine in trio.terminals:
        greet(machine.app, Wire(trio.peer))
    trio.quiesce()


def note(trio: Trio, on: Machine, words: str) -> UUID:
    return on.done(AddNote(entity="part", id=named("part", "P-1"), text=words), trio.person("Ann")).id


def issue(trio: Trio, on: Machine) -> None:
    order = on.all(WorkOrder)[0].id
    on.done(
        IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), quantity=Quantity(1), reason="Yes"),
        trio.person("Ann"),
    )


def words(machine: Machine) -> list[str]:
    return sorted(row.text for row in machine.all(Note))


def rest(trio: Trio) -> None:
    trio.quiesce()
    for machine in trio.terminals:
        assert machine.image() == trio.hub.image()
        assert machine.balances() == trio.hub.balances() == trio.hub.rebuilt()
        assert machine.waiting() == []
        assert machine.leftovers() == 0
        assert machine.broken_chain(machine.station.id) is trio.hub.broken_chain(machine.station.id) is None
        assert machine.app.station.id in (LEFT, RIGHT), "nobody needed another identity"


@pytest.mark.parametrize("by_hand", [False, True])
def test_what_the_hub_lost_comes_back_from_whoever_did_it(trio: Trio, by_hand: bool) -> None:
    first_epoch(trio)
    note(trio, trio.left, "before the backup")
    trio.quiesce()
    saved = backup(trio)
    for place in range(7):
        note(trio, trio.left, f"left {place}")
        note(trio, trio.right, f"right {place}")
        issue(trio, trio.left)
    trio.quiesce()
    image = trio.hub.image()
    restore(trio, saved, by_hand=by_hand)
    rest(trio)
    assert trio.hub.image() == image
    assert len(words(trio.hub)) == 15


@pytest.mark.parametrize("by_hand", [False, True])
def test_new_work_goes_on_meanwhile(trio: Trio, by_hand: bool) -> None:
    first_epoch(trio)
    saved = backup(trio)
    note(trio, trio.left, "lost")
    trio.quiesce()
    restore(trio, saved, by_hand=by_hand)
    note(trio, trio.left, "waits")
    note(trio, trio.right, "waits there")
    trio.hub.done(SaveRecord(entity="part", id=named("part", "P-2"), fields={"name": ["Part P-2", "Pads"]}), trio.program)
    rest(trio)
    assert words(trio.hub) == ["lost", "waits", "waits there"]


@pytest.mark.parametrize("by_hand", [False, True])
def test_a_hub_that_has_gone_far_on_since_is_no_trap(trio: Trio, by_hand: bool) -> None:
    """The numbers of its feed have passed the terminals' cursors again, but they are others now."""
    first_epoch(trio)
    saved = backup(trio)
    for place in range(3):
        note(trio, trio.right, f"right {place}")
    trio.quiesce()
    restore(trio, saved, by_hand=by_hand)
    for place in range(9):
        trio.hub.done(AddNote(entity="part", id=named("part", "P-2"), text=f"hub {place}"), trio.program)
    rest(trio)
    assert len(words(trio.hub)) == 12


def test_a_process_that_lived_through_it_adds_up_anew(trio: Trio) -> None:
    """A database behind a process was replaced by one that was a little late, and the process only saw its line fail."""
    first_epoch(trio)
    saved, running = backup(trio), Sums()
    for place in range(3):
        note(trio, trio.right, f"right {place}")
    trio.quiesce()
    with trio.hub.session() as session:
        before = dict(running.at(session, ORG, feed.state(session)))
    restore(trio, saved)
    for place in range(9):
        trio.hub.done(AddNote(entity="part", id=named("part", "P-2"), text=f"hub {place}"), trio.program)
    with trio.hub.session() as session:
        head = feed.state(session)
        assert running.at(session, ORG, head) == Sums().at(session, ORG, head) != before


def test_what_only_another_terminals_lost_work_explains_goes_and_comes_back(trio: Trio) -> None:
    first_epoch(trio)
    saved = backup(trio)
    note(trio, trio.right, "right's")
    trio.quiesce()
    restore(trio, saved)
    trio.exchange(trio.left)
    trio.exchange(trio.left)
    assert words(trio.left) == []
    with trio.left.session() as session:
        event = session.query(SyncEvent).one()
        assert (event.kind, event.removed) == ("epoch", 1)
        assert event.detail["lost"][0]["row"]["text"] == "right's"
    rest(trio)
    assert words(trio.left) == ["right's"]


def test_what_the_hub_alone_had_done_since_the_backup_is_kept_with_the_notice(trio: Trio) -> None:
    first_epoch(trio)
    saved = backup(trio)
    trio.hub.done(AddNote(entity="part", id=named("part", "P-2"), text="the hub's"), trio.program)
    trio.quiesce()
    restore(trio, saved)
    rest(trio)
    assert words(trio.hub) == []
    with trio.left.session() as session:
        lost = session.query(SyncEvent).one().detail["lost"]
    assert [one["row"]["text"] for one in lost] == ["the hub's"]


def test_work_that_stands_on_lost_work_of_another_terminal_is_never_dropped(trio: Trio) -> None:
    first_epoch(trio)
    saved = backup(trio)
    order = trio.right.done(CreateOrder(site=named("site", "M"), what="Clutch"), trio.person("Ben")).row("work_order")
    trio.quiesce()
    trio.left.done(AssignOrder(order=order, bay="7"), trio.person("Ann"))
    trio.left.done(IssuePart(order=order, part=named("part", "P-1"), bin=named("bin", "A"), reason="Yes"), trio.person("Ann"))
    restore(trio, saved)
    trio.exchange(trio.left)
    rest(trio)
    assert trio.hub.get(WorkOrder, order) is not None
    assert {row.state for row in trio.left.envelopes()} <= {"confirmed", "questioned", "refused"}


def test_long_lost_work_comes_in_as_many_exchanges_as_it_takes(trio: Trio) -> None:
    first_epoch(trio)
    saved = backup(trio)
    for place in range(11):
        note(trio, trio.left, f"left {place}")
    trio.quiesce()
    restore(trio, saved)
    trio.quiesce(Limits(commands=3, rows=2, pages=1))
    rest(trio)
    assert len(words(trio.hub)) == 11


def test_restored_twice_to_different_nights(trio: Trio) -> None:
    first_epoch(trio)
    monday = backup(trio)
    note(trio, trio.left, "monday")
    trio.quiesce()
    tuesday = backup(trio)
    note(trio, trio.right, "tuesday")
    trio.quiesce()
    restore(trio, tuesday)
    note(trio, trio.left, "wednesday")
    trio.exchange(trio.left)
    restore(trio, monday)
    rest(trio)
    assert words(trio.hub) == ["monday", "tuesday", "wednesday"]


def test_a_verdict_that_is_another_one_now_is_told(trio: Trio) -> None:
    """Two want one code: the first gets it, and after a restore the other one is first."""
    first_epoch(trio)
    saved = backup(trio)
    mine = trio.left.done(SaveRecord(entity="part", fields={"code": [None, "N-7"], "name": [None, "a"]}), trio.person("Ann"))
    trio.exchange(trio.left)
    restore(trio, saved)
    trio.right.done(SaveRecord(entity="part", fields={"code": [None, "N-7"], "name": [None, "b"]}), trio.person("Ben"))
    trio.exchange(trio.right)
    outcome = trio.exchange(trio.left)
    assert outcome.refused == (mine.id,)
    rest(trio)
    assert [row.state for row in trio.left.envelopes()] == ["refused"]


def test_a_terminal_follows_the_life_of_its_hub(trio: Trio) -> None:
    first_epoch(trio)
    saved = backup(trio)
    restore(trio, saved)
    note(trio, trio.left, "new")
    rest(trio)
    with trio.hub.session() as session:
        epoch = feed.state(session).epoch
    with trio.left.session() as session:
        assert meta.read(session, kept.EPOCH) == epoch


def test_a_terminal_that_says_so_all_the_time_is_not_believed_for_ever(trio: Trio) -> None:
    """Everybody begins anew for it; one whose store is damaged, or who wishes no good, must not keep all others from work."""
    first_epoch(trio)
    peer = trio.peer
    for _each in range(3 * CLAIMS):
        with trio.hub.session() as session:
            now = feed.state(session)
        peer.exchange(Push(LEFT.hex, 1, ""), Pull(now.last + 1_000, epoch=now.epoch))
    with trio.hub.session() as session:
        assert len(feed.epochs(session)) == 1 + CLAIMS
    note(trio, trio.right, "work goes on")
    rest(trio)


def test_work_done_while_a_hub_that_was_put_back_is_told_of_a_former_life_is_never_numbered_wrong(trio: Trio) -> None:
    """What went up under a former identity is numbered behind what waits, and new work behind that: there is a gap in between."""
    first_epoch(trio)
    note(trio, trio.left, "under the former name")
    trio.quiesce()
    fork.reborn(trio.left.app, trio.peer)
    trio.quiesce()
    saved = backup(trio)
    for place in range(5):
        note(trio, trio.left, f"waits {place}")
    restore(trio, saved)
    trio.exchange(trio.left, Limits(commands=3))
    note(trio, trio.left, "done meanwhile")
    trio.quiesce()
    assert words(trio.hub) == ["done meanwhile", "under the former name", *(f"waits {place}" for place in range(5))]
    assert {row.state for row in trio.left.envelopes(trio.left.app.station.id)} == {"confirmed"}
    assert trio.left.image() == trio.hub.image()


def test_who_was_away_too_long_as_well_still_looks_at_what_a_hub_that_was_put_back_holds_otherwise(trio: Trio) -> None:
    first_epoch(trio)
    saved = backup(trio)
    note(trio, trio.left, "lost")
    trio.quiesce()
    restore(trio, saved)
    with trio.left.session() as session:
        behind = pull.cursor(session)
    trio.exchange(trio.left)
    with trio.left.session() as session:
        assert meta.read(session, kept.RECHECK)
    with trio.hub.session() as session:
        head = feed.state(session)
        head.floor = head.last = behind + 1000
        session.commit()
    trio.exchange(trio.left, Limits(pages=0))
    with trio.left.session() as session:
        assert meta.read(session, kept.RECHECK)
