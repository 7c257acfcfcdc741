"""One person at two terminals that do not know of each other: after sync every clock adds up, and what cannot is on a card."""

from __future__ import annotations

import random
from itertools import pairwise
from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from replay_world import Machine, Trio, morning, named

from app.kernel.commands import Command
from app.kernel.records import Discrepancy
from app.kernel.types import millis
from app.labor.commands import BackToWork, ClockIn, ClockOff, ClockOn, ClockOut, TakeBreak, UndoClock
from app.labor.finding import in_hours
from app.labor.model import Stint
from app.work_orders.model import WorkOrder

MINUTE = 60_000
ANN = named("person", "Ann")


@pytest.fixture
def trio() -> Any:
    made = morning()
    yield made
    made.stop()


def jobs(trio: Trio) -> list[UUID]:
    return [row.id for row in trio.hub.all(WorkOrder)]


def step(trio: Trio, at: Machine, command: Command, minutes: int = 10) -> Any:
    trio.wall.ms += minutes * MINUTE
    return at.done(command, trio.person("Ann"))


def on(trio: Trio, number: int) -> ClockOn:
    return ClockOn(person=ANN, order=jobs(trio)[number])


def times(machine: Machine, trio: Trio) -> list[tuple[str, int, int | None]]:
    """What Ann's clock holds: kind, and the minutes from the morning on."""
    start = min(millis(row.started) for row in machine.all(Stint)) if machine.all(Stint) else 0
    rows = sorted((row for row in machine.all(Stint) if row.person_id == ANN), key=lambda row: (row.started, row.id))
    return [
        (row.kind, (millis(row.started) - start) // MINUTE, (millis(row.ended) - start) // MINUTE if row.ended else None)
        for row in rows
    ]


def cards(trio: Trio) -> list[str]:
    return sorted(row.code for row in trio.hub.all(Discrepancy) if row.code.startswith("labor."))


def same_everywhere(trio: Trio) -> bool:
    return len({str(machine.image()["stint"]) for machine in trio.machines}) == 1


def test_a_clock_travels_to_the_hub_and_to_the_other_terminal(trio: Trio) -> None:
    step(trio, trio.left, ClockIn(person=ANN))
    step(trio, trio.left, on(trio, 0))
    step(trio, trio.left, TakeBreak(person=ANN))
    trio.quiesce()
    step(trio, trio.right, BackToWork(person=ANN))
    step(trio, trio.right, ClockOut(person=ANN))
    trio.quiesce()
    assert times(trio.left, trio) == [("idle", 0, 10), ("job", 10, 20), ("break", 20, 30), ("job", 30, 40)]
    assert same_everywhere(trio)
    assert cards(trio) == []


@pytest.mark.parametrize("first", ["left", "right"])
def test_a_job_at_another_terminal_ends_the_one_before_whichever_terminal_is_heard_first(trio: Trio, first: str) -> None:
    step(trio, trio.left, on(trio, 0))
    step(trio, trio.right, on(trio, 1))
    trio.exchange(getattr(trio, first))
    trio.quiesce()
    assert times(trio.hub, trio) == [("job", 0, 10), ("job", 10, None)]
    assert same_everywhere(trio)
    assert cards(trio) == []


def test_two_times_at_once_are_kept_and_put_before_somebody(trio: Trio) -> None:
    step(trio, trio.left, on(trio, 0))
    step(trio, trio.right, on(trio, 1))
    step(trio, trio.left, ClockOut(person=ANN))
    trio.exchange(trio.left)
    trio.quiesce()
    assert times(trio.hub, trio) == [("job", 0, 20), ("job", 10, None)]
    assert cards(trio) == ["labor.overlap"]
    assert same_everywhere(trio)


def test_the_same_scan_at_two_terminals_is_one_time(trio: Trio) -> None:
    step(trio, trio.left, on(trio, 0))
    step(trio, trio.right, on(trio, 0))
    trio.exchange(trio.left)
    trio.quiesce()
    assert times(trio.hub, trio) == [("job", 0, None)]
    assert cards(trio) == []


def test_a_late_end_shortens_what_only_the_next_scan_had_ended(trio: Trio) -> None:
    step(trio, trio.left, on(trio, 0))
    step(trio, trio.left, ClockOut(person=ANN))
    step(trio, trio.right, on(trio, 1))
    trio.exchange(trio.right)
    trio.quiesce()
    assert times(trio.hub, trio) == [("job", 0, 10), ("job", 20, None)]
    assert cards(trio) == []


# ----------------------------------------------------------------------------------------------------------- whatever comes

STEPS = ("in", "on", "on2", "off", "break", "back", "out", "undo")


def command_of(trio: Trio, name: str, last: Any) -> Command | None:
    made: dict[str, Command | None] = {
        "in": ClockIn(person=ANN),
        "on": on(trio, 0),
        "on2": on(trio, 1),
        "off": ClockOff(person=ANN),
        "break": TakeBreak(person=ANN),
        "back": BackToWork(person=ANN),
        "out": ClockOut(person=ANN),
        "undo": UndoClock(person=ANN, step=last.id) if last is not None else None,
    }
    return made[name]


@settings(max_examples=12, deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(seed=st.integers(0, 1 << 30))
def test_whatever_is_done_at_two_terminals_no_two_clocks_run_and_the_hours_add_up(seed: int) -> None:
    chance, trio = random.Random(seed), morning()
    last: dict[Machine, Any] = {}
    for _count in range(20):
        machine = chance.choice(trio.terminals)
        trio.wall.ms += chance.randrange(1, 40) * MINUTE
        command = command_of(trio, chance.choice(STEPS), last.get(machine))
        if command is not None:
            answer = machine.run(command, trio.person("Ann"))
            last[machine] = answer if answer.done and not isinstance(command, ClockOut | UndoClock) else None
        if chance.random() < 0.2:
            trio.exchange(machine)
    trio.quiesce()
    assert same_everywhere(trio)
    hold_laws(trio)
    trio.stop()


def hold_laws(trio: Trio) -> None:
    rows = sorted((row for row in trio.hub.all(Stint) if row.person_id == ANN), key=lambda row: row.started)
    assert sum(row.ended is None for row in rows) <= 1
    overlaps = [a for a, b in pairwise(rows) if a.ended is None or a.ended > b.started]
    assert not overlaps or "labor.overlap" in cards(trio)
    told = trio.hub.app.ask("attendance", trio.program, person=ANN).rows
    for row in told:
        there = [one for one in rows if one.day == row["day"]]
        spent = sum(millis(one.ended) - millis(one.started) for one in there if one.ended is not None)
        assert row["whole"] == in_hours(spent)
        parts = row["on_jobs"] + row["between"] + row["breaks"]
        assert abs(parts.thousandths - row["whole"].thousandths) <= 2, "each is rounded once"
    assert {row["day"] for row in told} == {one.day for one in rows}
