"""The clock of a person: every step from everywhere, legal and illegal, and what each does to the times that are kept."""

from __future__ import annotations

import itertools
from datetime import timedelta

import pytest
from labor_day import Floor, at, day_of, no_change

from app.kernel.commands import Command
from app.kernel.ids import new_id
from app.kernel.standard import SaveRecord, Transition
from app.labor.commands import BackToWork, ClockIn, ClockOff, ClockOn, ClockOut, TakeBreak
from app.labor.finding import hours
from app.labor.states import BEFORE, BREAK, IDLE, JOB, OUT, STEPS, open_steps, way
from app.work_orders.model import WorkOrder

FROM = {OUT: (), IDLE: ("in",), JOB: ("in", "on"), BREAK: ("in", "on", "break")}
LEGAL = {  # standing, step: where it leads, with what was before the break a job
    (OUT, "in"): IDLE,
    (OUT, "on"): JOB,
    (IDLE, "on"): JOB,
    (IDLE, "break"): BREAK,
    (IDLE, "out"): OUT,
    (JOB, "on"): JOB,
    (JOB, "off"): IDLE,
    (JOB, "break"): BREAK,
    (JOB, "out"): OUT,
    (BREAK, "on"): JOB,
    (BREAK, "back"): JOB,
    (BREAK, "out"): OUT,
}


def act(floor: Floor, step: str, *, other: bool = False) -> Command:
    who = floor.kim.id
    match step:
        case "in":
            return ClockIn(person=who)
        case "on":
            return ClockOn(person=who, order=floor.other if other else floor.job)
        case "off":
            return ClockOff(person=who)
        case "break":
            return TakeBreak(person=who)
        case "back":
            return BackToWork(person=who)
        case _:
            return ClockOut(person=who)


def standing(floor: Floor) -> str:
    running = [kind for kind, _from, until, _how in day_of(floor.world, floor.kim) if until == "–"]
    assert len(running) <= 1
    return running[0] if running else OUT


def test_the_table_names_every_step_once_and_every_standing() -> None:
    assert len({step.name for step in STEPS}) == len(STEPS)
    assert {step.target for step in STEPS} | {OUT} == {OUT, IDLE, JOB, BREAK, BEFORE}
    assert all(open_steps(one) for one in FROM)
    assert {(one, step.name) for one, step in itertools.product(FROM, STEPS) if way(one, step.name)} == LEGAL.keys()


@pytest.mark.parametrize(("stands", "step"), list(itertools.product(FROM, [step.name for step in STEPS])))
def test_a_step_leads_where_the_table_says_or_is_refused_and_changes_nothing(floor: Floor, stands: str, step: str) -> None:
    for minute, before in enumerate(FROM[stands]):
        floor.hands.go(8, minute)
        floor.world.done(act(floor, before), floor.kim)
    floor.hands.go(9)
    wanted = LEGAL.get((stands, step))
    if wanted is None:
        with no_change(floor.world):
            assert floor.world.codes(act(floor, step, other=True), floor.kim) == ["labor.step"]
    else:
        floor.world.done(act(floor, step, other=True), floor.kim)
        assert standing(floor) == wanted


def test_a_day_is_one_time_after_the_other_without_a_gap(floor: Floor) -> None:
    for hour, step, other in ((8, "in", 0), (9, "on", 0), (10, "on", 1), (12, "break", 0), (13, "back", 0), (17, "out", 0)):
        floor.hands.go(hour)
        floor.world.done(act(floor, step, other=bool(other)), floor.kim)
    assert day_of(floor.world, floor.kim) == [
        ("idle", "08:00", "09:00", "hand"),
        ("job", "09:00", "10:00", "hand"),
        ("job", "10:00", "12:00", "hand"),
        ("break", "12:00", "13:00", "hand"),
        ("job", "13:00", "17:00", "hand"),
    ]
    with floor.world.session() as session:
        assert (str(hours(session, floor.job)), str(hours(session, floor.other))) == ("1", "6")


def test_who_comes_back_stands_where_they_stood_also_between_jobs(floor: Floor) -> None:
    for step in ("in", "break", "back"):
        floor.hands.ms += 60_000
        floor.world.done(act(floor, step), floor.kim)
    assert standing(floor) == IDLE


def test_who_comes_back_to_a_job_that_is_over_stands_between_jobs(floor: Floor) -> None:
    for step in ("on", "break"):
        floor.hands.ms += 60_000
        floor.world.done(act(floor, step), floor.kim)
    floor.world.done(Transition(entity="work_order", id=floor.job, move="cancel", reason="Sold"))
    floor.hands.ms += 60_000
    floor.world.done(act(floor, "back"), floor.kim)
    assert standing(floor) == IDLE


def test_two_people_work_on_one_job_and_both_count(floor: Floor) -> None:
    for who in (floor.kim, floor.lee):
        floor.world.done(ClockOn(person=who.id, order=floor.job), who)
    floor.hands.go(9, 30)
    for who in (floor.kim, floor.lee):
        floor.world.done(ClockOut(person=who.id), who)
    rows = floor.world.app.ask("order_time", floor.sue, order=floor.job).rows
    assert [(row["name"], str(row["hours"]), row["since"]) for row in rows] == [("Kim", "1.5", None), ("Lee", "1.5", None)]
    with floor.world.session() as session:
        assert str(hours(session, floor.job)) == "3"


def test_hours_are_rounded_once_and_a_clock_that_runs_is_not_counted_yet(floor: Floor) -> None:
    floor.world.done(act(floor, "on"), floor.kim)
    floor.hands.ms += 100_000
    floor.world.done(act(floor, "off"), floor.kim)
    floor.world.done(act(floor, "on"), floor.kim)
    with floor.world.session() as session:
        assert str(hours(session, floor.job)) == "0.028"
        assert str(hours(session, new_id())) == "0"


# ------------------------------------------------------------------------------------------------------------ whose clock


def test_nobody_moves_the_clock_of_somebody_else_but_a_supervisor(floor: Floor) -> None:
    with no_change(floor.world):
        assert floor.world.codes(ClockIn(person=floor.kim.id), floor.lee) == ["labor.not_yours"]
    floor.world.done(ClockIn(person=floor.kim.id), floor.sue)
    assert standing(floor) == IDLE


def test_who_has_no_clock_moves_none(floor: Floor) -> None:
    cashier = floor.world.person("Cass", "CAS")
    assert floor.world.codes(ClockIn(person=cashier.id), cashier) == ["access.denied"]


# ------------------------------------------------------------------------------------------------------- when it counts


def test_a_scan_that_waited_counts_from_when_it_was_made(floor: Floor) -> None:
    floor.world.done(act(floor, "in"), floor.kim)
    floor.hands.go(8, 12)
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job, at=at(8, 5), source="scan"), floor.kim)
    assert day_of(floor.world, floor.kim) == [("idle", "08:00", "08:05", "hand"), ("job", "08:05", "–", "scan")]


def test_a_scan_that_waited_is_never_older_than_the_step_before_it(floor: Floor) -> None:
    floor.hands.go(8, 10)
    floor.world.done(act(floor, "in"), floor.kim)
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job, at=at(8, 5)), floor.kim)
    assert day_of(floor.world, floor.kim)[-1] == ("job", "08:10", "–", "hand")


@pytest.mark.parametrize(("moved", "code"), [(timedelta(minutes=1), "labor.ahead"), (-timedelta(hours=2), "labor.long_ago")])
def test_nobody_dates_their_clock_ahead_or_far_back(floor: Floor, moved: timedelta, code: str) -> None:
    with no_change(floor.world):
        assert floor.world.codes(ClockIn(person=floor.kim.id, at=at(8) + moved), floor.kim) == [code]


def test_a_supervisor_reaches_far_back(floor: Floor) -> None:
    floor.hands.go(11)
    floor.world.done(ClockIn(person=floor.kim.id, at=at(8)), floor.sue)
    assert day_of(floor.world, floor.kim) == [("idle", "08:00", "–", "hand")]


# ------------------------------------------------------------------------------------------------------------- the job


def test_nobody_works_on_a_job_that_is_over(floor: Floor) -> None:
    floor.world.done(Transition(entity="work_order", id=floor.job, move="cancel", reason="Sold"))
    with no_change(floor.world):
        assert floor.world.codes(act(floor, "on"), floor.kim) == ["work_orders.locked"]


def test_a_job_that_is_not_known_has_no_clock(floor: Floor) -> None:
    assert floor.world.codes(ClockOn(person=floor.kim.id, order=new_id()), floor.kim) == ["row.missing"]


def test_the_same_job_twice_is_said_and_not_begun_anew(floor: Floor) -> None:
    floor.world.done(act(floor, "on"), floor.kim)
    with no_change(floor.world):
        assert floor.world.codes(act(floor, "on"), floor.kim) == ["labor.on_it_already"]


def stand(floor: Floor, state: str) -> None:
    from sqlalchemy import update

    table = WorkOrder.__table__
    with floor.world.app.writer.sessions(info={"orgs": {floor.world.org}}) as session:
        floor.world.app.writer.run(session.execute, update(table).where(table.c.id == floor.job).values(state=state))
        floor.world.app.writer.run(session.commit)


def test_a_clock_begins_a_job_whose_gates_are_met_and_leaves_any_other_where_it_is(floor: Floor) -> None:
    machine = floor.world.app.registry.machines[WorkOrder]
    stand(floor, "QUOTED")
    floor.world.done(act(floor, "on"), floor.kim)
    assert floor.world.get(WorkOrder, floor.job).state == "QUOTED", "the customer has not agreed"
    from dataclasses import replace

    free = replace(machine, moves=tuple(replace(one, gates=()) for one in machine.moves))
    floor.world.app.registry.machines[WorkOrder] = free
    floor.world.done(act(floor, "on", other=True), floor.kim)
    answer = floor.world.done(act(floor, "on"), floor.kim)
    assert floor.world.get(WorkOrder, floor.job).state == "IN_PROGRESS"
    assert {name for name, _id in answer.rows} == {"stint", "work_order"}, "in one transaction"


def test_no_form_writes_a_time(floor: Floor) -> None:
    assert floor.world.codes(SaveRecord(entity="stint", fields={"kind": [None, "idle"]})) == ["record.no_form"]
