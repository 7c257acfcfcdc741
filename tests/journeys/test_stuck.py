"""Where people get stuck: a lost badge, a lone administrator at the door, where the data is, and the first screens again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QLineEdit
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, card

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel import recovery
from app.kernel.access import Actor
from app.kernel.room import Room
from app.kernel.settings import SettingValue
from app.parties.model import Customer
from app.terminals import desk
from ui.cli.beginning import Store
from ui.kit.declared import Place
from world import World

PIN, NEW = "407192", "583026"


@pytest.fixture
def boss(world: World) -> Actor:
    return world.person("Nora", "ADM")


@pytest.fixture
def terminal(world: World, boss: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A terminal with a printer that is a file, and with what sets it up."""
    dispatcher = world.app.dispatcher
    dispatcher.station = replace(dispatcher.station, site_id=world.site)
    store = world.app.store  # type: ignore[attr-defined]
    box = SimpleNamespace(failing="")
    here = SimpleNamespace(app=world.app, org_id=world.org, store=store, journal=box, room=Room(store.path))
    begins = Store(here)  # type: ignore[arg-type]
    with at_work(world, qtbot.waitUntil, tmp_path, printer=str(tmp_path / "labels.zpl"), begins=begins) as terminal:
        yield terminal


def types(terminal: Terminal, name: str, text: str) -> None:
    terminal.until(lambda: field(terminal, name) is not None)
    box = field(terminal, name)
    assert box is not None
    box.clear()
    box.setFocus()
    QTest.keyClicks(box, text, delay=1)


def field(terminal: Terminal, name: str) -> QLineEdit | None:
    boxes = terminal.window.findChildren(QLineEdit)
    return next((one for one in boxes if one.isVisible() and one.accessibleName() == name), None)


def test_a_lost_badge_is_two_touches_and_the_new_one_is_printed(terminal: Terminal, boss: Actor, tmp_path: Path) -> None:
    world = terminal.world
    keeper = world.person("Mara", "KEE")
    old = badge(world, keeper)
    terminal.window.floor.seat(boss)
    terminal.window.floor.go(Place("page", "person", keeper.id))
    terminal.until(lambda: terminal.find("Lost badge") is not None)
    terminal.begin()
    terminal.touch("Lost badge")
    terminal.touch("Print a new badge")
    terminal.until((tmp_path / "labels.zpl").exists)
    assert terminal.touches == 2
    terminal.until(terminal.settled)
    terminal.window.floor.lock()
    terminal.scan(old)
    assert "This badge was taken back from Mara." in terminal.words()


def test_a_lone_administrator_comes_back_in_by_the_code_in_the_safe(terminal: Terminal, boss: Actor) -> None:
    world, code = terminal.world, recovery.new_code()
    world.done(SetPin(person=boss.id, verifier=pin_verifier(PIN)))
    store = world.app.store  # type: ignore[attr-defined]

    def keep() -> None:
        with world.app.writer.sessions() as session:
            recovery.keep(session, store.path, recovery.wrap(store.key, code))
            session.commit()

    world.app.writer.run(keep)
    terminal.touch("Badge and PIN lost?")
    types(terminal, "Recovery code", recovery.new_code())
    types(terminal, "New PIN", NEW)
    types(terminal, "The new PIN once more", NEW)
    terminal.touch("Set the new PIN")
    terminal.until(lambda: "This recovery code does not belong to this store." in terminal.words())
    types(terminal, "Recovery code", code)
    terminal.touch("Set the new PIN")
    terminal.until(lambda: terminal.window.floor.who is not None)
    who = terminal.window.floor.who
    assert who is not None
    assert who.name == "Nora"
    assert_nothing_typed_is_left(terminal)


def test_the_code_and_the_pins_are_touched_on_the_glass_alone(terminal: Terminal, boss: Actor) -> None:
    terminal.touch("Badge and PIN lost?")
    for name, keys in (("Recovery code", "XF5G3ZWJ8J0"), ("New PIN", "4071"), ("The new PIN once more", "40")):
        terminal.until(lambda name=name: field(terminal, name) is not None)
        box = field(terminal, name)
        assert box is not None
        QTest.mouseClick(box, Qt.MouseButton.LeftButton)
        for key in keys:
            terminal.touch(key)
        terminal.touch("Delete the last letter")
        assert box.text().replace("-", "") == keys[:-1], name
    code = field(terminal, "Recovery code")
    assert code is not None
    assert code.text() == "XF5G3-ZWJ8J", "in groups, as it stands on paper"


def assert_nothing_typed_is_left(terminal: Terminal) -> None:
    """Neither what stands in the fields nor Ctrl+Z gives the code or the PIN to whoever comes next."""
    terminal.window.floor.lock()
    terminal.touch("Badge and PIN lost?")
    for name in ("Recovery code", "New PIN", "The new PIN once more"):
        terminal.until(lambda name=name: field(terminal, name) is not None)
        box = field(terminal, name)
        assert box is not None
        QTest.keyClick(box, Qt.Key.Key_Z, Qt.KeyboardModifier.ControlModifier)
        assert box.text() == "", name


def test_one_page_says_where_the_data_is_and_writes_the_file_for_support(terminal: Terminal, boss: Actor) -> None:
    terminal.window.floor.seat(boss)
    terminal.window.floor.go(Place("data"))
    terminal.until(lambda: "There is no backup yet." in terminal.words())
    assert "terminal.fettle" in terminal.words()
    terminal.touch("Write a support file")
    terminal.until(lambda: any("The file is" in said for _outcome, said in terminal.heard))
    folder = terminal.world.app.store.path.parent / "support"  # type: ignore[attr-defined]
    assert [one.suffix for one in folder.iterdir()] == [".zip"]


def test_the_first_screens_are_found_again(terminal: Terminal, boss: Actor) -> None:
    world = terminal.world
    terminal.window.floor.seat(boss)
    terminal.window.floor.go(Place("setup"))
    types(terminal, "What it is called", "Keller & Sons")
    terminal.touch("Keep the workshop")
    terminal.until(lambda: bool(terminal.heard))
    terminal.touch("Label printer")
    types(terminal, "Its address", "tcp://192.168.1.50")
    terminal.touch("Keep the printer")
    terminal.until(lambda: len(terminal.heard) > 1)
    assert [(row.key, row.place_id, row.value) for row in world.rows(SettingValue)] == [
        (desk.PRINTER.key, world.app.station.id, "tcp://192.168.1.50")
    ]
    assert [row["name"] for row in world.app.ask("organisation", world.system).rows] == ["Keller & Sons"]


def test_the_test_scans_of_the_scanner_open_nothing(terminal: Terminal, boss: Actor) -> None:
    terminal.window.floor.seat(boss)
    terminal.window.floor.go(Place("setup"))
    terminal.touch("Scanner")
    for count in range(3):
        terminal.shoot(card("DONE"))
        terminal.until(lambda count=count: f"{count + 1} of 3" in terminal.words() or "All three were read." in terminal.words())
    assert "All three were read." in terminal.words()
    assert terminal.window.floor.screen is not None
    assert terminal.window.floor.screen.place.kind == "setup"


def test_a_customer_is_erased_by_a_button_that_is_held(terminal: Terminal, boss: Actor) -> None:
    world = terminal.world
    customer = world.save("customer", name="Wilhelmina Quast", phone="+49 170 5550815")
    terminal.window.floor.seat(boss)
    terminal.window.floor.go(Place("page", "customer", customer))
    terminal.reach("Erase")
    terminal.touch("Erase")
    terminal.until(lambda: terminal.find("They asked for it") is not None)
    tile = terminal.find("They asked for it")
    assert tile is not None
    terminal.touch("They asked for it")
    assert [row.name for row in world.rows(Customer)] == ["Wilhelmina Quast"], "a touch is not enough"
    QTest.mousePress(tile, Qt.MouseButton.LeftButton)
    terminal.until(lambda: [row.name for row in world.rows(Customer)] == ["–"])
