"""What Undo says that it takes back: whole where there is room, and never a line that is cut in half."""

from __future__ import annotations

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QFontMetrics
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shop_floor import at_work

from ui.kit.fitted import WHOLE, fitted
from ui.kit.screen import Deed
from world import World

LONG = "12 × Front wheel bearing, sealed on both sides, of the model before the change, to M-20261120-0007"


@pytest.mark.parametrize("density", ["desk", "glove"])
def test_long_words_end_at_a_word_on_the_second_line_and_are_whole_in_the_tool_tip(
    world: World, qtbot: QtBot, tmp_path: Path, density: str
) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path, density=density, size=(1024, 600)) as terminal:
        terminal.window.floor.seat(world.person("Mara", "KEE"))
        terminal.until(terminal.settled)
        bar = terminal.window.bar
        bar.show_undo(LONG)
        terminal.until(terminal.settled)
        undo = bar._undo
        words = next(one for one in undo.findChildren(QLabel) if one.text())
        lines = words.fontMetrics().boundingRect(0, 0, words.width(), 1000, Qt.TextFlag.TextWordWrap, words.text()).height()
        assert words.text().startswith("Undo: 12 × Front")
        assert words.text().endswith("…")
        assert lines <= words.height() <= undo.height()
        assert undo.accessibleName() == undo.toolTip() == f"Undo: {LONG}"
        bar.show_undo("clock on")
        assert words.text() == "Undo: clock on"


def test_of_a_word_that_is_wider_than_the_button_its_beginning_is_read(qtbot: QtBot) -> None:
    metrics = QFontMetrics(QLabel().font())
    said = "Undo: M-20261120-0008-Q1-of-the-supplement-after-the-customer-called was signed"
    shown = fitted(said.replace("-", WHOLE), metrics, metrics.horizontalAdvance("Undo: M-20261120-0008"), 2)
    assert shown.replace(WHOLE, "-").startswith("Undo: M-2026")
    assert shown.endswith("…")


def test_the_way_back_is_never_put_away_for_undo_s_sake(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path, density="glove", size=(1024, 600)) as terminal:
        terminal.window.floor.seat(world.person("Mara", "KEE"))
        terminal.until(terminal.settled)
        others = [Deed(label, lambda: None, "back", stays=True) for label in ("Back", "Another amount")]
        terminal.window.bar.show_deeds(tuple(others), Deed("Take 127.70 EUR: Card", lambda: None, "pay"))
        terminal.until(lambda: terminal.find("Back") is not None and terminal.find("More") is not None)
