"""The readings of a vehicle: what each means, what changed since, and that those of when it came in are none before it goes."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.ids import new_id
from app.kernel.standard import Transition
from app.kernel.types import Quantity
from app.parties.model import Vehicle
from app.work_orders.check_in import CheckIn
from app.work_orders.commands import CreateOrder
from app.work_orders.health import LIMITS, WORDS, Light, RecordHealth, change, light
from app.work_orders.model import WorkOrder
from app.work_orders.rules import is_checked
from ui.kit.curve import Curve
from ui.kit.declared import Place
from world import World


def exact(text: str) -> Quantity:
    return Quantity.parse(text)


@pytest.mark.parametrize(
    ("name", "value", "tone", "side"),
    [
        ("battery", "12.6", "ok", ""),
        ("battery", "12.4", "ok", ""),
        ("battery", "12.39", "warn", "low"),
        ("battery", "12", "warn", "low"),
        ("battery", "11.9", "danger", "low"),
        ("battery", "14.9", "warn", "high"),
        ("battery", "15.3", "danger", "high"),
        ("front_tyre", "2.1", "warn", "low"),
        ("rear_tyre", "3.7", "danger", "high"),
        ("coolant", "24.9", "danger", "low"),
        ("oil", "100", "ok", ""),
    ],
)
def test_each_reading_has_its_light_and_its_words(name: str, value: str, tone: str, side: str) -> None:
    found = light(name, exact(value))
    assert found == Light(tone, side)
    assert found.sentence


def test_a_whole_number_is_weighed_like_any_other() -> None:
    assert [light("rpm", speed) for speed in (650, 800, 1200, 1600, 2100)] == [
        Light("danger", "low"), Light("warn", "low"), Light("ok"), Light("warn", "high"), Light("danger", "high"),
    ]  # fmt: skip


def test_an_odometer_is_held_against_the_one_before_it() -> None:
    assert light("odometer", 12_000, 12_001) == Light("warn", "back")
    assert light("odometer", 12_000, 12_000) == light("odometer", 12_000) == Light("ok")
    assert light("odometer", None, 12_000) is None


def test_every_light_can_be_said_without_its_colour() -> None:
    assert len(set(WORDS.values())) == len(WORDS)
    assert all(one.low or one.high for one in LIMITS.values())


def test_a_change_has_its_sign() -> None:
    assert (change(exact("12.4"), exact("12.6")), change(5, 3), change(None, 3)) == (exact("-0.2"), Quantity(2), None)


# ------------------------------------------------------------------------------------------------------------- on a vehicle


@pytest.fixture
def bike(world: World) -> World:
    """A vehicle that was here before, and is here again."""
    first = CheckIn(
        site=world.site, what="Service", name="Ada", plate="M-AB 12", model="GS", odometer=12_000, battery=exact("12.7"),
        front_tyre=exact("2.5"),
    )  # fmt: skip
    world.done(first)
    world.bike = world.rows(Vehicle)[0].id  # type: ignore[attr-defined]
    again = CheckIn(site=world.site, what="Chain", vehicle=world.bike, odometer=12_500, battery=exact("12.3"))  # type: ignore[attr-defined]
    world.order = world.done(again).row("work_order")
    return world


def readings(world: World, order: Any = None) -> dict[str, dict[str, Any]]:
    rows = world.app.ask("order_health", world.actor, order=order or world.order).rows
    return {row["reading"]: row for row in rows}


def test_a_job_shows_what_it_came_with_and_what_changed_since_last_time(bike: World) -> None:
    found = readings(bike)
    assert list(found) == ["Odometer, km", "Battery, V"]
    battery, odometer = found["Battery, V"], found["Odometer, km"]
    assert (battery["before"], battery["intake"], battery["handover"], battery["change"]) == (
        exact("12.7"), exact("12.3"), None, exact("-0.4"),
    )  # fmt: skip
    assert (battery["tone"], battery["verdict"]) == ("warn", "A little low: watch it")
    assert (odometer["before"], odometer["intake"], odometer["change"]) == (Quantity(12_000), Quantity(12_500), Quantity(500))


def test_before_it_goes_all_is_read_again_and_held_against_how_it_came(bike: World) -> None:
    bike.done(
        RecordHealth(
            order=bike.order, battery=exact("12.8"), rpm=1200, coolant=exact("80"), oil=exact("20"), front_tyre=exact("2.4"),
            rear_tyre=exact("2.8"), odometer=12_510,
        )
    )  # fmt: skip
    found = readings(bike)
    assert len(found) == 7
    assert (found["Battery, V"]["handover"], found["Battery, V"]["change"]) == (exact("12.8"), exact("0.5"))
    assert (found["Front tyre, bar"]["before"], found["Front tyre, bar"]["change"]) == (exact("2.5"), exact("-0.1"))
    assert found["Idle speed, rpm"]["handover"] == Quantity(1200)
    assert found["Oil, %"]["tone"] == "danger"
    assert bike.get(Vehicle, bike.bike).odometer == 12_510  # type: ignore[attr-defined]


def test_the_readings_of_when_it_came_in_do_not_let_it_go(bike: World) -> None:
    order: WorkOrder = bike.get(WorkOrder, bike.order)
    with bike.session() as session:
        work: Any = type("W", (), {"session": session})
        assert is_checked(order, work) is not None
    bike.done(RecordHealth(order=bike.order, battery=exact("12.8")))
    with bike.session() as session:
        work = type("W", (), {"session": session})
        assert is_checked(order, work) is None


def test_an_odometer_lower_than_before_is_told(bike: World) -> None:
    answer = bike.done(RecordHealth(order=bike.order, odometer=12_400))
    assert [problem.code for problem in answer.problems] == ["work_orders.odometer"]
    bare = bike.done(CreateOrder(site=bike.site, what="Horn", vehicle=bike.bike)).row("work_order")  # type: ignore[attr-defined]
    answer = bike.done(RecordHealth(order=bare, odometer=12_000))
    assert [problem.code for problem in answer.problems] == ["work_orders.odometer"]


@pytest.mark.parametrize(
    ("more", "code"),
    [
        ({"battery": Quantity(-1)}, "work_orders.reading"),
        ({"coolant": Quantity(101)}, "work_orders.reading"),
        ({"rpm": 20_001}, "work_orders.reading"),
        ({"battery": Quantity(12), "kind": "later"}, "record.choice"),
        ({"order": new_id(), "rpm": 900}, "row.missing"),
        ({}, "work_orders.nothing_read"),
    ],
)
def test_a_reading_that_no_gauge_shows_is_not_written(bike: World, more: dict[str, Any], code: str) -> None:
    assert bike.codes(RecordHealth(**{"order": bike.order, **more})) == [code]


def test_nobody_reads_anything_on_a_job_that_is_over(bike: World) -> None:
    bike.done(Transition(entity="work_order", id=bike.order, move="cancel", reason="Sold"))
    assert bike.codes(RecordHealth(order=bike.order, rpm=900)) == ["work_orders.locked"]


# ------------------------------------------------------------------------------------------------------------- on the screen


@pytest.fixture
def terminal(bike: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    with at_work(bike, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(bike.person("Max", "MEC"))
        yield terminal


def test_the_page_of_a_job_says_what_was_read_with_a_light_and_its_words(bike: World, terminal: Terminal) -> None:
    terminal.window.floor.go(Place("page", "work_order", bike.order))
    terminal.until(terminal.settled)
    terminal.open_tab("Health")
    terminal.until(lambda: "▲  A little low: watch it" in terminal.words())
    assert "-0.4" in terminal.words()
    bike.done(RecordHealth(order=bike.order, battery=exact("12.8")))
    terminal.until(lambda: "▲  A little low: watch it" not in terminal.words())
    assert "●  In order" in terminal.words()
    assert "+0.5" in terminal.words()


def test_how_a_reading_went_over_the_jobs_is_a_small_curve_on_the_job_and_on_the_vehicle(bike: World, terminal: Terminal) -> None:
    bike.done(RecordHealth(order=bike.order, battery=exact("12.8")))
    vehicle = bike.get(WorkOrder, bike.order).vehicle_id
    for place in (Place("page", "work_order", bike.order), Place("page", "vehicle", vehicle)):
        terminal.window.floor.go(place)
        terminal.until(terminal.settled)
        terminal.open_tab("Health")
        terminal.until(lambda: any(one.isVisible() for one in terminal.window.findChildren(Curve)))
        told = {
            one.accessibleName(): one.accessibleDescription() for one in terminal.window.findChildren(Curve) if one.isVisible()
        }
        assert told["Battery, V"].endswith("to 12.8")
        assert "●  In order" in terminal.words()


def test_a_vehicle_on_which_nothing_was_read_says_so(bike: World, terminal: Terminal) -> None:
    owner = bike.save("customer", name="Grace Hopper", phone="0170 999 111")
    bare = bike.save("vehicle", customer_id=owner.hex, make="BMW", model="R 75", plate="M-X 1")
    terminal.window.floor.go(Place("page", "vehicle", bare))
    terminal.until(terminal.settled)
    terminal.open_tab("Health")
    terminal.until(lambda: "Nothing has been read on it yet." in terminal.words())


def test_where_nothing_was_read_the_page_says_so(bike: World, terminal: Terminal) -> None:
    bare = bike.done(CreateOrder(site=bike.site, what="Horn")).row("work_order")
    terminal.window.floor.go(Place("page", "work_order", bare))
    terminal.until(terminal.settled)
    terminal.open_tab("Health")
    terminal.until(lambda: "Nothing has been read yet." in terminal.words())
