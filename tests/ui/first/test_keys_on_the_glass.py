"""A machine without a keyboard is set up by a finger alone: letters, digits and signs are on the glass."""

from __future__ import annotations

from pathlib import Path

import pytest
from gates import close, cut_off, faint, nameless, small
from newcomer import Somebody, at_first_screens
from PySide6.QtCore import QPoint, Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QApplication, QLineEdit
from pytestqt.qtbot import QtBot

from app.kernel.words import speak
from ui.first.shop import ShopStep
from ui.joining.window import JoinWindow
from ui.kit.glasskeys import GlassKeys
from ui.shots_before import NoHub
from ui.theme import Theme

SMALLEST = (1024, 600)


def marks(somebody: Somebody, name: str) -> QLineEdit:
    box = somebody._field(name)
    QTest.mouseClick(box, Qt.MouseButton.LeftButton, pos=QPoint(5, box.height() // 2))
    QApplication.processEvents()
    return box


def taps(somebody: Somebody, text: str) -> None:
    for letter in text:
        if letter.isupper():
            somebody.touches("Capital letters")
        somebody.touches("Space" if letter == " " else letter.lower())


@pytest.mark.parametrize("density", ["glove", "desk"])
def test_a_workshop_and_its_administrator_are_named_by_a_finger_alone(density: str, qtbot: QtBot, tmp_path: Path) -> None:
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil, density=density, size=SMALLEST) as somebody:
        somebody.touches("A new workshop")
        somebody.reads("1 of 5")
        box = marks(somebody, "What it is called")
        box.clear()
        taps(somebody, "Moto Keller 2")
        assert box.text() == "Moto Keller 2"
        somebody.touches("Delete the last letter")
        assert isinstance(somebody.window.step, ShopStep)
        assert somebody.window.step.shop.name == "Moto Keller"
        window = somebody.window
        assert {gate.__name__: gate(window) for gate in (nameless, small, close, cut_off, faint) if gate(window)} == {}
        assert (window.width(), window.height()) == SMALLEST, "the keys make the window no larger"
        somebody.touches("Later")
        marks(somebody, "PIN")
        taps(somebody, "407192")
        assert somebody._field("PIN").text() == "407192"


def test_the_keys_go_with_the_first_key_of_a_real_keyboard(qtbot: QtBot, tmp_path: Path) -> None:
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil) as somebody:
        somebody.touches("A new workshop")
        somebody.reads("1 of 5")
        keys = somebody.window.findChild(GlassKeys)
        assert keys is not None
        marks(somebody, "What it is called")
        assert keys.isVisible()
        QTest.keyClicks(somebody._field("What it is called"), "M")
        assert keys.isHidden()
        marks(somebody, "What it is called")
        assert keys.isHidden(), "who has a keyboard keeps the room"


def test_they_lie_as_the_language_has_them(qtbot: QtBot, tmp_path: Path) -> None:
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil) as somebody:
        speak("de")
        try:
            somebody.window.welcome()
            somebody.touches("Eine neue Werkstatt")
            somebody.reads("1 von 5")
            box = marks(somebody, "Wie sie heißt")
            box.clear()
            for key in ("m", "ü", "ß"):
                somebody.touches(key)
            assert box.text() == "müß"
        finally:
            speak("en")


def test_the_address_of_a_hub_is_written_by_a_finger_too(qtbot: QtBot) -> None:
    Theme.load("light", "glove").wear(QApplication.instance())  # type: ignore[arg-type]
    window = JoinWindow(NoHub(), lambda _bug: None, "counter", first=True)
    window.resize(*SMALLEST)
    window.show()
    qtbot.waitExposed(window)
    box = window._form._hub
    QTest.mouseClick(box, Qt.MouseButton.LeftButton)
    keys = window.findChild(GlassKeys)
    assert keys is not None
    for key in "https://hub.example:8443":
        keys.press(key)
    assert box.text() == "https://hub.example:8443"
    assert (window.width(), window.height()) == SMALLEST
    window.close()
