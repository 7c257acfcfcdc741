"""The gates bite: each finds the bad widget that is planted for it, and lets the good one beside it pass."""

from __future__ import annotations

import threading
from collections.abc import Iterator

import pytest
from gates import close, coloured, cut_off, faint, nameless, out_of_order, running, small, tiny, unlabelled
from PySide6.QtCore import QAbstractTableModel, QModelIndex, QPersistentModelIndex, Qt, QTimer
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import (
    QApplication,
    QHBoxLayout,
    QLabel,
    QLineEdit,
    QPushButton,
    QTableView,
    QToolButton,
    QVBoxLayout,
    QWidget,
)
from pytestqt.qtbot import QtBot

from ui.kit.buttons import primary, secondary
from ui.kit.icons import icon
from ui.theme import Theme, role

NOWHERE = QModelIndex()


class Shelf(QAbstractTableModel):
    """Two columns of part numbers and names."""

    names = ("code", "name")

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 1

    def columnCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 2

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        return (
            ("BRK-PAD-0042-FRONT", "Brake pads front Ducati 996 · M-20261120-0001")[index.column()]
            if role == Qt.ItemDataRole.DisplayRole
            else None
        )


class Card:
    """A small window with room for good and bad widgets."""

    def __init__(self, qtbot: QtBot) -> None:
        self._qtbot = qtbot
        self.window = QWidget()
        self.column = QVBoxLayout(self.window)
        self.column.setSpacing(12)
        qtbot.addWidget(self.window)

    def put(self, *widgets: QWidget) -> QWidget:
        for widget in widgets:
            self.column.addWidget(widget)
        return self.show()

    def show(self) -> QWidget:
        self.window.resize(800, 400)
        self.window.show()
        QApplication.processEvents()
        return self.window


@pytest.fixture
def card(qtbot: QtBot, qapp: QApplication) -> Iterator[Card]:
    Theme.load("light", "glove").wear(qapp)
    yield Card(qtbot)
    Theme.load().wear(qapp)


def test_a_button_that_a_glove_misses_is_found(card: Card) -> None:
    low, flat = secondary("Low"), primary("Issue")
    window = card.put(secondary("Good"), low, flat)
    assert small(window) == []
    low.setFixedHeight(40)
    flat.setFixedHeight(56)
    assert [one.partition(":")[0] for one in small(window)] == ["Low", "Issue"]


def test_a_button_that_a_hand_at_a_desk_misses_is_found(card: Card, qapp: QApplication) -> None:
    Theme.load("light", "desk").wear(qapp)
    low = secondary("Low")
    window = card.put(secondary("Good"), low)
    low.setFixedHeight(22)
    assert [one.partition(":")[0] for one in small(window)] == ["Low"]


def test_rows_that_a_glove_misses_are_found(card: Card) -> None:
    table = QTableView()
    table.setModel(Shelf(table))
    table.setAccessibleName("Shelf")
    table.verticalHeader().setDefaultSectionSize(30)
    assert small(card.put(table)) == ["rows of Shelf: 30"]


def test_two_buttons_that_a_glove_hits_at_once_are_found(card: Card) -> None:
    line = QHBoxLayout()
    line.setSpacing(3)
    for name in ("Book", "Delete"):
        line.addWidget(secondary(name))
    card.column.addLayout(line)
    assert close(card.put(secondary("Far away"))) == ["Book and Delete: 3"]


def test_an_icon_without_a_word_is_found(card: Card) -> None:
    bare = QToolButton()
    bare.setIcon(icon("undo"))
    assert nameless(card.put(secondary("Good"), bare)) == ["QToolButton in QWidget"]


def test_a_field_over_which_nothing_stands_is_found(card: Card) -> None:
    good, bad = QLineEdit(), QLineEdit()
    good.setAccessibleName("Plate")
    bad.setAccessibleName("Odometer")
    assert unlabelled(card.put(QLabel("Plate"), good, bad)) == ["Odometer"]


def test_tab_that_leaps_back_is_found(card: Card) -> None:
    first, second, third = (secondary(name) for name in ("One", "Two", "Three"))
    window = card.put(first, second, third)
    assert out_of_order(window, window) == []
    QWidget.setTabOrder(first, third)
    QWidget.setTabOrder(third, second)
    assert out_of_order(window, window) == ["Three → Two", "Two → One"]


def test_words_without_room_are_found(card: Card) -> None:
    label, button = QLabel("Brake pads front, sintered"), QPushButton("Finish issue and print")
    label.setFixedWidth(60)
    button.setFixedWidth(90)
    assert cut_off(card.put(QLabel("Whole"), label, button)) == ["Brake pads front, sintered", "Finish issue and print"]


def test_a_part_number_with_three_dots_is_found(card: Card) -> None:
    table = QTableView()
    table.setModel(Shelf(table))
    window = card.put(table)
    table.setColumnWidth(0, 400)
    table.setColumnWidth(1, 600)
    assert cut_off(window) == []
    table.setColumnWidth(0, 80)
    assert cut_off(window) == ["BRK-PAD-0042-FRONT in code"]


def test_a_job_number_at_the_end_of_a_line_that_is_cut_is_found(card: Card) -> None:
    table = QTableView()
    table.setModel(Shelf(table))
    window = card.put(table)
    table.setColumnWidth(0, 400)
    table.setColumnWidth(1, 200)
    assert cut_off(window) == ["Brake pads front Ducati 996 · M-20261120-0001 in name"]
    table.setTextElideMode(Qt.TextElideMode.ElideMiddle)
    table.setColumnWidth(1, 440)
    assert cut_off(window) == []


def test_letters_that_nobody_reads_from_two_metres_are_found(card: Card) -> None:
    little = QLabel("fine print")
    font = little.font()
    font.setPixelSize(12)
    little.setFont(font)
    found = tiny(card.put(QLabel("Good"), role(QLabel("A caption"), "caption"), little))
    assert found == ["QLabel in QWidget “fine print”: 12"]


def test_grey_on_grey_is_found(card: Card) -> None:
    pale = QWidget()
    pale.setAutoFillBackground(True)
    pale.setPalette(QPalette(QColor("#6B7075")))
    QVBoxLayout(pale).addWidget(QLabel("Who reads this"))
    found = faint(card.put(QLabel("Everybody reads this"), pale))
    assert [one.partition(":")[0] for one in found] == ["“Who reads this”"]


def test_a_screen_that_shouts_is_found(card: Card) -> None:
    loud = QWidget()
    loud.setAutoFillBackground(True)
    loud.setPalette(QPalette(QColor("#B3261E")))
    loud.setFixedHeight(60)
    calm = coloured(card.put(QLabel("Calm")))
    assert calm <= 0.02 < coloured(card.put(loud))


def test_a_timer_and_a_thread_that_go_on_are_found(card: Card) -> None:
    before = running()
    ends = threading.Event()
    thread = threading.Thread(target=ends.wait, name="left behind")
    timer = QTimer(card.window, interval=60_000)
    thread.start()
    timer.start()
    try:
        assert running() - before == {thread, timer}
    finally:
        ends.set()
        thread.join()
        timer.stop()
    assert running() - before == set()
