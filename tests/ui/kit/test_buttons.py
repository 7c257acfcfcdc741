"""Buttons: big enough for the hand, named for the ear, and what destroys has to be held."""

from __future__ import annotations

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QAccessible, QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QWidget

from ui.kit.buttons import HOLD, Button, HoldButton, primary, quiet, secondary
from ui.theme import DENSITIES, Theme, worn


@pytest.fixture(params=DENSITIES)
def density(request, qapp):
    Theme.load("light", request.param).wear(qapp)
    return request.param


@pytest.fixture
def hold(qapp, qtbot):
    Theme.load().wear(qapp)
    button = HoldButton("Cancel job", "cross")
    qtbot.addWidget(button)
    button.resize(220, 52)
    button.show()
    button.heard = []
    button.confirmed.connect(lambda: button.heard.append("confirmed"))
    button.too_short.connect(lambda: button.heard.append("too short"))
    return button


def test_every_button_is_as_big_as_the_density_asks(qtbot, density):
    most, least = {"desk": (38, 38), "glove": (64, 48)}[density]
    finish = primary("Finish job", "check")
    qtbot.addWidget(finish)
    finish.ensurePolished()
    assert min(finish.sizeHint().height(), finish.sizeHint().width()) >= most
    for button in (
        Button("7", button_role="key", name="Seven"),
        secondary("Add"),
        quiet("Undo"),
        HoldButton("Cancel"),
        Button("Mine", button_role="chip"),
    ):
        qtbot.addWidget(button)
        button.ensurePolished()
        assert min(button.sizeHint().height(), button.sizeHint().width()) >= least


def test_a_screen_reader_hears_what_a_button_does(qtbot):
    button = secondary("Print label", "print")
    qtbot.addWidget(button)
    assert QAccessible.queryAccessibleInterface(button).text(QAccessible.Text.Name) == "Print label"
    button.setText("Print 3 labels")
    assert button.accessibleName() == "Print 3 labels"
    key = Button("7", button_role="key", name="Seven")
    qtbot.addWidget(key)
    assert key.accessibleName() == "Seven"


def test_the_icon_follows_the_theme_and_the_density(qapp, qtbot):
    Theme.load("light", "desk").wear(qapp)
    window = QWidget()
    qtbot.addWidget(window)
    button = secondary("Print label", "print", window)
    window.show()
    small, by_day = button.iconSize().height(), button.icon().cacheKey()
    Theme.load("dark", "glove").wear(qapp)
    assert button.iconSize().height() > small
    assert button.icon().cacheKey() != by_day


def test_a_chosen_chip_is_told_by_more_than_its_colour(qapp, qtbot):
    Theme.load().wear(qapp)
    chip = Button("Mine", "check", button_role="chip")
    qtbot.addWidget(chip)
    chip.show()
    calm = chip.grab().toImage()
    chip.setChecked(True)
    chosen = chip.grab().toImage()
    assert calm.pixelColor(8, 8) != chosen.pixelColor(8, 8)
    assert chosen.pixelColor(8, 8) == QColor(worn().tokens.text)  # light on dark instead of dark on light
    assert chip.isCheckable()


def test_a_tap_on_what_destroys_does_nothing_and_says_so(hold):
    QTest.mouseClick(hold, Qt.MouseButton.LeftButton)
    assert hold.heard == ["too short"]
    assert not hold._hold.isActive()
    assert not hold._frames.isActive()


def test_held_for_800_ms_it_acts_once(hold):
    assert HOLD == hold._hold.interval() == 800
    QTest.mousePress(hold, Qt.MouseButton.LeftButton)
    assert hold._hold.isActive()
    hold._hold.timeout.emit()
    QTest.mouseRelease(hold, Qt.MouseButton.LeftButton)
    assert hold.heard == ["confirmed"]
    assert not hold._frames.isActive()


def test_the_space_bar_holds_as_well(hold):
    hold.setFocus()
    QTest.keyPress(hold, Qt.Key.Key_Space)
    hold._hold.timeout.emit()
    QTest.keyRelease(hold, Qt.Key.Key_Space)
    assert hold.heard == ["confirmed"]


def test_how_far_the_hold_has_come_is_seen(hold):
    QTest.mousePress(hold, Qt.MouseButton.LeftButton)
    before = hold.grab().toImage()
    hold._hold.start(1)  # nearly there
    after = hold.grab().toImage()
    spot = (hold.width() // 2, hold.height() - 2 - worn().density.gap // 2)
    assert before.pixelColor(*spot) != after.pixelColor(*spot)
    QTest.mouseRelease(hold, Qt.MouseButton.LeftButton)


def test_a_screen_that_goes_away_lets_go(hold):
    QTest.mousePress(hold, Qt.MouseButton.LeftButton)
    hold.hide()
    assert not hold._hold.isActive()
    assert "confirmed" not in hold.heard
