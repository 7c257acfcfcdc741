"""Boards: who works on what, live; bays and queue on the wall, with no plate in full."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from labor_day import Floor, at, opened
from paying import job
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.standard import SaveRecord
from app.labor.commands import ClockIn, ClockOn, TakeBreak
from app.work_orders.boards import masked
from ui.kit.board import BoardPage
from ui.kit.cards import AGED, FRESH, LATE, due
from ui.kit.declared import Place
from ui.screens import DECLARED
from ui.wall.window import board_named, open_wall
from world import World


@pytest.fixture
def shop(world: World) -> Floor:
    return opened(world)


@pytest.fixture
def terminal(shop: Floor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    with at_work(shop.world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(shop.sue)
        yield terminal


def columns(board: object) -> dict[str, list[str]]:
    return {stack.title: [card.name for card in stack.cards] for stack in board.view.stacks}  # type: ignore[attr-defined]


def test_who_works_on_what_follows_the_work(terminal: Terminal, shop: Floor) -> None:
    shop.world.done(ClockOn(person=shop.kim.id, order=shop.job), shop.kim)
    shop.world.done(ClockIn(person=shop.lee.id), shop.lee)
    terminal.window.floor.go(Place("board", "crew"))
    page = terminal.window.floor.screen
    assert isinstance(page, BoardPage)
    terminal.until(lambda: columns(page) == {"On a job": ["Kim"], "Between jobs": ["Lee"]})
    card = page.view.cards[0]
    assert "Front brake" in card.said
    shop.world.done(TakeBreak(person=shop.kim.id), shop.kim)
    terminal.until(lambda: columns(page) == {"Between jobs": ["Lee"], "In a break": ["Kim"]})
    terminal.touch("By job")
    terminal.until(lambda: columns(page) == {"On no job": ["Kim", "Lee"]})
    page.pick(page.view.cards[0])
    assert page.primary is None
    assert [deed.label for deed in page.others] == ["Open Kim"]


def test_who_stands_between_jobs_for_long_waits_and_who_is_at_work_never_does(terminal: Terminal, shop: Floor) -> None:
    shop.world.done(ClockOn(person=shop.kim.id, order=shop.job), shop.kim)
    shop.world.done(ClockIn(person=shop.lee.id), shop.lee)
    shop.hands.go(9, 30)
    terminal.window.floor.go(Place("board", "crew"))
    page = terminal.window.floor.screen
    assert isinstance(page, BoardPage)
    terminal.until(lambda: len(page.view.cards) == 2)
    assert [(card.name, card.tone, card.age) for card in page.view.cards] == [("Kim", FRESH, "1 h"), ("Lee", LATE, "1 h")]


def test_one_s_own_jobs_name_the_one_on_which_the_clock_runs_also_where_it_is_finished(shop: Floor) -> None:
    finished = job(shop.world)
    shop.world.done(ClockOn(person=shop.kim.id, order=finished), shop.kim)
    assert [row["id"] for row in shop.world.app.ask("my_jobs", shop.kim).rows] == [finished]
    assert shop.world.app.ask("my_jobs", shop.lee).rows == []


def test_the_wall_shows_bays_and_queue_with_masked_plates_and_when_they_are_promised(terminal: Terminal, shop: Floor) -> None:
    world = shop.world
    owner = world.save("customer", name="Ada", phone="0170")
    vehicle = world.save("vehicle", customer_id=owner.hex, model="R 1250 GS", plate="B-MW 4242")
    fields = {"vehicle_id": [None, vehicle.hex], "bay": ["", "Bay 1"], "promised": [None, int(at(8, 20).timestamp() * 1000)]}
    world.done(SaveRecord(entity="work_order", id=shop.job, fields=fields))
    wall = open_wall(terminal.window, terminal.window.bench, board_named(DECLARED, "bays"), world.org)
    terminal.until(lambda: [stack.title for stack in wall.view.stacks] == ["Bay 1", "Queue"])
    card = wall.view.cards[0]
    assert (card.name, card.said, card.tone) == ("B·· ··42", "Checked in · R 1250 GS", AGED)
    assert card.told.startswith("by ")
    assert card.told.endswith("08:20 · soon")
    shown = " ".join(f"{one.name} {one.said}" for one in wall.view.cards)
    assert "4242" not in shown
    assert "B-MW" not in shown
    wall.deleteLater()


@pytest.mark.parametrize(
    ("plate", "seen"),
    [("B-MW 4242", "B·· ··42"), ("AC DU 996", "A·· ··96"), ("X 12", ""), ("", ""), ("京A·12345", "京·· ··45")],
)
def test_a_plate_on_the_wall_shows_its_first_sign_and_its_last_two(plate: str, seen: str) -> None:
    assert masked(plate) == seen


def test_what_is_promised_is_near_in_the_last_half_hour_and_late_behind_it() -> None:
    now = datetime(2026, 9, 21, 12, tzinfo=UTC)
    left = [due(now + timedelta(minutes=one), now)[1] for one in (31, 29, -1)]
    assert left == [FRESH, AGED, LATE]
    assert due(None, now) == ("", FRESH)
