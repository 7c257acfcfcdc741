"""Flash: what was heard can also be seen, and an error stands until somebody has seen it."""

from __future__ import annotations

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QColor
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QPushButton, QWidget

from ui.kit.flash import SHOWN, Announcer, FlashStrip
from ui.kit.sound import Outcome, SilentPlayer, Sounds
from ui.theme import DENSITIES, THEMES, Theme, worn
from ui.theme.contrast import contrast


@pytest.fixture
def window(qapp, qtbot):
    Theme.load().wear(qapp)
    made = QWidget()
    qtbot.addWidget(made)
    made.resize(1024, 600)
    made.show()
    return made


@pytest.fixture
def strip(window):
    return FlashStrip(window)


@pytest.mark.parametrize("theme", THEMES)
@pytest.mark.parametrize("density", DENSITIES)
@pytest.mark.parametrize("outcome", Outcome)
def test_every_outcome_fills_the_width_in_its_tone_with_words_that_can_be_read(qapp, strip, theme, density, outcome):
    Theme.load(theme, density).wear(qapp)
    strip.show_outcome(outcome, "3 × Oil filter")
    ground = strip.grab().toImage().pixelColor(2, 2).name().upper()
    tones = {Outcome.OK: "ok", Outcome.HEARD: "text", Outcome.ASK: "ask", Outcome.DUPLICATE: "warn", Outcome.ERROR: "danger"}
    assert ground == getattr(worn().tokens, tones[outcome]).upper()
    assert contrast(ground, worn().tokens.ground) >= worn().density.contrast
    assert strip.width() == strip.parentWidget().width()
    assert strip._word.font().pixelSize() >= 56


def test_each_outcome_has_its_own_word_and_picture(strip):
    words, pictures = set(), set()
    for outcome in Outcome:
        strip.show_outcome(outcome, "…")
        words.add(strip._word.text())
        pictures.add(strip._picture.pixmap().cacheKey())
    assert len(words) == len(pictures) == len(Outcome)


@pytest.mark.parametrize("outcome", [Outcome.OK, Outcome.HEARD, Outcome.ASK, Outcome.DUPLICATE])
def test_what_went_well_goes_by_itself(strip, outcome):
    strip.show_outcome(outcome, "Saved.")
    assert strip._timer.isActive()
    assert strip._timer.interval() == SHOWN == 1_500
    strip._timer.timeout.emit()
    assert strip.isHidden()


def test_an_error_stands_until_it_is_tapped(strip, qtbot):
    strip.show_outcome(Outcome.OK, "Saved.")
    strip.show_outcome(Outcome.ERROR, "The job is closed.")
    assert not strip._timer.isActive()
    assert strip.standing
    with qtbot.waitSignal(strip.acknowledged, timeout=1_000):
        QTest.mouseClick(strip, Qt.MouseButton.LeftButton)
    assert not strip.standing
    assert strip.isHidden()


def test_the_next_scan_takes_the_place_of_an_error(strip):
    strip.show_outcome(Outcome.ERROR, "The job is closed.")
    strip.show_outcome(Outcome.OK, "3 × Oil filter")
    assert not strip.standing
    assert strip._timer.isActive()


def test_a_flash_does_not_catch_a_tap_that_was_meant_for_what_is_under_it(window, strip, qtbot):
    button, taps = QPushButton("Home", window), []
    button.clicked.connect(lambda: taps.append("home"))
    button.setGeometry(0, 0, 80, 60)
    button.show()
    strip.show_outcome(Outcome.OK, "Saved.")
    QTest.mouseClick(window.windowHandle(), Qt.MouseButton.LeftButton, Qt.KeyboardModifier.NoModifier, QPoint(20, 20))
    assert taps == ["home"]


def test_it_follows_the_window_and_the_theme(qapp, window, strip):
    strip.show_outcome(Outcome.ERROR, "The job is closed.")
    window.resize(800, 600)
    assert strip.width() == 800
    Theme.load("dark", "glove").wear(qapp)
    assert strip.height() == 2 * (48 + 12)
    assert strip.grab().toImage().pixelColor(2, 2) == QColor(worn().tokens.danger)


def test_a_long_sentence_is_shown_whole(strip):
    sentence = "M-20261120-0007 is closed: it takes no more parts. Reopen it, or issue to another order."
    strip.show_outcome(Outcome.ERROR, sentence)
    strip.grab()
    said = strip._said
    assert said.text() == sentence
    assert said.heightForWidth(said.width()) <= strip.height()


def test_announcing_is_heard_and_seen(strip):
    player = SilentPlayer()
    sounds = Sounds(player)
    Announcer(sounds, strip).announce(Outcome.ERROR, "Nobody knows this code.")
    assert sounds.wait(10)
    sounds.close()
    assert player.played == [Outcome.ERROR]
    assert strip.standing
    assert strip.accessibleName() == "Not done: Nobody knows this code."
