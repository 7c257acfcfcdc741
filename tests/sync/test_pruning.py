"""What the hub has answered is kept for 30 days at the terminal, for a hub that is put back, and forgotten after."""

from __future__ import annotations

import pytest
from replay_world import LEFT, Machine, Trio, Wire, named

from app.kernel.records import ChangeRow
from app.kernel.standard import AddNote, Note
from sync.terminal import fork, pruning
from sync.terminal.exchange import Limits, greet

DAY = pruning.DAY_MS


def note(trio: Trio, on: Machine, words: str) -> None:
    on.done(AddNote(entity="part", id=named("part", "P-1"), text=words), trio.person("Ann"))


def days(trio: Trio, many: int) -> None:
    for _day in range(many):
        trio.wall.ms += DAY
        greet(trio.left.app, Wire(trio.peer))


def numbers(machine: Machine) -> list[int]:
    return [row.number for row in machine.envelopes()]


def test_what_was_answered_is_forgotten_after_30_days_but_for_the_end_of_the_chain(trio: Trio) -> None:
    for place in range(5):
        note(trio, trio.left, f"note {place}")
    trio.quiesce()
    days(trio, 29)
    assert numbers(trio.left) == [1, 2, 3, 4, 5]
    days(trio, 3)
    assert numbers(trio.left) == [5]
    with trio.left.session() as session:
        assert len(set(session.scalars(ChangeRow.__table__.select().with_only_columns(ChangeRow.envelope_id)))) == 1
    assert len(trio.left.all(Note)) == 5
    note(trio, trio.left, "goes on")
    trio.quiesce()
    assert trio.left.broken_chain(LEFT) is trio.hub.broken_chain(LEFT) is None
    assert trio.left.image() == trio.hub.image()


def test_thirty_days_count_from_the_answer_and_not_from_the_work(trio: Trio) -> None:
    note(trio, trio.left, "long away")
    note(trio, trio.left, "and again")
    days(trio, 40)
    assert numbers(trio.left) == [1, 2], "nobody has answered them"
    trio.quiesce()
    days(trio, 5)
    assert numbers(trio.left) == [1, 2]
    days(trio, 27)
    assert numbers(trio.left) == [2]


def test_what_waits_is_never_forgotten_whatever_came_after(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    for place in range(4):
        note(trio, trio.left, f"note {place}")
    trio.exchange(trio.left, Limits(commands=2))
    days(trio, 33)
    assert numbers(trio.left) == [3, 4]
    assert trio.left.waiting() == ["AddNote", "AddNote"]
    trio.quiesce()
    assert len(trio.hub.all(Note)) == 4


def test_a_few_at_a_time(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(pruning, "AT_ONCE", 2)
    for place in range(7):
        note(trio, trio.left, f"note {place}")
    trio.quiesce()
    days(trio, 32)
    assert numbers(trio.left) == [7]


def test_the_end_of_a_chain_stays_though_older_work_was_numbered_behind_newer(trio: Trio) -> None:
    """As where a hub was put back: what went up under a former identity comes again under this one."""
    note(trio, trio.left, "under the former name")
    trio.quiesce()
    fork.reborn(trio.left.app, trio.peer)
    now = trio.left.app.station.id
    note(trio, trio.left, "under this one")
    trio.quiesce()
    fork.take_over(trio.left.app)
    trio.quiesce()
    days(trio, 32)
    assert [row.number for row in trio.left.envelopes(now)][-1] == 2
    trio.left.station = trio.left.app.station
    trio.left.restart()
    note(trio, trio.left, "goes on")
    trio.quiesce()
    assert trio.left.app.station.id == now, "it needs no other name"
    assert len(trio.hub.all(Note)) == 3
