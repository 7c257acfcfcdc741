"""The first screens promise what every screen does: targets for a glove, names for all, no word cut off on the smallest glass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from gates import Strays, close, coloured, cut_off, faint, nameless, out_of_order, shown, small, tiny, unlabelled
from newcomer import Somebody, at_first_screens
from PySide6.QtWidgets import QAbstractButton, QApplication, QLabel, QMainWindow
from pytestqt.qtbot import QtBot

from app.kernel.store_troubles import damaged
from ui.first.trouble import TroubleWindow
from ui.joining.window import JoinWindow
from ui.shots_before import NoHub, shoot_before
from ui.theme import Theme

SMALLEST = (1024, 600)
GATES = (nameless, unlabelled, small, close, cut_off, tiny, faint)
CALM = 0.02
PIN = "407192"


def wrong(window: QMainWindow, size: tuple[int, int] = SMALLEST) -> dict[str, object]:
    """Everything on this screen that would hinder a hand in a glove."""
    QApplication.processEvents()
    filled = [one.accessibleName() for one in shown(window, QAbstractButton) if one.property("role") == "primary"]
    found = {
        "grown": (window.width(), window.height()) if (window.width(), window.height()) != size else None,
        "filled": filled if len(filled) > 1 else None,
        **{gate.__name__: gate(window) for gate in GATES},
        "order": out_of_order(window, window.centralWidget()),
    }
    return {name: one for name, one in found.items() if one}


def every_screen(somebody: Somebody) -> Iterator[str]:
    """From the first touch to the open workshop, with what may be refused on the way."""
    yield "welcome"
    somebody.touches("A new workshop")
    somebody.reads("1 of 5")
    yield "the workshop"
    somebody.types("Time zone", "Berlin")
    somebody.touches("Keep the workshop")
    somebody.reads("is not a time zone")
    yield "the workshop, refused"
    somebody.touches("Later")
    yield "you"
    somebody.types("Your name", "Nora Keller")
    somebody.types("PIN", PIN)
    somebody.types("The PIN once more", PIN)
    somebody.touches("Make the administrator")
    somebody.reads("Write this recovery code on paper")
    yield "the recovery code"
    somebody.touches("I have written it down")
    somebody.reads("3 of 5")
    yield "printer"
    somebody.touches("Later")
    somebody.scans("HELLO")
    somebody.reads("The scanner said")
    yield "scanner"
    somebody.touches("Later")
    yield "stock"
    somebody.touches("Later")
    somebody.reads("The workshop is open")
    yield "the end"


@pytest.mark.parametrize("density", ["glove", "desk"])
def test_every_first_screen_fits_a_hand_on_the_smallest_glass(density: str, qtbot: QtBot, tmp_path: Path) -> None:
    found = {}
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil, density=density, size=SMALLEST) as somebody:
        for name in every_screen(somebody):
            found[name] = wrong(somebody.window)
    assert {name: one for name, one in found.items() if one} == {}


@pytest.mark.parametrize("theme", ["dark", "sun"])
def test_every_first_screen_can_be_read_in_every_theme(theme: str, qtbot: QtBot, tmp_path: Path) -> None:
    found = {}
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil, theme, "glove") as somebody:
        for name in every_screen(somebody):
            found[name] = faint(somebody.window)
    assert {name: one for name, one in found.items() if one} == {}


def test_the_first_screens_are_grey_where_all_is_well(qtbot: QtBot, tmp_path: Path) -> None:
    """But for the filled button, and where something was refused."""
    loud = {}
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil) as somebody:
        for name in every_screen(somebody):
            loud[name] = coloured(somebody.window)
    assert {name: share for name, share in loud.items() if share > CALM and "refused" not in name} == {}


def test_no_piece_of_a_first_screen_is_a_window_of_its_own_for_a_moment(qtbot: QtBot, tmp_path: Path) -> None:
    strays = Strays()
    with at_first_screens(tmp_path / "terminal.fettle", qtbot.waitUntil) as somebody:
        list(every_screen(somebody))
        assert somebody.window.isActiveWindow()
    assert sorted(set(strays.done())) == []


@pytest.fixture
def wear(qapp: QApplication) -> Iterator[Callable[[str], None]]:
    yield lambda density: Theme.load("light", density).wear(qapp)
    Theme.load().wear(qapp)


@pytest.mark.parametrize("density", ["glove", "desk"])
def test_joining_a_hub_fits_a_hand_too(density: str, wear: Callable[[str], None], qtbot: QtBot) -> None:
    wear(density)
    window = JoinWindow(NoHub(), lambda _bug: None, "counter", first=True)
    window.resize(*SMALLEST)
    window.show()
    qtbot.waitExposed(window)
    asks = wrong(window)
    window._form.submit()
    lacks = wrong(window)
    window.close()
    window.deleteLater()
    assert (asks, lacks) == ({}, {})


@pytest.mark.parametrize("density", ["glove", "desk"])
def test_a_store_that_does_not_open_is_told_of_where_people_look(
    density: str, wear: Callable[[str], None], qtbot: QtBot, tmp_path: Path
) -> None:
    wear(density)
    store = tmp_path / "a folder of the workshop with a long name" / "terminal.fettle"
    window = TroubleWindow(damaged(store).problem, lambda: tmp_path / "support.zip", pytest.fail)
    window.resize(*SMALLEST)
    window.show()
    qtbot.waitExposed(window)
    assert wrong(window) == {}
    touch(window, "Write a support file")
    qtbot.waitUntil(lambda: any("The file is" in one.text() for one in window.findChildren(QLabel)), timeout=10_000)
    assert wrong(window) == {}
    touch(window, "Try again")
    assert window.again
    assert not window.isVisible()
    window.deleteLater()


def touch(window: QMainWindow, name: str) -> None:
    next(one for one in window.findChildren(QAbstractButton) if one.isVisible() and one.accessibleName() == name).click()


def test_there_is_a_picture_of_each_and_it_is_the_same_again(wear: Callable[[str], None], tmp_path: Path) -> None:
    wear("glove")
    for folder in ("once", "again"):
        (tmp_path / folder).mkdir()
        shoot_before(tmp_path / folder, SMALLEST)
    once, again = ({one.name: one.read_bytes() for one in (tmp_path / name).iterdir()} for name in ("once", "again"))
    assert len(once) == 11
    assert once == again
