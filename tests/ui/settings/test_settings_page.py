"""The settings page: every declared setting is on it by itself, counts at once, is somebody's act and can be taken back."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge

from app.kernel.settings import read_setting
from app.kernel.words import say
from ui.kit.declared import Place
from world import World


@pytest.fixture
def admin(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """An administrator looks at the settings."""
    person = world.person("Ada", "ADM")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(person)
        terminal.window.floor.go(Place("look"))
        terminal.until(terminal.settled)
        yield terminal


def value(terminal: Terminal, key: str, *holders: object) -> object:
    world = terminal.world
    with world.session() as session:
        return read_setting(session, world.app.registry, world.org, key, *holders)  # type: ignore[arg-type]


def test_every_declared_setting_is_on_the_page_at_one_of_its_holders(admin: Terminal) -> None:
    told = admin.words()
    for holder in ("You", "Everywhere"):
        admin.touch(holder)
        admin.until(admin.settled)
        told += admin.words()
    settings = admin.world.app.registry.settings.values()
    assert [one.key for one in settings if say(one.label) not in told] == []


def test_a_number_is_typed_on_the_glass_and_undo_takes_it_back(admin: Terminal) -> None:
    admin.touch("Everywhere")
    admin.touch("Largest adjustment by one person: 50")
    for key in "75":
        admin.touch(key)
    admin.touch("Take this number")
    admin.until(lambda: value(admin, "stock.adjust_limit") == 75)
    admin.until(lambda: "set by Ada" in admin.words())
    admin.window.hands.undo()
    admin.until(lambda: value(admin, "stock.adjust_limit") == 50)


def test_one_place_has_its_own_and_gives_it_up_again(admin: Terminal) -> None:
    site = admin.world.site
    admin.touch("One place…")
    admin.touch("Main workshop")
    admin.touch("Largest adjustment by one person: 50")
    admin.touch("9")
    admin.touch("Take this number")
    admin.until(lambda: value(admin, "stock.adjust_limit", site) == 9)
    assert value(admin, "stock.adjust_limit") == 50
    admin.touch("As elsewhere: 50")
    admin.until(lambda: value(admin, "stock.adjust_limit", site) == 50)


def test_the_printer_of_this_terminal_is_used_from_then_on(admin: Terminal) -> None:
    line = next(one for one in admin.window.findChildren(QLineEdit) if one.accessibleName() == "Label printer")
    QTest.keyClicks(line, "tcp://10.0.0.7")
    QTest.keyClick(line, Qt.Key.Key_Return)
    admin.until(lambda: value(admin, "terminals.printer", admin.world.app.station.id) == "tcp://10.0.0.7")
    admin.until(lambda: admin.window.bench.labels is not None)
    assert admin.window.floor.bench.labels is admin.window.bench.labels


def test_who_may_not_set_them_finds_their_own_and_the_look_of_the_screen(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(world.person("Mika", "MEC"))
        terminal.window.floor.go(Place("look"))
        terminal.until(terminal.settled)
        assert "Label printer" not in terminal.words()
        assert terminal.find("With gloves") is not None
        assert terminal.find("Everywhere") is None
        terminal.touch("You")
        terminal.touch("Language: Deutsch")
        terminal.until(lambda: value(terminal, "terminals.language", terminal.window.floor.who.id) == "de")  # type: ignore[union-attr]


def test_a_chosen_language_is_spoken_from_the_next_sign_in_on(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    from app.kernel.upkeep import ChooseOwn

    mika = world.person("Mika", "MEC")
    world.done(ChooseOwn(key="terminals.language", value="de"), mika)
    text = badge(world, mika)
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.scan(text)
        terminal.until(lambda: terminal.window.floor.who is not None)
        assert terminal.window.floor.who is not None
        assert terminal.window.floor.who.language == "de"


def test_by_keys_alone_the_choice_that_was_made_keeps_them(admin: Terminal) -> None:
    """The page is built anew from what is kept; whoever walks it by Tab goes on where they were."""
    admin.touch("You")
    admin.until(lambda: admin.find("Language: Deutsch") is not None)
    chip = admin.find("Language: Deutsch")
    assert chip is not None
    chip.setFocus()
    QTest.keyClick(chip, Qt.Key.Key_Space)
    admin.until(lambda: value(admin, "terminals.language", admin.window.floor.who.id) == "de")  # type: ignore[union-attr]
    admin.until(admin.settled)
    there = admin.window.focusWidget()
    assert there is not None
    assert "Deutsch" in there.accessibleName()
