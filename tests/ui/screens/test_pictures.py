"""Pictures of numbers in the window: stock over time on a part's page, a small curve in each line of the list of stock."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QColor, QImage
from shop_floor import Terminal

from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from ui.kit.chart import ChartPanel, ChartView
from ui.kit.declared import Place
from ui.kit.list import ListPage
from ui.kit.table import CURVE
from ui.theme import worn


def inked(picture: QImage, ink: str) -> int:
    """How many pixels are of a colour of the theme."""
    wanted = QColor(getattr(worn().tokens, ink)).rgb()
    return sum(picture.pixel(x, y) == wanted for y in range(picture.height()) for x in range(picture.width()))


def panel(terminal: Terminal) -> ChartPanel:
    terminal.window.floor.go(Place("page", "part", terminal.world.part))
    terminal.until(terminal.settled)
    terminal.open_tab("Over time")
    terminal.until(terminal.settled)
    return next(one for one in terminal.window.findChildren(ChartPanel) if one.isVisible())


def test_stock_over_time_is_a_picture_a_sentence_and_a_table(terminal: Terminal) -> None:
    shown = panel(terminal)
    terminal.until(lambda: shown.numbers.rowCount() == 60)
    assert "5 Pieces today" in terminal.words()
    assert inked(shown.view.grab().toImage(), "primary") > 40
    assert shown.view.accessibleName().startswith("Stock of ")
    assert "today" in shown.view.accessibleDescription()
    terminal.touch("Numbers")
    assert terminal.row("5") is not None


def test_the_picture_follows_the_store(terminal: Terminal) -> None:
    shown = panel(terminal)
    terminal.until(lambda: shown.numbers.rowCount() == 60)
    terminal.world.done(ReceiveStock(part=terminal.world.part, bin=terminal.world.bin, quantity=Quantity(7)))
    terminal.until(lambda: "12 Pieces today" in terminal.words())


def test_a_part_that_was_never_booked_says_so(terminal: Terminal) -> None:
    part = terminal.world.save("part", code="NEW", name="Never booked")
    terminal.window.floor.go(Place("page", "part", part))
    terminal.until(terminal.settled)
    terminal.open_tab("Over time")
    terminal.until(lambda: "Nothing of this part was ever booked." in terminal.words())
    assert not [one for one in terminal.window.findChildren(ChartView) if one.isVisible() and one.accessibleName()]


def test_every_line_of_the_list_of_stock_has_its_curve_in_words_too(terminal: Terminal) -> None:
    terminal.window.floor.go(Place("list", "stock"))
    terminal.until(terminal.settled)
    page = terminal.window.floor.screen
    assert isinstance(page, ListPage)
    rows = page.table.rows
    terminal.until(lambda: rows.rowCount() > 0 and rows.row(0) is not None)
    assert rows.columns[-1] is CURVE
    row = rows.row(0)
    assert row is not None
    assert row[CURVE.name][-1] == row["on_hand"].thousandths / 1000
    spoken = rows.data(rows.index(0, len(rows.columns) - 1), Qt.ItemDataRole.AccessibleTextRole)
    assert spoken == "from 0 to 5"
    page.table.sortByColumn(len(rows.columns) - 1, Qt.SortOrder.AscendingOrder)
    terminal.until(terminal.settled)
    assert rows.rowCount() > 0, "it is nothing to sort by, and nothing breaks"
