"""The job board: cards by state or bay, ages in words, picked by a number, a scan or a touch, taken on by Enter."""

from __future__ import annotations

from datetime import UTC, datetime

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal, code

from app.kernel.ids import new_id
from app.kernel.scan_log import Outcome
from app.work_orders.commands import CreateOrder
from app.work_orders.model import WorkOrder
from ui.kit.board import BoardPage
from ui.kit.cards import Card, age, short_names, stacked, tone_of
from ui.kit.declared import Place
from ui.work_orders.screens import BOARD
from world import World


def opened(terminal: Terminal) -> BoardPage:
    terminal.window.floor.go(Place("board", "jobs"))
    terminal.until(terminal.settled)
    page = terminal.window.floor.screen
    assert isinstance(page, BoardPage)
    terminal.until(lambda: bool(page.view.cards))
    return page


def press(page: BoardPage, *keys: Qt.Key) -> None:
    for key in keys:
        QTest.keyClick(page, key)


def another_job(world: World, what: str, bay: str = "") -> None:
    done = world.done(CreateOrder(what=what, site=world.site))
    if bay:
        world.save("work_order", id=done.row("work_order"), bay=bay)


def state(world: World, number: int = 0) -> str:
    return sorted(world.rows(WorkOrder), key=lambda row: row.number)[number].state


def test_a_number_picks_and_enter_takes_the_job_on(terminal: Terminal) -> None:
    page = opened(terminal)
    assert state(terminal.world) == "CHECKIN"
    press(page, Qt.Key.Key_1)
    assert page.primary is not None
    assert page.primary.label.startswith("Diagnose ")
    press(page, Qt.Key.Key_Return)
    terminal.until(lambda: state(terminal.world) == "DIAGNOSING")
    terminal.until(lambda: page.view.stacks[0].title == "Diagnosing")
    terminal.until(lambda: "Recall" in [deed.label for deed in page.others])


def test_what_is_still_missing_is_said_and_the_card_stays(terminal: Terminal) -> None:
    page = opened(terminal)
    press(page, Qt.Key.Key_1, Qt.Key.Key_Return)
    terminal.until(lambda: state(terminal.world) == "DIAGNOSING")
    terminal.until(lambda: page.view.stacks[0].title == "Diagnosing")
    terminal.begin()
    press(page, Qt.Key.Key_Return)
    terminal.until(lambda: bool(terminal.heard))
    assert terminal.heard[-1][0] is Outcome.ERROR
    assert "service" in terminal.heard[-1][1]
    assert state(terminal.world) == "DIAGNOSING"


def test_recall_leads_back_to_the_job_that_was_taken_on(terminal: Terminal) -> None:
    page = opened(terminal)
    press(page, Qt.Key.Key_1, Qt.Key.Key_Return)
    terminal.until(lambda: "Recall" in [deed.label for deed in page.others])
    terminal.touch("Recall")
    terminal.touch("0001")
    terminal.until(lambda: terminal.window.floor.context == "page:work_order")


def test_columns_are_states_or_bays_and_arrows_walk(terminal: Terminal) -> None:
    another_job(terminal.world, "Chain and sprockets", bay="Lift 2")
    page = opened(terminal)
    terminal.touch("By bay")
    terminal.until(lambda: [stack.title for stack in page.view.stacks] == ["Lift 2", "None yet"])
    press(page, Qt.Key.Key_1, Qt.Key.Key_Right)
    assert page._card() == page.view.stacks[1].cards[0]


def test_a_scan_of_a_tag_picks_its_card_and_a_second_touch_opens_it(terminal: Terminal) -> None:
    page = opened(terminal)
    outcome, said = terminal.scan(code("WO", terminal.world.order))
    assert outcome is Outcome.SUCCESS
    assert said.startswith(page.view.cards[0].name)
    terminal.touch(f"1, {page.view.cards[0].name}")
    assert terminal.window.floor.context == "page:work_order"


def test_ages_are_told_in_words_at_two_limits() -> None:
    assert [age(minutes) for minutes in (5, 59, 60, 300, 3000)] == ["5 min", "59 min", "1 h", "5 h", "2 d"]
    assert [tone_of(BOARD, minutes) for minutes in (59, 60, 239, 240)] == ["", "warn", "warn", "danger"]
    late = Card(new_id(), "0007", "Brakes", "READY", datetime.now(UTC), "danger", "5 h")
    assert late.told == "5 h · late"
    assert late.spoken == "0007, Brakes, 5 h · late", "in words, not only in colour"
    assert short_names(["M-20261120-0007", "A-B", "M-20261119-0003"]) == ["0007", "A-B", "0003"]
    assert short_names(["M-20261120-0001", "M-20261119-0001"]) == ["20-0001", "19-0001"], "no two cards have one name"
    assert short_names(["M-20261120-0001", "M-20261020-0001", "M-20261120-0002"]) == ["1120-0001", "1020-0001", "0002"]


def test_states_stand_in_the_order_of_the_work_and_the_oldest_above(world: World) -> None:
    def card(name: str, hour: int, urgent: str = "") -> Card:
        return Card(world.part, name, "", "", datetime(2026, 11, 20, hour, tzinfo=UTC), "", "", urgent)

    cards = [("READY", card("3", 8)), ("CHECKIN", card("2", 9)), ("CHECKIN", card("1", 7)), ("CHECKIN", card("9", 11, "Urgent"))]
    found = stacked(BOARD, "state", cards)
    assert [[one.name for one in stack.cards] for stack in found] == [["9", "1", "2"], ["3"]]
