"""For languages that are read from the right the whole window is mirrored; part numbers and amounts stay as they are."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QWidget
from shop_floor import Terminal

from ui.kit.declared import Place
from ui.main import application


@pytest.fixture
def mirrored() -> Iterator[QApplication]:
    qt = application()
    qt.setLayoutDirection(Qt.LayoutDirection.RightToLeft)
    yield qt
    qt.setLayoutDirection(Qt.LayoutDirection.LeftToRight)


def middle(terminal: Terminal, widget: QWidget) -> int:
    return widget.mapTo(terminal.window, QPoint(widget.width() // 2, 0)).x()


def test_the_rail_is_at_the_right_and_the_filled_button_at_the_left(mirrored: QApplication, terminal: Terminal) -> None:
    terminal.window.floor.go(Place("form", "part"))
    terminal.until(terminal.settled)
    half = terminal.window.width() // 2
    assert middle(terminal, terminal.window.rail) > half
    buttons = [one for one in terminal.window.bar.findChildren(QAbstractButton) if one.isVisible()]
    [filled] = [one for one in buttons if one.property("role") == "primary"]
    assert middle(terminal, filled) < half


def test_every_screen_is_drawn_and_codes_keep_their_order(mirrored: QApplication, terminal: Terminal) -> None:
    for place in (Place("home"), Place("list", "part"), Place("page", "part", terminal.world.part), Place("look")):
        terminal.window.floor.go(place)
        terminal.until(terminal.settled)
        assert not terminal.window.grab().isNull()
    terminal.window.floor.go(Place("page", "part", terminal.world.part))
    terminal.until(lambda: any("PT-0" in one.text() for one in terminal.window.findChildren(QLabel)))
