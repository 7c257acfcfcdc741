"""Two people take a job different ways while neither knows of the other: what stands, and what somebody must decide."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise

import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from app.kernel.moving import later_than
from app.kernel.states import Machine, Met, Move
from app.kernel.trail import Trace
from app.work_orders.states import WORK_ORDER


def meet(machine: Machine, now: str, move: str, *later: tuple[str, str]) -> Met:
    found = machine.move(move)
    assert found is not None
    return machine.meet(now, found, later)


def test_a_legal_step_that_comes_in_late_is_taken() -> None:
    assert meet(WORK_ORDER, "QUOTED", "begin") == Met("IN_PROGRESS")


def test_a_step_to_where_the_job_is_already_is_nothing() -> None:
    assert meet(WORK_ORDER, "IN_PROGRESS", "begin") == Met("IN_PROGRESS")


@pytest.mark.parametrize(
    ("now", "move", "stands"),
    [
        ("READY", "begin", "READY"),
        ("QUOTED", "diagnose", "QUOTED"),
        ("CHECKIN", "finish", "READY"),
    ],
)
def test_of_two_steps_onward_the_one_that_leads_furthest_stands(now: str, move: str, stands: str) -> None:
    assert meet(WORK_ORDER, now, move) == Met(stands)


@pytest.mark.parametrize(("now", "move"), [("CANCELLED", "begin"), ("IN_PROGRESS", "requote"), ("CLOSED", "cancel")])
def test_a_step_that_leads_nowhere_from_here_is_lost_and_somebody_decides(now: str, move: str) -> None:
    target = WORK_ORDER.move(move)
    assert target is not None
    assert meet(WORK_ORDER, now, move) == Met(now, target.target)


def test_whoever_cancelled_first_is_not_overtaken_by_work_begun_later() -> None:
    assert meet(WORK_ORDER, "IN_PROGRESS", "cancel", ("QUOTED", "IN_PROGRESS")) == Met("CANCELLED", "IN_PROGRESS")


def test_work_begun_before_it_was_cancelled_stays_cancelled_and_nobody_is_asked() -> None:
    assert meet(WORK_ORDER, "CANCELLED", "begin", ("QUOTED", "CANCELLED")) == Met("CANCELLED")


def test_it_is_the_same_whoever_comes_in_first() -> None:
    begun_first = meet(WORK_ORDER, "IN_PROGRESS", "cancel", ("QUOTED", "IN_PROGRESS"))
    cancelled_first = meet(WORK_ORDER, "CANCELLED", "begin")
    assert begun_first.state == cancelled_first.state == "CANCELLED"
    assert begun_first.lost == cancelled_first.lost == "IN_PROGRESS"


def test_a_quote_that_comes_in_late_is_not_taken_back_by_whoever_diagnosed_without_knowing_of_it() -> None:
    """From a quote a job goes back to diagnosis only where somebody quotes again, and says why."""
    quoted_first = meet(WORK_ORDER, "QUOTED", "diagnose")
    diagnosed_first = meet(WORK_ORDER, "DIAGNOSING", "quote", ("CHECKIN", "DIAGNOSING"))
    assert quoted_first == diagnosed_first == Met("QUOTED")
    assert meet(WORK_ORDER, "DIAGNOSING", "quote", ("DRAFT", "DIAGNOSING")) == Met("QUOTED"), "nor by several such steps"


def test_steps_that_followed_one_another_elsewhere_still_do() -> None:
    later = (("QUOTED", "IN_PROGRESS"), ("IN_PROGRESS", "READY"))
    assert meet(WORK_ORDER, "READY", "diagnose", ("CHECKIN", "QUOTED"), *later) == Met("READY")


def trail(*changes: tuple[int, str | None, str]) -> list[Trace]:
    """Changes in the order in which they came in: when each was made, from where, and to where."""
    return [Trace(stamp, "Transition", before, after) for stamp, before, after in changes]


def test_what_was_made_later_begins_where_the_job_stood_then() -> None:
    made = trail((1, None, "DRAFT"), (5, "DRAFT", "CHECKIN"), (9, "CHECKIN", "QUOTED"))
    assert later_than(3, made) == [("DRAFT", "CHECKIN"), ("CHECKIN", "QUOTED")]
    assert later_than(5, made) == [("CHECKIN", "QUOTED")]
    assert later_than(9, made) == []


def test_what_was_lost_to_an_earlier_step_is_not_met_again() -> None:
    """Begun at 4 while somebody quoted again at 9, which came in first and lost. Whoever quoted again at 6 loses likewise, and
    is told: the job is being worked at."""
    made = trail((1, None, "QUOTED"), (9, "QUOTED", "DIAGNOSING"), (4, "DIAGNOSING", "IN_PROGRESS"))
    assert later_than(6, made) == []
    assert meet(WORK_ORDER, "IN_PROGRESS", "requote", *later_than(6, made)) == Met("IN_PROGRESS", "DIAGNOSING")


def test_of_a_job_whose_beginning_is_not_known_here_the_first_step_says_where_it_stood() -> None:
    made = trail((9, "QUOTED", "IN_PROGRESS"), (7, "IN_PROGRESS", "DIAGNOSING"))
    assert later_than(6, made) == [("QUOTED", "DIAGNOSING")]


# ------------------------------------------------------------------------------------------------- in whichever order they come


class Job:
    """A job at the hub, to which steps come in."""

    def __init__(self, state: str, steps: Iterable[tuple[int, Move]]) -> None:
        self.state = state
        self.trail = trail((0, None, state))
        self.is_told = False  # somebody decides
        self.is_stood_at = False  # a step led to where the job was already: that leaves no trail
        for stamp, move in steps:
            self._comes_in(stamp, move)

    def _comes_in(self, stamp: int, move: Move) -> None:
        met = WORK_ORDER.meet(self.state, move, later_than(stamp, self.trail))
        self.is_told |= bool(met.lost)
        self.is_stood_at |= self.state == move.target
        if met.state == move.target != self.state:
            self.trail += trail((stamp, self.state, move.target))
            self.state = move.target


@given(st.sampled_from(WORK_ORDER.states), st.lists(st.sampled_from(WORK_ORDER.moves), min_size=2, max_size=5), st.data())
def test_in_whichever_order_steps_come_in_the_job_ends_where_they_lead_or_somebody_is_told(
    begun: str, moves: list[Move], data: st.DataObject
) -> None:
    made = list(enumerate(moves, start=1))
    as_made, as_sent = Job(begun, made), Job(begun, data.draw(st.permutations(made)))
    assume(not as_sent.is_stood_at)
    assert as_sent.state == as_made.state or as_sent.is_told or as_made.is_told


@given(
    st.lists(st.tuples(st.integers(1, 9), st.sampled_from(WORK_ORDER.states)), unique_by=lambda one: one[0]), st.integers(0, 9)
)
def test_what_was_made_later_is_one_way_from_where_the_job_stood(changes: list[tuple[int, str]], moment: int) -> None:
    known = trail((0, None, "DRAFT"), *((stamp, "DRAFT", state) for stamp, state in changes))
    way = later_than(moment, known)
    assert all(one[1] == other[0] for one, other in pairwise(way))
    assert len(way) <= sum(stamp > moment for stamp, _state in changes)
    assert not changes or changes[-1][0] <= moment or way[-1][1] == changes[-1][1], "what came in last stands"
