"""S6: clock on, switch, break and out by scans alone; what is forgotten is put right by one touch; the clock is in sight."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from labor_day import Floor, at, day_of, opened
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, card, code

from app.kernel.scan_log import Outcome
from app.work_orders.commands import AssignOrder
from ui.kit.declared import Place
from ui.labor.chip import lasting
from ui.labor.mine import MinePage
from ui.labor.running import time_after
from world import World


@pytest.fixture
def shop(world: World) -> Floor:
    return opened(world)


@pytest.fixture
def terminal(shop: Floor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    with at_work(shop.world, qtbot.waitUntil, tmp_path) as terminal:
        yield terminal


def place(terminal: Terminal) -> Place:
    screen = terminal.window.floor.screen
    assert screen is not None
    return screen.place


def signed_in(terminal: Terminal, shop: Floor, name: str = "kim") -> Terminal:
    terminal.scan(badge(shop.world, getattr(shop, name)))
    terminal.until(terminal.settled)
    terminal.begin()
    return terminal


def test_two_scans_start_one_switches_one_begins_the_break_and_one_ends_the_day(terminal: Terminal, shop: Floor) -> None:
    own = badge(shop.world, shop.kim)
    terminal.begin()
    terminal.scan(own)
    assert terminal.scan(code("WO", shop.job))[0] is Outcome.SUCCESS
    assert (terminal.scans, terminal.touches) == (2, 0)
    assert place(terminal) == Place("page", "work_order", shop.job), "and the job's page is there"
    shop.hands.go(10)
    terminal.scan(code("WO", shop.other))
    shop.hands.go(12)
    terminal.scan(card("BREAK"))
    shop.hands.go(12, 30)
    terminal.scan(card("BREAK"))
    shop.hands.go(16)
    outcome, said = terminal.scan(card("OUT"))
    assert outcome is Outcome.SUCCESS
    assert said.startswith("Clocked out at")
    assert said.endswith("16:00.")
    assert (terminal.scans, terminal.touches) == (6, 0)
    assert day_of(shop.world, shop.kim) == [
        ("idle", "08:00", "08:00", "scan"),
        ("job", "08:00", "10:00", "scan"),
        ("job", "10:00", "12:00", "scan"),
        ("break", "12:00", "12:30", "scan"),
        ("job", "12:30", "16:00", "scan"),
    ]


def test_a_wrong_job_is_taken_back_by_the_undo_card(terminal: Terminal, shop: Floor) -> None:
    signed_in(terminal, shop)
    terminal.scan(code("WO", shop.job))
    terminal.until(lambda: "Undo: clock on" in terminal.words())
    assert terminal.scan(card("UNDO"))[0] is Outcome.SUCCESS
    assert day_of(shop.world, shop.kim) == [("idle", "08:00", "–", "scan")]


def test_the_running_clock_stands_beside_the_status_and_moves_once_a_minute(terminal: Terminal, shop: Floor) -> None:
    signed_in(terminal, shop)
    terminal.scan(code("WO", shop.job))
    chip = terminal.window.scan_line.clock
    terminal.until(lambda: chip.isVisible() and "0001 for 0:00" in chip.accessibleName())
    assert 0 < chip.wakes_in() <= 63_000, "a timer that need not be exact takes a twentieth more"
    shop.hands.go(9, 23)
    chip.tell()
    assert chip.accessibleName() == "0001 for 1:23"
    terminal.scan(card("SIGNOUT"))
    terminal.until(lambda: not chip.isVisible())


def test_the_same_job_again_and_a_colleague_s_scan_only_open_the_page(terminal: Terminal, shop: Floor) -> None:
    signed_in(terminal, shop)
    terminal.scan(code("WO", shop.job))
    terminal.scan(code("WO", shop.job))
    assert len(day_of(shop.world, shop.kim)) == 2
    signed_in(terminal, shop, "sue")
    terminal.scan(code("WO", shop.other))
    assert place(terminal) == Place("page", "work_order", shop.other)
    assert day_of(shop.world, shop.sue) == []


def test_a_job_that_is_typed_or_picked_is_opened_and_not_begun(terminal: Terminal, shop: Floor) -> None:
    signed_in(terminal, shop)
    number = next(row["number"] for row in shop.world.app.ask("work_orders", shop.sue).rows if row["id"] == shop.job)
    terminal.window.hands.entered(number)
    terminal.until(lambda: place(terminal).kind == "page")
    terminal.until(terminal.settled)
    assert [kind for kind, *_rest in day_of(shop.world, shop.kim)] == ["idle"]


def test_a_setting_turns_it_off_for_a_terminal(terminal: Terminal, shop: Floor) -> None:
    station = shop.world.app.station.id
    shop.world.save("setting_value", key="labor.job_scan", value="nobody", place_id=station.hex)
    signed_in(terminal, shop)
    terminal.scan(code("WO", shop.job))
    assert place(terminal).kind == "page"
    assert [kind for kind, *_rest in day_of(shop.world, shop.kim)] == ["idle"]


def test_a_forgotten_clock_costs_one_touch_and_the_scan_behind_it_counts_from_the_scan(terminal: Terminal, shop: Floor) -> None:
    own = badge(shop.world, shop.kim)
    terminal.scan(own)
    shop.hands.go(13)
    terminal.scan(code("WO", shop.job))
    terminal.scan(card("SIGNOUT"))
    shop.hands.go(8, days=1)
    terminal.scan(own)
    terminal.until(lambda: terminal.question is not None)
    terminal.begin()
    terminal.scan(code("WO", shop.other))
    shop.hands.go(8, 5, days=1)
    terminal.touch("2026-09-21 13:00")
    terminal.until(lambda: len(day_of(shop.world, shop.kim)) == 4)
    assert (terminal.scans, terminal.touches) == (1, 1)
    assert day_of(shop.world, shop.kim)[1:] == [
        ("job", "13:00", "13:00", "confirmed"),
        ("idle", "08:00", "08:00", "scan"),
        ("job", "08:00", "–", "scan"),
    ]


def test_another_end_is_typed_as_a_time_of_day(terminal: Terminal, shop: Floor) -> None:
    own = badge(shop.world, shop.kim)
    terminal.scan(own)
    shop.hands.go(13)
    terminal.scan(code("WO", shop.job))
    terminal.scan(card("SIGNOUT"))
    shop.hands.go(8, days=1)
    terminal.scan(own)
    terminal.until(lambda: terminal.question is not None)
    terminal.touch("At another time")
    for digit in "1645":
        terminal.touch(digit)
    terminal.touch("Take this number")
    terminal.until(lambda: ("job", "13:00", "16:45", "confirmed") in day_of(shop.world, shop.kim))


@pytest.mark.parametrize(("typed", "found"), [("1645", at(16, 45)), ("730", at(7, 30, days=1)), ("2460", None), ("16", None)])
def test_a_time_of_day_is_the_next_one_after_the_start(typed: str, found: object) -> None:
    assert time_after(at(13), typed, "Europe/Berlin") == found


def test_the_card_that_confirms_takes_what_is_proposed(terminal: Terminal, shop: Floor) -> None:
    own = badge(shop.world, shop.kim)
    terminal.scan(own)
    terminal.scan(card("SIGNOUT"))
    shop.hands.go(8, days=1)
    terminal.scan(own)
    terminal.until(lambda: terminal.question is not None)
    terminal.scan(card("CONFIRM"))
    terminal.until(lambda: "confirmed" in [how for *_rest, how in day_of(shop.world, shop.kim)])


# ------------------------------------------------------------------------------------------------------------- my jobs


def mine(terminal: Terminal) -> MinePage:
    terminal.window.floor.go(Place("mine"))
    terminal.until(terminal.settled)
    page = terminal.window.floor.screen
    assert isinstance(page, MinePage)
    return page


def test_my_jobs_tell_the_clock_the_next_job_and_begin_it_by_one_touch(terminal: Terminal, shop: Floor) -> None:
    shop.world.done(AssignOrder(order=shop.other, person=shop.kim.id))
    signed_in(terminal, shop)
    page = mine(terminal)
    terminal.until(lambda: page.primary is not None and page.primary.label.startswith("Clock on"))
    assert "Between jobs since" in terminal.words()
    assert "Chain" in terminal.words()
    assert page.primary is not None
    page.primary.run()
    terminal.until(lambda: page.primary is not None and page.primary.label == "Take a break")
    assert [deed.label for deed in page.others] == ["My times", "Stop the job", "Clock out"]
    page.primary.run()
    terminal.until(lambda: page.primary is not None and page.primary.label == "Back to work")
    assert terminal.row("Chain") is not None


def test_a_supervisor_puts_somebody_on_a_job_from_the_page_of_the_person(terminal: Terminal, shop: Floor) -> None:
    terminal.window.floor.seat(shop.sue)
    terminal.window.floor.go(Place("page", "person", shop.kim.id))
    terminal.until(terminal.settled)
    terminal.touch("Move the clock")
    terminal.until(lambda: terminal.question is not None)
    terminal.touch("Clock on")
    terminal.until(lambda: terminal.question is not None and terminal.question.kind == "find")
    terminal.scan(code("WO", shop.job))
    terminal.until(lambda: day_of(shop.world, shop.kim) == [("job", "08:00", "–", "hand")])


def test_hours_and_minutes_are_told_as_a_clock_counts() -> None:
    assert [lasting(one) for one in (0, 59, 60, 605)] == ["0:00", "0:59", "1:00", "10:05"]
