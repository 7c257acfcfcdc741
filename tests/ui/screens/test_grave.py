"""What cannot be taken back is not done by a slip of the hand: its button is held down."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from shop_floor import Terminal

from ui.kit.buttons import HoldButton
from ui.kit.declared import Place


def held(terminal: Terminal, name: str) -> HoldButton:
    terminal.until(lambda: terminal.find(name) is not None)
    button = terminal.find(name)
    assert isinstance(button, HoldButton)
    return button


def test_a_job_is_cancelled_only_by_a_button_that_is_held(terminal: Terminal) -> None:
    terminal.window.floor.go(Place("page", "work_order", terminal.world.order))
    terminal.reach("Cancel job")
    before = terminal.question
    held(terminal, "Cancel job")
    terminal.touch("Cancel job")
    assert terminal.question is before, "a touch is not enough"
    QTest.mousePress(held(terminal, "Cancel job"), Qt.MouseButton.LeftButton)
    terminal.until(lambda: terminal.question is not None and terminal.question.sentence == "Cancel job: why?")
