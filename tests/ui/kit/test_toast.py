"""Toast: a message is there to be read and never in the way."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from ui.kit.toast import Toast
from ui.theme import Theme, worn


@pytest.fixture
def area(qapp, qtbot):
    Theme.load("light", "glove").wear(qapp)
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(900, 400)
    made.show()
    return made


@pytest.fixture
def toast(area):
    return Toast(area)


def test_it_stands_at_the_bottom_and_moves_nothing(area, toast):
    below = QPushButton("Return part", area)
    below.setGeometry(300, 340, 200, 52)
    below.show()
    before = below.geometry()
    toast.show_message("Printed 3 labels.", "ok")
    assert toast.sentence == "Printed 3 labels."
    assert toast.geometry().bottom() < area.height()
    assert area.height() - toast.geometry().bottom() <= 2 * worn().density.gap
    assert below.geometry() == before


def test_a_tap_that_was_under_way_goes_to_what_is_under_the_message(area, toast):
    taps = []
    below = QPushButton("Return part", area)
    below.setGeometry(0, 300, 900, 100)
    below.clicked.connect(lambda: taps.append("return"))
    below.show()
    toast.show_message("The printer in bay 2 does not answer.", "danger")
    where = QPoint(450, toast.geometry().center().y())

    def tap() -> None:
        QTest.mouseClick(area.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, where)

    tap()
    assert taps == ["return"]
    toast._aimed.timeout.emit()  # it has been there long enough to be aimed at
    tap()
    assert taps == ["return"]
    assert toast.sentence == ""


def test_a_long_sentence_stands_longer_and_is_shown_whole(toast):
    toast.show_message("Saved.")
    short = toast._life.interval()
    sentence = "The printer in bay 2 does not answer. " * 4
    toast.show_message(sentence)
    assert toast._life.interval() > short >= 4_000
    label = toast._sentence
    toast.grab()
    assert label.heightForWidth(label.width()) <= toast.height()


def test_trouble_stands_until_it_is_cleared_or_replaced(toast):
    toast.show_message("The disk is full.", "danger")
    assert not toast._life.isActive()
    toast.show_message("Saved.", "ok")
    assert toast._life.isActive()
    toast._life.timeout.emit()
    assert toast.sentence == ""
    assert not toast._aimed.isActive()


def test_it_follows_the_area_and_the_theme(qapp, area, toast):
    toast.show_message("Saved.", "ok")
    area.resize(500, 300)
    assert area.rect().contains(toast.geometry())
    Theme.load("dark", "desk").wear(qapp)
    assert area.rect().contains(toast.geometry())
