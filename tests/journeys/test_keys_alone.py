"""Everything can be done without a mouse and without the glass: every screen is reached by keys, and everything on it too."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from gates import called, controls
from PySide6.QtCore import Qt
from PySide6.QtGui import QShortcut
from PySide6.QtTest import QTest
from PySide6.QtWidgets import QAbstractItemView, QWidget
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from app.kernel.types import Quantity
from app.parts.model import Part
from app.stock.commands import ReceiveStock
from ui.kit.declared import PageScreen, Place
from ui.screens import DECLARED
from ui.shell.offers import key_of, offers
from world import World

PIN = "407192"
MOST = 120  # presses of Tab after which nobody looks any further


@pytest.fixture
def manager(world: World) -> Actor:
    person = world.person("Stefan", "MGR")
    world.done(SetPin(person=person.id, verifier=pin_verifier(PIN)))
    return person


@pytest.fixture
def terminal(world: World, manager: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A workshop with a record of each kind; nobody is signed in."""
    owner = world.save("customer", name="Anna Schubert")
    world.save("vehicle", customer_id=owner.hex, make="Ducati", model="996", plate="AC-DU 996")
    fluid = world.save("part", code="DOT4", name="Brake fluid", tracking="lot")
    world.done(ReceiveStock(part=fluid, bin=world.other_bin, quantity=Quantity(4), lot="L2026-118"))
    with at_work(world, qtbot.waitUntil, tmp_path, size=(1024, 600)) as terminal:
        yield terminal


def key(terminal: Terminal, *keys: Qt.Key) -> None:
    """Presses keys where the cursor is."""
    for one in keys:
        QTest.keyClick(terminal.window.focusWidget() or terminal.window, one)


def shortcut(terminal: Terminal, words: str) -> None:
    """Off-screen no window is ever the active one, so that Qt hands shortcuts to nobody: this is what it would call."""
    found = {one.key().toString(): one for one in terminal.window.findChildren(QShortcut)}
    found[words].activated.emit()


def tab_to(terminal: Terminal, name: str, kind: type[QWidget] = QWidget) -> QWidget:
    """Tab, until the cursor is on what is called so."""
    for _press in range(MOST):
        key(terminal, Qt.Key.Key_Tab)
        here = terminal.window.focusWidget()
        if isinstance(here, kind) and here.accessibleName().startswith(name):
            return here
    raise AssertionError(f"Tab never came to {name}")


def round_trip(terminal: Terminal) -> list[QWidget]:
    """Everything that Tab comes to, once round."""
    seen: list[QWidget] = []
    for _press in range(MOST):
        key(terminal, Qt.Key.Key_Tab)
        here = terminal.window.focusWidget()
        if here is None or here in seen:
            break
        seen.append(here)
    return seen


def missed(terminal: Terminal) -> list[str]:
    """What can be pressed or filled in and Tab never comes to; keys of a pad are typed, rows without a cursor found by name."""
    reached = round_trip(terminal)
    left = [one for one in controls(terminal.window) if one.isEnabled() and one not in reached]
    rows = (QAbstractItemView,)
    return [called(one) for one in left if one.property("role") != "key" and not isinstance(one, rows)]


def sign_in(terminal: Terminal, name: str) -> None:
    """To one's own tile, and the PIN."""
    terminal.until(lambda: terminal.find(name) is not None)
    tab_to(terminal, name)
    key(terminal, Qt.Key.Key_Space)
    QTest.keyClicks(terminal.window.focusWidget(), PIN)
    key(terminal, Qt.Key.Key_Return)
    terminal.until(lambda: terminal.window.floor.who is not None)
    terminal.until(terminal.settled)


def pick(terminal: Terminal, wanted: str) -> None:
    """In the palette: the title of a screen, down to it where others fit as well, and Enter."""
    palette = terminal.window.palette_of
    shortcut(terminal, "Ctrl+K")
    offer = next(one for one in offers(terminal.window.floor.bench, None) if one.key == wanted)
    QTest.keyClicks(palette.box, offer.title)
    terminal.until(lambda: terminal.settled() and not palette._pause.isActive())
    terminal.until(terminal.settled)
    rows = palette.list._words.rows
    for _step in range(next(place for place, (_said, one) in enumerate(rows) if one is not None and one.key == wanted)):
        QTest.keyClick(palette.box, Qt.Key.Key_Down)
    QTest.keyClick(palette.box, Qt.Key.Key_Return)
    terminal.until(terminal.settled)


def test_every_screen_is_reached_and_walked_by_keys_alone(terminal: Terminal) -> None:
    sign_in(terminal, "Stefan")
    keys = [one.key for one in offers(terminal.window.floor.bench, None) if ":" in one.key or one.key == "home"]
    places = [one for one in keys if one.split(":")[0] in ("home", "list", "form", "flow", "look", "attention", "sync")]
    assert len(places) > 15
    cut_off = {}
    for place in places:
        if key_of(terminal.window.floor.screen.place) != place:  # type: ignore[union-attr]
            pick(terminal, place)
        screen = terminal.window.floor.screen
        assert screen is not None
        assert key_of(screen.place) == place
        cut_off[place] = missed(terminal)
    assert {place: names for place, names in cut_off.items() if names} == {}
    assert terminal.touches == 0


def test_every_record_is_opened_from_its_list_and_walked_by_keys_alone(terminal: Terminal) -> None:
    sign_in(terminal, "Stefan")
    cut_off, pages = {}, [one for one in DECLARED.screens if isinstance(one, PageScreen)]
    for page in pages:
        if DECLARED.list_of(page.name) is None or not terminal.world.rows(page.entity):
            continue
        terminal.window.floor.go(Place("list", page.name))
        terminal.until(terminal.settled)
        if terminal.window.floor.screen.table.rows.total == 0:  # type: ignore[union-attr]
            continue
        tab_to(terminal, terminal.window.floor.screen.title, QAbstractItemView)  # type: ignore[union-attr]
        key(terminal, Qt.Key.Key_Down, Qt.Key.Key_Up, Qt.Key.Key_Return)
        terminal.until(terminal.settled)
        screen = terminal.window.floor.screen
        assert screen is not None
        assert (screen.place.kind, screen.place.name) == ("page", page.name)
        cut_off[page.name] = missed(terminal)
    assert len(cut_off) > 4
    assert {name: names for name, names in cut_off.items() if names} == {}
    assert terminal.touches == 0


def test_a_part_is_made_and_changed_by_keys_alone(terminal: Terminal) -> None:
    sign_in(terminal, "Stefan")
    pick(terminal, "form:part")
    for name, text in (("Code", "CHN-520"), ("Name", "Chain 520")):
        QTest.keyClicks(tab_to(terminal, name), text)
    tab_to(terminal, "Save")
    key(terminal, Qt.Key.Key_Space)
    terminal.until(lambda: "CHN-520" in [part.code for part in terminal.world.rows(Part)])
    terminal.until(terminal.settled)
    tab_to(terminal, "Change part")
    key(terminal, Qt.Key.Key_Space)
    terminal.until(terminal.settled)
    tab_to(terminal, "Name")
    key(terminal, Qt.Key.Key_End)  # Tab has marked it all
    QTest.keyClicks(terminal.window.focusWidget(), ", 118 links")
    shortcut(terminal, "Ctrl+Return")
    terminal.until(lambda: "Chain 520, 118 links" in [part.name for part in terminal.world.rows(Part)])
    assert terminal.touches == 0


def test_tab_comes_to_every_name_at_the_door(terminal: Terminal) -> None:
    terminal.until(lambda: terminal.find("Stefan") is not None)
    assert missed(terminal) == []
