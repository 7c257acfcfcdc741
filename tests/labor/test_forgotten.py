"""Clocks that were forgotten: the next badge proposes their end, and one touch confirms it or puts it right."""

from __future__ import annotations

from datetime import datetime, timedelta

import pytest
from labor_day import BERLIN, DAY, Floor, at, day_of, no_change, told

from app.access.commands import SignIn
from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.settings import SettingValue
from app.kernel.standard import SaveRecord, Transition
from app.kernel.types import millis
from app.labor.commands import BackToWork, ClockIn, ClockOff, ClockOn, ClockOut, ConfirmEnd, TakeBreak, UndoClock, UndoOut
from app.labor.model import Shift, Stint
from app.labor.rules import forgotten, proposed_end
from app.labor.shifts import end_of, shift_at


def shift(floor: Floor, name: str, starts: int, ends: int, pause: int = 30) -> None:
    floor.world.save("shift", site_id=floor.world.site.hex, name=name, starts=starts, ends=ends, pause=pause)


def badge(floor: Floor, who: Actor) -> Answer:
    return floor.world.done(SignIn(person=who.id), who)


def begins_a_job(floor: Floor, hour: int) -> None:
    floor.hands.go(hour)
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job), floor.kim)


def forgot(floor: Floor) -> Stint:
    (found,) = [row for row in floor.world.rows(Stint) if row.source == "proposed"]
    return found


# ------------------------------------------------------------------------------------------------------------- the rule


@pytest.mark.parametrize(
    ("now", "ends", "so"),
    [
        (at(17), at(17), False),
        (at(18), at(17), False),
        (at(18, 1), at(17), True),
        (at(20), None, False),
        (at(20, 1), None, True),
        (at(20, 1), at(22), True),
    ],
)
def test_a_clock_was_forgotten_an_hour_after_its_shift_or_after_twelve(now: datetime, ends: datetime | None, so: bool) -> None:
    assert forgotten(at(8), now, ends, 60, 12) is so


def test_the_end_is_that_of_the_shift_or_the_last_that_was_done_whichever_was_later() -> None:
    now = at(7, days=1)
    assert proposed_end(at(13), now, at(17), [at(16, 40)]) == at(17)
    assert proposed_end(at(13), now, at(17), [at(18, 20)]) == at(18, 20)
    assert proposed_end(at(13), now, None, [at(16, 40)]) == at(16, 40)
    assert proposed_end(at(13), now, None, []) == at(13), "nothing is known: it counts for nothing until its person says more"


# ----------------------------------------------------------------------------------------------------------- at the badge


def test_the_next_badge_ends_a_forgotten_clock_with_its_shift_and_a_new_day_begins(floor: Floor) -> None:
    shift(floor, "Day", 8 * 60, 17 * 60)
    begins_a_job(floor, 13)
    floor.hands.go(7, 45, days=1)
    badge(floor, floor.kim)
    assert day_of(floor.world, floor.kim) == [("job", "13:00", "17:00", "proposed"), ("idle", "07:45", "–", "scan")]
    asked = floor.world.app.ask("my_clock", floor.kim).rows
    assert [(row["kind"], row["source"]) for row in asked] == [("idle", "scan"), ("job", "proposed")]


def test_without_a_shift_the_last_that_somebody_did_is_proposed(floor: Floor) -> None:
    begins_a_job(floor, 13)
    floor.hands.go(15, 20)
    floor.world.done(SaveRecord(entity="work_order", id=floor.job, fields={"what": ["Front brake", "Brake"]}), floor.kim)
    floor.hands.go(7, 45, days=1)
    badge(floor, floor.kim)
    assert day_of(floor.world, floor.kim)[0] == ("job", "13:00", "15:20", "proposed")


def test_its_person_confirms_the_end_or_puts_it_right_and_nobody_else_does(floor: Floor) -> None:
    shift(floor, "Day", 8 * 60, 17 * 60)
    begins_a_job(floor, 13)
    floor.hands.go(7, 45, days=1)
    badge(floor, floor.kim)
    stint = forgot(floor)
    with no_change(floor.world):
        assert floor.world.codes(ConfirmEnd(stint=stint.id, ended=at(16)), floor.lee) == ["labor.not_yours"]
    floor.world.done(ConfirmEnd(stint=stint.id, ended=at(16, 30)), floor.kim)
    assert day_of(floor.world, floor.kim)[0] == ("job", "13:00", "16:30", "confirmed")
    assert [row["kind"] for row in floor.world.app.ask("my_clock", floor.kim).rows] == ["idle"]


@pytest.mark.parametrize(
    ("ended", "code"),
    [
        (at(12), "labor.end_before"),
        (at(7, 50, days=1), "labor.end_after_next"),
        (at(9, days=1), "labor.ahead"),
    ],
)
def test_an_end_that_cannot_be_is_refused(floor: Floor, ended: datetime, code: str) -> None:
    begins_a_job(floor, 13)
    floor.hands.go(7, 45, days=1)
    badge(floor, floor.kim)
    floor.hands.go(8, days=1)
    stint = forgot(floor)
    assert floor.world.codes(ConfirmEnd(stint=stint.id, ended=ended), floor.kim) == [code]


def test_an_end_that_was_scanned_or_confirmed_is_put_right_by_a_supervisor_alone(floor: Floor) -> None:
    begins_a_job(floor, 13)
    floor.hands.go(15)
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    floor.hands.go(17)
    (stint,) = floor.world.rows(Stint)
    with no_change(floor.world):
        assert floor.world.codes(ConfirmEnd(stint=stint.id, ended=at(16, 59)), floor.kim) == ["labor.end_stands"]
    floor.world.done(ConfirmEnd(stint=stint.id, ended=at(16)), floor.sue)
    assert floor.world.codes(ConfirmEnd(stint=stint.id, ended=at(16, 59)), floor.kim) == ["labor.end_stands"]


def test_a_clock_that_runs_is_ended_by_clocking_out(floor: Floor) -> None:
    begins_a_job(floor, 13)
    (stint,) = floor.world.rows(Stint)
    assert floor.world.codes(ConfirmEnd(stint=stint.id, ended=at(13)), floor.kim) == ["labor.still_runs"]


def test_who_clocks_out_after_a_day_and_a_night_gets_the_end_proposed(floor: Floor) -> None:
    begins_a_job(floor, 13)
    floor.hands.go(7, days=1)
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    assert [how for _kind, _from, _until, how in day_of(floor.world, floor.kim)] == ["proposed"]


def test_who_works_longer_than_the_shift_goes_home_when_they_say_so(floor: Floor) -> None:
    shift(floor, "Day", 8 * 60, 17 * 60)
    begins_a_job(floor, 13)
    floor.hands.go(18, 20)
    floor.world.done(TakeBreak(person=floor.kim.id), floor.kim)
    floor.hands.go(18, 30)
    floor.world.done(BackToWork(person=floor.kim.id), floor.kim)
    floor.hands.go(19, 30)
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    worked = [("job", "13:00", "18:20", "hand"), ("break", "18:20", "18:30", "hand"), ("job", "18:30", "19:30", "hand")]
    assert day_of(floor.world, floor.kim) == worked


@pytest.mark.parametrize("step", [TakeBreak, ClockOff, BackToWork])
def test_a_clock_that_ran_through_the_night_is_no_work_whatever_comes_next(floor: Floor, step: type[TakeBreak]) -> None:
    shift(floor, "Day", 8 * 60, 17 * 60)
    begins_a_job(floor, 13)
    if step is BackToWork:
        floor.hands.go(16)
        floor.world.done(TakeBreak(person=floor.kim.id), floor.kim)
    floor.hands.go(7, 45, days=1)
    with no_change(floor.world):
        assert floor.world.codes(step(person=floor.kim.id), floor.kim) == ["labor.step"]
    badge(floor, floor.kim)
    assert [until for _kind, _from, until, how in day_of(floor.world, floor.kim) if how == "proposed"] == ["17:00"]


def test_a_clock_that_was_forgotten_on_a_job_that_is_over_by_now_ended_with_its_shift(floor: Floor) -> None:
    shift(floor, "Day", 8 * 60, 17 * 60)
    begins_a_job(floor, 13)
    floor.hands.go(9, days=3)
    floor.world.done(
        Transition(entity="work_order", id=floor.job, move="cancel", reason="Sold"), floor.world.person("Ada", "ADV")
    )
    assert day_of(floor.world, floor.kim) == [("job", "13:00", "17:00", "proposed")]


def test_another_job_after_a_forgotten_one_begins_today(floor: Floor) -> None:
    begins_a_job(floor, 13)
    floor.hands.go(8, days=1)
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.other), floor.kim)
    assert day_of(floor.world, floor.kim) == [("job", "13:00", "13:00", "proposed"), ("job", "08:00", "–", "hand")]


# --------------------------------------------------------------------------------------------------------------- badge in


def test_the_first_badge_of_the_day_clocks_a_mechanic_in_and_later_ones_do_not(floor: Floor) -> None:
    badge(floor, floor.kim)
    floor.hands.go(16)
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    floor.hands.go(19)
    badge(floor, floor.kim)
    assert day_of(floor.world, floor.kim) == [("idle", "08:00", "16:00", "scan")]


def test_who_went_home_in_the_morning_is_not_clocked_in_by_a_badge_behind_the_door_but_in_the_evening(floor: Floor) -> None:
    shift(floor, "Night", 22 * 60, 6 * 60)
    floor.hands.go(21, 50)
    badge(floor, floor.kim)
    floor.hands.go(6, days=1)
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    floor.hands.go(6, 10, days=1)
    badge(floor, floor.kim)
    night = ("idle", "21:50", "06:00", "scan")
    assert day_of(floor.world, floor.kim) == [night]
    floor.hands.go(21, 55, days=1)
    badge(floor, floor.kim)
    assert day_of(floor.world, floor.kim) == [night, ("idle", "21:55", "–", "scan")]


@pytest.mark.parametrize(("whom", "mechanic", "keeper"), [("mechanics", 1, 0), ("everybody", 1, 1), ("nobody", 0, 0)])
def test_a_setting_says_whose_first_badge_clocks_in(floor: Floor, whom: str, mechanic: int, keeper: int) -> None:
    floor.world.save("setting_value", key="labor.badge_in", value=whom)
    kay, cass = floor.world.person("Kay", "KEE"), floor.world.person("Cass", "CAS")
    for who in (floor.kim, kay, cass):
        badge(floor, who)
    assert [len(day_of(floor.world, who)) for who in (floor.kim, kay, cass)] == [mechanic, keeper, 0]
    assert len(floor.world.rows(SettingValue)) == 1


# ------------------------------------------------------------------------------------------------------------------ shifts


def test_a_time_belongs_to_the_shift_one_comes_for_and_all_that_follows_it_too(floor: Floor) -> None:
    shift(floor, "Early", 6 * 60, 14 * 60)
    shift(floor, "Late", 14 * 60, 22 * 60)
    names = {row.id: row.name for row in floor.world.rows(Shift)}
    floor.hands.go(13, 50)
    badge(floor, floor.kim)
    begins_a_job(floor, 14)
    assert [names[row.shift_id] for row in floor.world.rows(Stint)] == ["Late", "Late"]


def test_a_shift_over_midnight_ends_on_the_next_morning_and_belongs_to_its_evening(floor: Floor) -> None:
    shift(floor, "Night", 22 * 60, 6 * 60)
    (night,) = floor.world.rows(Shift)
    assert told(end_of(night, at(21, 40), "Europe/Berlin")) == "06:00"
    assert end_of(night, at(2), "Europe/Berlin") == at(6)
    assert shift_at([night], at(12), "Europe/Berlin") is None
    floor.hands.go(21, 50)
    badge(floor, floor.kim)
    floor.hands.go(2, days=1)
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job), floor.kim)
    assert len({row.day for row in floor.world.rows(Stint)}) == 1


@pytest.mark.parametrize(("hour", "days", "belongs_to"), [(21, 0, 0), (23, 0, 0), (0, 1, 0), (4, 1, 0), (5, 1, 1), (21, 1, 1)])
def test_who_comes_to_a_night_shift_after_midnight_is_there_for_its_evening(
    floor: Floor, hour: int, days: int, belongs_to: int
) -> None:
    shift(floor, "Early", 6 * 60, 14 * 60)
    shift(floor, "Night", 22 * 60, 6 * 60)
    floor.hands.go(hour, 30, days=days)
    badge(floor, floor.kim)
    assert [row.day for row in floor.world.rows(Stint)] == [DAY + timedelta(days=belongs_to)]


def test_a_shift_s_end_is_where_the_clock_on_the_wall_says_so_also_when_summer_time_ends(floor: Floor) -> None:
    shift(floor, "Night", 22 * 60, 6 * 60)
    (night,) = floor.world.rows(Shift)
    begins = at(22).replace(month=10, day=24)
    assert end_of(night, begins, "Europe/Berlin").timestamp() - begins.timestamp() == timedelta(hours=9).total_seconds()


@pytest.mark.parametrize(
    ("starts", "ends", "pause", "code"),
    [
        (-1, 600, 0, "labor.shift_minutes"),
        (480, 1440, 0, "labor.shift_minutes"),
        (480, 480, 0, "labor.shift_empty"),
        (480, 600, 120, "labor.shift_pause"),
        (480, 600, -1, "labor.shift_pause"),
    ],
)
def test_a_shift_has_hours(floor: Floor, starts: int, ends: int, pause: int, code: str) -> None:
    fields = {"site_id": floor.world.site.hex, "name": "Day", "starts": starts, "ends": ends, "pause": pause}
    made = SaveRecord(entity="shift", fields={name: [None, value] for name, value in fields.items()})
    assert floor.world.codes(made) == [code]


# -------------------------------------------------------------------------------------------------------------- taken back


def test_a_step_that_is_taken_back_was_not_and_what_ran_before_runs_on(floor: Floor) -> None:
    floor.world.done(ClockIn(person=floor.kim.id), floor.kim)
    floor.hands.go(9)
    wrong = floor.world.done(ClockOn(person=floor.kim.id, order=floor.other), floor.kim)
    floor.hands.go(9, 1)
    floor.world.done(UndoClock(person=floor.kim.id, step=wrong.id), floor.kim)
    assert day_of(floor.world, floor.kim) == [("idle", "08:00", "–", "hand")]
    with no_change(floor.world):
        assert floor.world.codes(UndoClock(person=floor.kim.id, step=wrong.id), floor.kim) == ["labor.not_there"]


def test_a_step_in_the_middle_is_taken_back_and_its_time_goes_to_the_one_before(floor: Floor) -> None:
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job), floor.kim)
    floor.hands.go(9)
    pause = floor.world.done(TakeBreak(person=floor.kim.id), floor.kim)
    floor.hands.go(10)
    floor.world.done(BackToWork(person=floor.kim.id), floor.kim)
    floor.world.done(UndoClock(person=floor.kim.id, step=pause.id), floor.kim)
    assert day_of(floor.world, floor.kim) == [("job", "08:00", "10:00", "hand"), ("job", "10:00", "–", "hand")]


def test_clocking_out_is_taken_back_and_only_while_nothing_followed(floor: Floor) -> None:
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job), floor.kim)
    floor.hands.go(9)
    command = ClockOut(person=floor.kim.id)
    answer = floor.world.done(command, floor.kim)
    undo = command.undone_by(answer.id)
    assert isinstance(undo, UndoOut)
    floor.world.done(undo, floor.kim)
    assert day_of(floor.world, floor.kim) == [("job", "08:00", "–", "hand")]
    with no_change(floor.world):
        assert floor.world.codes(undo, floor.kim) == ["labor.not_there"]


def test_an_earlier_clocking_out_is_not_taken_back_on_a_later_one(floor: Floor) -> None:
    kim = floor.kim.id
    answers = []
    for hour, step in (
        (8, ClockIn(person=kim)),
        (12, ClockOut(person=kim)),
        (13, ClockIn(person=kim)),
        (17, ClockOut(person=kim)),
    ):
        floor.hands.go(hour)
        answers.append((step, floor.world.done(step, floor.kim).id))
    earlier, later = [step.undone_by(ident) for step, ident in answers if isinstance(step, ClockOut)]
    assert isinstance(earlier, UndoOut)
    assert isinstance(later, UndoOut)
    with no_change(floor.world):
        assert floor.world.codes(earlier, floor.kim) == ["labor.not_there"]
    floor.world.done(later, floor.kim)
    assert day_of(floor.world, floor.kim) == [("idle", "08:00", "12:00", "hand"), ("idle", "13:00", "–", "hand")]


def test_who_was_where_days_ago_is_for_a_supervisor_to_say(floor: Floor) -> None:
    begins_a_job(floor, 13)
    floor.hands.go(14)
    pause = floor.world.done(TakeBreak(person=floor.kim.id), floor.kim)
    floor.hands.go(15)
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    floor.hands.go(16, days=2)
    no_break = UndoClock(person=floor.kim.id, step=pause.id)
    for mine in (no_break, UndoOut(person=floor.kim.id)):
        with no_change(floor.world):
            assert floor.world.codes(mine, floor.kim) == ["labor.end_stands"]
    floor.world.done(no_break, floor.sue)
    assert day_of(floor.world, floor.kim) == [("job", "13:00", "15:00", "hand")]


def test_every_step_says_what_takes_it_back(floor: Floor) -> None:
    answer = floor.world.done(ClockIn(person=floor.kim.id), floor.kim)
    for step in (ClockIn, TakeBreak, BackToWork):
        assert step(person=floor.kim.id).undone_by(answer.id) == UndoClock(person=floor.kim.id, step=answer.id)


# -------------------------------------------------------------------------------------------------------------- attendance


def test_attendance_tells_first_in_last_out_and_where_the_hours_went(floor: Floor) -> None:
    kim = floor.kim.id
    for hour, step in (
        (8, ClockIn(person=kim)),
        (9, ClockOn(person=kim, order=floor.job)),
        (12, TakeBreak(person=kim)),
        (13, BackToWork(person=kim)),
        (17, ClockOut(person=kim)),
    ):
        floor.hands.go(hour)
        floor.world.done(step, floor.kim)
    (row,) = floor.world.app.ask("attendance", floor.sue, person=kim).rows
    assert (row["name"], told(row["first_in"]), told(row["last_out"]), row["proposed"]) == ("Kim", "08:00", "17:00", False)
    assert [str(row[name]) for name in ("on_jobs", "between", "breaks", "whole")] == ["7", "1", "1", "9"]


@pytest.mark.parametrize(("evening", "hours"), [(datetime(2026, 10, 24), "9"), (datetime(2027, 3, 27), "7")])
def test_a_night_in_which_the_clocks_change_counts_as_long_as_it_was(floor: Floor, evening: datetime, hours: str) -> None:
    floor.hands.ms = millis(evening.replace(hour=22, tzinfo=BERLIN))
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job), floor.kim)
    floor.hands.ms = millis((evening + timedelta(days=1)).replace(hour=6, tzinfo=BERLIN))
    floor.world.done(ClockOut(person=floor.kim.id), floor.kim)
    (row,) = floor.world.app.ask("attendance", floor.sue).rows
    assert (row["day"], str(row["on_jobs"])) == (evening.date(), hours)


def test_a_day_that_still_runs_has_no_last_out(floor: Floor) -> None:
    floor.world.done(ClockIn(person=floor.kim.id), floor.kim)
    (row,) = floor.world.app.ask("attendance", floor.sue).rows
    assert row["last_out"] is None


def test_who_does_what_now_is_told_with_the_job_and_since_when(floor: Floor) -> None:
    floor.world.done(ClockOn(person=floor.kim.id, order=floor.job), floor.kim)
    floor.hands.go(9)
    floor.world.done(ClockIn(person=floor.lee.id), floor.lee)
    floor.world.done(ClockOut(person=floor.lee.id), floor.lee)
    rows = floor.world.app.ask("people_now", floor.sue).rows
    assert [(row["name"], row["standing"], row["what"], told(row["since"])) for row in rows] == [
        ("Kim", "job", "Front brake", "08:00"),
        ("Lee", "out", None, "09:00"),
    ]
