"""A question says which job it is about, and its pad stands whole on the lowest screen."""

from __future__ import annotations

from pathlib import Path

from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, code

from ui.kit.pad import Pad
from ui.kit.question import Question, Tile
from world import World


def test_a_question_names_the_job(terminal: Terminal) -> None:
    terminal.scan(code("WO", terminal.world.order))
    terminal.window.floor.ask(Question("Which one?", lambda _answer, _by: None, tiles=(Tile("This", 1),)))
    context = terminal.course.context
    assert context is not None
    assert context.title in terminal.words().split("\n")


def test_the_keys_of_the_pad_are_big_enough_for_a_glove(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path, theme="light", density="glove", size=(1024, 600)) as terminal:
        terminal.window.floor.seat(world.person("Mara", "KEE"))
        terminal.scan(code("WO", world.order))
        terminal.touch("Quantity")
        terminal.until(lambda: terminal.find("Delete the last digit") is not None)
        terminal.until(terminal.settled)
        for name in ("1", "5", "0", "Delete the last digit"):
            key = terminal.find(name)
            assert key is not None
            assert key.height() >= 48, "as all but the filled button, with 8 pixels between them"
        pad = next(one for one in terminal.window.findChildren(Pad) if one.isVisible())
        assert pad.visibleRegion().boundingRect().height() == pad.height(), "none of it is cut off"
