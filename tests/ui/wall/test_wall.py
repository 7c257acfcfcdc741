"""The wall board: read from afar, never worked at; it turns its pages, follows the store, and goes with the terminal's window."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot
from shop_floor import at_work

from app.kernel.problems import Refused
from app.kernel.standard import Transition
from app.work_orders.commands import CreateOrder
from ui.cli.program import main
from ui.kit.cards import Stack
from ui.screens import DECLARED
from ui.wall.window import board_named, open_wall, pages
from world import World


def test_the_wall_shows_the_jobs_follows_the_work_and_closes_with_the_terminal(
    world: World, qtbot: QtBot, tmp_path: Path
) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        window = terminal.window
        wall = open_wall(window, window.bench, board_named(DECLARED, "jobs"), world.org)
        terminal.until(lambda: [stack.title for stack in wall.view.stacks] == ["Checked in"])
        world.done(Transition(entity="work_order", id=world.order, move="diagnose"))
        terminal.until(lambda: [stack.title for stack in wall.view.stacks] == ["Diagnosing"])
        assert wall.testAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        assert wall.windowFlags() & Qt.WindowType.WindowDoesNotAcceptFocus
        assert not wall.testAttribute(Qt.WidgetAttribute.WA_QuitOnClose)
        assert wall.isVisible()
    assert not wall.isVisible(), "it goes with the terminal's window"
    wall.deleteLater()


def test_more_jobs_than_fit_are_turned_through(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    for number in range(30):
        world.done(CreateOrder(what=f"Service {number}", site=world.site))
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        wall = open_wall(terminal.window, terminal.window.bench, board_named(DECLARED, "jobs"), world.org)
        wall.resize(640, 400)
        terminal.until(lambda: bool(wall.view.cards) and " of " in wall.foot.text())
        first = wall.view.cards
        wall.turn()
        terminal.until(lambda: wall.view.cards != first)
        terminal.until(terminal.settled)
    wall.deleteLater()


def test_pages_hold_so_many_columns_of_so_many_cards() -> None:
    cards = tuple(range(5))
    found = pages([Stack("A", cards), Stack("B", cards[:1])], across=2, down=2)  # type: ignore[arg-type]
    assert [[(one.title, len(one.cards)) for one in page] for page in found] == [[("A", 2), ("A", 2)], [("A", 1), ("B", 1)]]
    assert pages([], 2, 2) == [[]]


def test_a_board_that_there_is_not_is_refused_with_those_that_there_are() -> None:
    with pytest.raises(Refused) as refused:
        board_named(DECLARED, "bikes")
    assert "jobs" in refused.value.problem.advice


def test_the_command_line_names_the_boards_before_any_window_opens(tmp_path: Path, capfd: pytest.CaptureFixture[str]) -> None:
    assert main(["--store", str(tmp_path), "--board", "bikes"]) == 1
    assert "There is no board “bikes”. There are: " in capfd.readouterr().err
