"""The table's model: honest to Qt at every step, and never more than it was asked for."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtTest import QAbstractItemModelTester
from shop_floor import Terminal

from app.kernel.standard import SaveMany
from ui.kit.picker import Words
from ui.kit.table import PAGE, Rows, Source


def many(terminal: Terminal, number: int) -> None:
    rows = [{"code": f"X{count:05d}", "name": f"Washer {count}"} for count in range(number)]
    terminal.world.done(SaveMany(entity="part", rows=rows))


def test_the_model_keeps_qts_rules_while_rows_come_change_and_go(terminal: Terminal) -> None:
    rows = Rows(terminal.window.floor.bench, Source("parts", {}, ("code", "name", "price")))
    tester = QAbstractItemModelTester(rows, QAbstractItemModelTester.FailureReportingMode.Fatal)
    rows.reload()
    terminal.until(terminal.settled)
    many(terminal, 250)
    rows.reload()
    terminal.until(lambda: rows.total == 255)
    while rows.row(254) is None:
        rows.data(rows.index(rows.rowCount() - 1, 0))
        terminal.until(terminal.settled)
    rows.sort(1, Qt.SortOrder.DescendingOrder)
    terminal.until(terminal.settled)
    assert rows.data(rows.index(0, 1)) == "Washer 99"
    del tester


def test_a_placeholder_stands_for_a_row_that_is_not_here_yet(terminal: Terminal) -> None:
    many(terminal, 250)
    rows = Rows(terminal.window.floor.bench, Source("parts", {}, ("code", "name")))
    rows.reload()
    terminal.until(lambda: rows.rowCount() > 0)
    assert rows.row(0) is not None
    assert rows.data(rows.index(PAGE, 0)) == "…"
    terminal.until(lambda: rows.true)
    assert rows.total == 255
    terminal.until(lambda: rows.data(rows.index(PAGE, 0)) != "…")
    assert rows.rowCount() == 255


def test_a_page_that_was_read_before_the_store_changed_is_asked_for_again(terminal: Terminal) -> None:
    many(terminal, 250)
    rows = Rows(terminal.window.floor.bench, Source("parts", {}, ("code", "name")))
    rows.reload()
    terminal.until(lambda: rows.lineup is not None and terminal.settled())
    rows.reload()
    rows._away.add(0)
    rows._page_came(0, rows._edition - 1, rows._pages[0])
    terminal.until(lambda: 0 in rows._whole)


def test_the_list_of_results_keeps_qts_rules(terminal: Terminal) -> None:
    words = Words()
    tester = QAbstractItemModelTester(words, QAbstractItemModelTester.FailureReportingMode.Fatal)
    words.show_rows([("one", 1), ("two", 2)])
    words.show_rows([])
    assert words.rowCount() == 0
    del tester
