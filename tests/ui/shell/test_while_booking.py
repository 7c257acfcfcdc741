"""What stands still, and what follows, while parts are booked: the buttons, and the mark on the last line."""

from __future__ import annotations

from PySide6.QtCore import QPoint
from shop_floor import Terminal, code


def test_nothing_moves_when_undo_appears(terminal: Terminal) -> None:
    world, window = terminal.world, terminal.window
    window.resize(1024, 600)
    terminal.scan(code("WO", world.order))
    terminal.until(terminal.settled)
    before = {name: place(terminal, name) for name in ("Quantity", "Finish issue")}
    terminal.scan(code("PT", world.part))
    terminal.until(lambda: terminal.find("Undo: ") is not None)
    assert {name: place(terminal, name) for name in before} == before


def test_the_line_of_the_last_part_stays_marked_where_it_goes(terminal: Terminal) -> None:
    world = terminal.world
    terminal.scan(code("WO", world.order))
    terminal.until(lambda: terminal.row("Brake pads front") is not None)
    terminal.scan(code("PT", world.part))
    terminal.until(terminal.settled)
    found = terminal.row("Brake pads front")
    assert found is not None
    view, index = found
    assert index.row() == len(world.parts) - 1, "it is there, and what is still due stands above it"
    assert [one.row() for one in view.selectionModel().selectedRows()] == [index.row()]


def place(terminal: Terminal, name: str) -> QPoint:
    button = terminal.find(name)
    assert button is not None
    return button.mapTo(terminal.window, QPoint())
