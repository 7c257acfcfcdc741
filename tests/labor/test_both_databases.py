"""What is asked about the clock has the same answer at a terminal and at the hub."""

from __future__ import annotations

from labor_day import Hands, told

from app.labor.commands import BackToWork, ClockIn, ClockOn, ClockOut, TakeBreak
from app.labor.finding import hours
from app.work_orders.commands import AssignOrder
from world import World


def test_hours_attendance_and_boards_are_the_same_in_both_databases(anywhere: World) -> None:
    world = anywhere.furnish(stocked=0)
    hands, kim, sue = Hands(world), world.person("Kim", "MEC"), world.person("Sue", "SUP")
    world.done(AssignOrder(order=world.order, person=kim.id), sue)
    steps = ((8, ClockIn), (9, ClockOn), (12, TakeBreak), (13, BackToWork), (17, ClockOut), (18, ClockIn))
    for hour, step in steps:
        hands.go(hour, 20 if hour == 17 else 0)
        world.done(ClockOn(person=kim.id, order=world.order) if step is ClockOn else step(person=kim.id), kim)
    (day,) = world.app.ask("attendance", sue, sort="-on_jobs").rows
    assert [str(day[name]) for name in ("on_jobs", "between", "breaks", "whole")] == ["7.333", "1", "1", "9.333"]
    assert (told(day["first_in"]), day["last_out"], day["proposed"]) == ("08:00", None, False)
    (time,) = world.app.ask("order_time", sue, order=world.order).rows
    assert (str(time["hours"]), time["since"]) == ("7.333", None)
    (now,) = world.app.ask("people_now", sue, sort="-since").rows
    assert (now["standing"], told(now["since"])) == ("idle", "18:00")
    assert [row["kind"] for row in world.app.ask("my_times", kim).rows] == ["idle", "job", "break", "job", "idle"]
    assert [row["id"] for row in world.app.ask("my_jobs", kim).rows] == [world.order]
    assert len(world.app.ask("bays", sue).rows) == 1
    assert len(world.app.ask("times", sue, person=kim.id, sort="started", limit=2).rows) == 2
    with world.session() as session:
        assert str(hours(session, world.order)) == "7.333"
