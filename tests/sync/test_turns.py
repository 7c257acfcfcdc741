"""The hub's one writer takes everybody's commands in turn: whoever scans never waits behind somebody else's whole backlog."""

from __future__ import annotations

import threading
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from types import SimpleNamespace
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import create_engine
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.kernel.ids import new_id
from app.kernel.problems import Refused
from app.kernel.writer import Writer
from sync.hub.came import Came
from sync.hub.feed import Reach
from sync.hub.intake import Intake
from sync.hub.turns import GATHER, SHORT, TOGETHER, Outcome, Portion, Turns

ORG, OTHER = new_id(), new_id()


class Hub:
    """A writer that notes what it took together, and can be held up while others queue."""

    def __init__(self) -> None:
        self.writer = Writer(create_engine("sqlite://"))
        self.turns = Turns(self.writer, self.take)
        self.took: list[list[Portion]] = []
        self.answer: Callable[[Portion], Outcome] = lambda _portion: True
        self.crowd = ThreadPoolExecutor(64)
        self.free = threading.Event()

    def take(self, portions: Sequence[Portion]) -> Sequence[Outcome]:
        self.took.append(list(portions))
        return [self.answer(one) for one in portions]

    def served(self, *pushes: Portion) -> list[Exception | None]:
        """All of them queue, in this order, before the first is taken; what each hears."""
        self.writer.submit(self.free.wait)
        heard = []
        for number, push in enumerate(pushes, start=1):
            heard.append(self.crowd.submit(self.turns.run, push))
            while len(self.turns._scans) + len(self.turns._backlogs) < number:
                threading.Event().wait(0.001)
        self.free.set()
        return [one.exception() for one in heard]  # type: ignore[misc]

    def counts(self) -> list[list[int]]:
        return [[len(one.envelopes) for one in some] for some in self.took]


@pytest.fixture
def hub() -> Iterator[Hub]:
    made = Hub()
    yield made
    made.crowd.shutdown()
    made.writer.close()


def push(count: int, terminal: UUID | None = None, org: UUID = ORG, length: int = 10) -> Portion:
    sent = [Came(number, "", "", "x" * length, False) for number in range(1, count + 1)]
    return Portion(terminal or new_id(), Reach(org), sent)


def test_scans_of_many_terminals_share_one_transaction(hub: Hub) -> None:
    assert hub.served(*(push(1) for _each in range(20))) == [None] * 20
    assert hub.counts() == [[1] * 20]


def test_a_scan_waits_for_one_short_portion_of_a_backlog_and_not_for_all_of_it(hub: Hub) -> None:
    backlog, scan = push(200), push(1)
    hub.served(backlog, scan)
    assert hub.took[0][0].terminal == scan.terminal
    assert hub.counts()[1:] == [[SHORT]] * (200 // SHORT)


def test_the_lanes_take_turns_so_that_scans_never_starve_a_backlog(hub: Hub) -> None:
    terminal = new_id()
    hub.served(push(100), *(push(1, terminal) for _each in range(3)))  # three of one terminal cannot share a transaction
    assert hub.counts()[:5] == [[1], [SHORT], [1], [SHORT], [1]]


def test_where_nobody_is_at_work_portions_are_large(hub: Hub) -> None:
    hub.served(push(250))
    assert hub.counts() == [[TOGETHER], [TOGETHER], [50]]


def test_small_backlogs_of_several_terminals_are_taken_together(hub: Hub) -> None:
    hub.served(*(push(30) for _each in range(4)))
    assert hub.counts() == [[30, 30, 30], [30]]


def test_two_organisations_never_share_a_transaction(hub: Hub) -> None:
    hub.served(push(1), push(1, org=OTHER))
    assert hub.counts() == [[1], [1]]


def test_long_envelopes_make_short_portions(hub: Hub) -> None:
    hub.served(push(7, length=200_000))
    assert hub.counts() == [[6], [1]]


def test_they_are_shorter_while_somebody_is_at_work(hub: Hub) -> None:
    hub.served(push(7, length=200_000), push(1))
    assert hub.counts() == [[1], [2], [2], [2], [1]]


def test_one_envelope_that_is_longer_than_any_portion_is_taken_alone(hub: Hub) -> None:
    hub.served(push(2, length=1_400_000))
    assert hub.counts() == [[1], [1]]


def test_what_went_wrong_with_one_is_told_to_that_one_alone(hub: Hub) -> None:
    bad = push(1)
    wrong = Refused()
    hub.answer = lambda portion: wrong if portion.terminal == bad.terminal else True
    assert hub.served(push(1), bad, push(1)) == [None, wrong, None]


def test_behind_a_portion_that_stops_its_terminal_nothing_of_it_follows(hub: Hub) -> None:
    hub.answer = lambda _portion: False
    assert hub.served(push(250)) == [None]
    assert hub.counts() == [[TOGETHER]]


def test_where_the_writer_itself_falls_nobody_waits_in_vain(hub: Hub) -> None:
    def falls(_portion: Portion) -> Outcome:
        raise MemoryError("no room")

    hub.answer = falls
    heard = hub.served(push(1), push(1))
    assert [type(one) for one in heard] == [MemoryError, MemoryError]
    hub.answer = lambda _portion: True
    hub.turns.run(push(1))  # and the next one is served
    assert hub.counts()[-1] == [1]


def test_after_a_turn_the_next_one_waits_a_moment_for_company_and_then_no_longer(hub: Hub) -> None:
    paused: list[float] = []
    seconds = iter([100.0] * 4 + [100.02] * 4 + [200.0] * 20)
    hub.turns = Turns(hub.writer, hub.take, lambda: next(seconds), paused.append)
    for _each in range(3):
        hub.turns.run(push(1))
    assert paused == [pytest.approx(GATHER - 0.02)]


def test_where_no_connection_is_free_all_of_a_turn_hear_so_and_none_waits_for_one_again(
    hub: Hub, monkeypatch: pytest.MonkeyPatch
) -> None:
    waited: list[Reach] = []

    def none_is_free(_intake: Intake, reach: Reach) -> Any:
        waited.append(reach)
        raise PoolTimeout

    monkeypatch.setattr(Intake, "_session", none_is_free)
    hub.turns = Intake(SimpleNamespace(writer=hub.writer), lambda _terminal: Reach(ORG))._turns  # type: ignore[arg-type]
    assert [type(heard) for heard in hub.served(push(1), push(1), push(1))] == [PoolTimeout] * 3
    assert len(waited) == 1
