"""What comes next is asked for while the last answer is laid down: quicker, and in the evening everybody holds the same."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import Future

import pytest
from replay_chance import evening
from replay_world import Trio, Wire
from sqlalchemy.orm import Session

from app.kernel.problems import Trouble
from app.kernel.standard import SaveMany, SaveRecord
from app.parts.model import Part
from sync.protocol import Exchanged, Pull, Push
from sync.terminal import pull
from sync.terminal.ahead import Ahead, beside
from sync.terminal.exchange import Limits, exchange

FEW = Limits(rows=1, pages=1)


class Asked(Wire):
    """The hub, and what it was asked for; it is away for the questions whose turn is in `away`."""

    def __init__(self, trio: Trio, *away: int) -> None:
        super().__init__(trio.peer)
        self.asked: list[tuple[Push, Pull]] = []
        self.away = away

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        self.asked.append((push, pull))
        if len(self.asked) in self.away:
            raise Trouble("test.away", "The line went dead.")
        return super().exchange(push, pull)


def at_once(call: Callable[[], Exchanged]) -> Callable[[], Exchanged]:
    """Asks before the next row is laid down, as a quick line does."""
    future: Future[Exchanged] = Future()
    try:
        future.set_result(call())
    except Trouble as trouble:
        future.set_exception(trouble)
    return future.result


def changes(trio: Trio, count: int) -> None:
    """So many changes at the hub, each with a number of its own in the feed."""
    for number in range(count):
        trio.hub.done(SaveMany(entity="part", rows=[{"code": f"A-{number}", "name": f"Part {number}"}]), trio.program)


def test_every_row_comes_once_though_the_hub_is_asked_before_the_last_ones_are_laid_down(trio: Trio) -> None:
    evening(trio)
    changes(trio, 6)
    line, ahead, rows = Asked(trio), Ahead(at_once), 0
    while (outcome := exchange(trio.left.app, line, FEW, ahead)).behind:
        rows += outcome.rows
    cursors = [wanted.cursor for _push, wanted in line.asked]
    assert rows == 6
    assert cursors == sorted(set(cursors)), "each page is asked for once; at the end, whether there is more"
    assert ahead.take() is None
    evening(trio)


def test_what_is_done_meanwhile_goes_up_with_the_question_for_the_next_rows(trio: Trio) -> None:
    evening(trio)
    changes(trio, 4)
    line, ahead = Asked(trio), Ahead(at_once)
    exchange(trio.left.app, line, FEW, ahead)
    trio.left.done(SaveRecord(entity="part", fields={"code": [None, "L-1"], "name": [None, "Here"]}), trio.person("Ann"))
    exchange(trio.left.app, line, FEW, ahead)
    assert [len(push.envelopes) for push, _wanted in line.asked] == [0, 0, 1]
    assert exchange(trio.left.app, line, FEW, ahead).sent == 1
    evening(trio)


def test_an_answer_that_does_not_go_on_from_what_lies_here_is_left_aside(trio: Trio) -> None:
    evening(trio)
    changes(trio, 5)
    ahead = Ahead(at_once)
    exchange(trio.left.app, Asked(trio), FEW, ahead)
    exchange(trio.left.app, Asked(trio), FEW)  # somebody brought a parcel in between
    line = Asked(trio)
    exchange(trio.left.app, line, FEW, ahead)
    with Session(trio.left.app.read_engine) as session:
        assert line.asked[0][1].cursor == pull.cursor(session) - 1, "the hub was asked anew"
    evening(trio)


def test_a_line_that_breaks_meanwhile_costs_nothing_that_was_laid_down(trio: Trio) -> None:
    evening(trio)
    changes(trio, 4)
    line, ahead = Asked(trio, 2), Ahead(at_once)
    assert exchange(trio.left.app, line, FEW, ahead).rows == 1
    with pytest.raises(Trouble):
        exchange(trio.left.app, line, FEW, ahead)
    assert exchange(trio.left.app, line, FEW, ahead).rows == 1
    evening(trio)
    assert len(trio.left.all(Part)) == len(trio.hub.all(Part))


def test_a_disk_without_room_takes_nothing_that_was_asked_for_before(trio: Trio) -> None:
    evening(trio)
    changes(trio, 3)
    ahead = Ahead(at_once)
    exchange(trio.left.app, Asked(trio), FEW, ahead)
    assert exchange(trio.left.app, Asked(trio), Limits(rows=1, pages=0), ahead).rows == 0
    evening(trio)


def test_a_thread_asks_where_nothing_else_is_said(trio: Trio) -> None:
    told = trio.peer.exchange(Push(trio.left.station.id.hex, 1, ""), Pull(0))
    assert beside(lambda: told)() is told
    with pytest.raises(Trouble):
        beside(lambda: Asked(trio, 1).exchange(Push(trio.left.station.id.hex, 1, ""), Pull(0)))()
