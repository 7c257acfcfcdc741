"""A machine that holds nothing becomes a workshop: five screens, each of which may wait, counted in touches."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from counts import Count
from newcomer import Somebody, at_first_screens
from pytestqt.qtbot import QtBot

from app.access.badges import badge_code
from app.access.founding import is_empty, shop_of
from app.access.sign_in import Desk
from app.assemble import Terminal, open_terminal
from app.kernel.access import system
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.scanning import own_code
from app.stock.model import Balance
from ui.scan.burst import ScannerSetup
from ui.shell.outfit import Worn, read_outfit

PIN = "407192"
TEST = own_code("CM", "DONE")
PARTS = "code,name,unit\nBRK-1,Brake pad,pcs\nOIL-1,Oil filter,pcs\n"
STOCK = "part,bin,quantity\nBRK-1,A-01,4\nOIL-1,A-01,12\n"


@pytest.fixture
def somebody(qtbot: QtBot, tmp_path: Path) -> Iterator[Somebody]:
    with at_first_screens(tmp_path / "shop" / "terminal.fettle", qtbot.waitUntil) as somebody:
        yield somebody


def opened(somebody: Somebody) -> Terminal:
    """The store, once the first screens are closed."""
    somebody.window.close()
    somebody.place.close()
    return open_terminal(somebody.store, keeper=KeyKeeper(KeyFile()))


def presents_themselves(somebody: Somebody, badge: str = "") -> None:
    somebody.types("Your name", "Nora Keller")
    somebody.types("PIN", PIN)
    somebody.types("The PIN once more", PIN)
    if badge:
        somebody.scans(badge)
        somebody.reads("Your badge was read.")
    somebody.touches("Make the administrator")
    somebody.reads("Write this recovery code on paper")
    somebody.touches("I have written it down")


def test_all_five_screens_lead_to_an_open_workshop_with_stock_on_its_shelves(
    somebody: Somebody, tmp_path: Path, count: Count
) -> None:
    badge = badge_code()[0]
    somebody.touches("A new workshop")
    somebody.reads("1 of 5")
    somebody.types("What it is called", "Moto Keller")
    somebody.types("Time zone", "Europe/Berlin")
    somebody.touches("Keep the workshop")
    somebody.reads("2 of 5")
    presents_themselves(somebody, badge)
    somebody.reads("3 of 5")
    label = tmp_path / "label.zpl"
    somebody.types("Its address", str(label))
    somebody.touches("Print a test label")
    somebody.reads("Sent. The label carries a code")
    somebody.touches("Keep the printer")
    somebody.reads("4 of 5")
    for _scan in range(3):
        somebody.scans(TEST)
    somebody.reads("All three were read.")
    somebody.touches("Keep the scanner")
    somebody.reads("5 of 5")
    for name, content in (("Parts from a file", PARTS), ("Stock from a file", STOCK)):
        somebody.file = tmp_path / f"{name}.csv"
        somebody.file.write_text(content)
        somebody.touches(name)
        somebody.reads("2 made, 0 changed, 0 refused.")
    somebody.touches("Go on")
    somebody.reads("The workshop is open")
    somebody.touches("Open the terminal")
    assert somebody.window.wants == "open"
    assert label.read_text().startswith("^XA")
    terminal = opened(somebody)
    try:
        shop = shop_of(terminal.app, terminal.org_id)
        assert shop is not None
        assert (shop.name, shop.zone) == ("Moto Keller", "Europe/Berlin")
        desk = Desk(terminal.app)
        tile = desk.badge(badge).needs_pin
        assert tile is not None
        actor = desk.pin(tile.id, PIN).actor
        assert actor is not None
        assert read_outfit(terminal.app, terminal.org_id, Worn("", ScannerSetup(), 0)).printer == str(label)
        with terminal.app.read(actor) as session:
            assert sorted(str(one.on_hand) for one in session.query(Balance)) == ["12", "4"]
    finally:
        terminal.close()
    count("first run, all five screens", "touches", somebody.touched)
    count("first run, all five screens", "scans", somebody.scanned)
    assert somebody.touched <= 20


def test_the_shortest_way_leaves_all_but_the_administrator_for_later(somebody: Somebody, count: Count) -> None:
    somebody.touches("A new workshop")
    somebody.reads("1 of 5")
    somebody.touches("Later")
    presents_themselves(somebody)
    for _screen in range(3):
        somebody.touches("Later")
    somebody.reads("Left for later: The workshop, Label printer, Scanner, Opening stock.")
    somebody.touches("Open the terminal")
    terminal = opened(somebody)
    try:
        assert [one.name for one in Desk(terminal.app).people()] == ["Nora Keller"]
        assert shop_of(terminal.app, terminal.org_id) is not None
    finally:
        terminal.close()
    count("first run, the shortest way", "touches", somebody.touched)
    assert somebody.touched <= 11


def test_without_an_administrator_the_terminal_does_not_open_and_says_so(somebody: Somebody) -> None:
    somebody.touches("A new workshop")
    for _screen in range(5):
        somebody.touches("Later")
    somebody.reads("Nobody can sign in yet")
    somebody.touches("Make the administrator")
    somebody.reads("2 of 5")
    somebody.window.close()
    assert somebody.window.wants == ""
    terminal = opened(somebody)
    try:
        assert is_empty(terminal.app, terminal.org_id)
    finally:
        terminal.close()


def test_what_is_wrong_is_said_where_it_was_typed_and_nothing_is_lost(somebody: Somebody) -> None:
    somebody.touches("A new workshop")
    somebody.types("What it is called", "Moto Keller")
    somebody.types("Time zone", "Berlin")
    somebody.touches("Keep the workshop")
    somebody.reads("“Berlin” is not a time zone that this machine knows.")
    somebody.types("Time zone", "Europe/Berlin")
    somebody.touches("Keep the workshop")
    somebody.reads("2 of 5")
    somebody.types("Your name", "Nora Keller")
    somebody.types("PIN", "123456")
    somebody.types("The PIN once more", "123457")
    somebody.touches("Make the administrator")
    somebody.reads("The two PINs are not the same.")
    somebody.types("The PIN once more", "123456")
    somebody.touches("Make the administrator")
    somebody.reads("is easily guessed")


def test_a_scanner_set_to_another_keyboard_is_heard_out(somebody: Somebody) -> None:
    """Its keys say `FT1>CM>DONE>…` where a US keyboard was expected: it types as on a German one."""
    somebody.touches("A new workshop")
    for _screen in range(3):
        somebody.touches("Later")
    somebody.scans("HELLO")
    somebody.reads("The scanner said “HELLO”")
    for _scan in range(3):
        somebody.scans(TEST.replace(":", ">"))
    somebody.reads("All three were read.")
    somebody.touches("Keep the scanner")
    somebody.reads("5 of 5")
    terminal = opened(somebody)
    try:
        assert read_outfit(terminal.app, terminal.org_id, Worn("", ScannerSetup(), 0)).scanner.layout == "de"
    finally:
        terminal.close()


def test_by_keys_alone_a_workshop_is_begun_and_what_was_wrong_is_put_right(somebody: Somebody) -> None:
    somebody.tabs_to("Deutsch")
    somebody.press(" ")
    somebody.reads("Willkommen bei Fettle")
    somebody.tabs_to("English")
    somebody.press(" ")
    somebody.reads("Welcome to Fettle")
    somebody.tabs_to("A new workshop")
    somebody.press(" ")
    somebody.reads("1 of 5")
    somebody.keys_in("What it is called", " Keller")
    somebody.press("\r")
    somebody.reads("2 of 5")
    somebody.keys_in("Your name", "Nora Keller")
    somebody.keys_in("PIN", PIN)
    somebody.keys_in("The PIN once more", PIN[:-1])
    somebody.press("\r")
    somebody.reads("The two PINs are not the same.")
    somebody.keys_in("The PIN once more", PIN)
    somebody.press("\r")
    somebody.reads("Write this recovery code on paper")
    somebody.tabs_to("I have written it down")
    somebody.press(" ")
    for screen in ("3 of 5", "4 of 5", "5 of 5"):
        somebody.reads(screen)
        somebody.tabs_to("Later")
        somebody.press(" ")
    somebody.reads("The workshop is open")
    somebody.tabs_to("Open the terminal")
    somebody.press(" ")
    somebody.until(lambda: somebody.window.wants == "open")


@pytest.mark.parametrize(("tile", "wants"), [("A terminal of a hub", "join"), ("Only to look around", "demo")])
def test_a_hub_or_the_demo_is_one_touch_and_makes_no_store(somebody: Somebody, tile: str, wants: str) -> None:
    somebody.touches(tile)
    assert somebody.window.wants == wants
    assert not somebody.store.exists()


def test_the_language_is_chosen_before_anything_is_asked_and_what_is_made_speaks_it(somebody: Somebody) -> None:
    somebody.touches("Deutsch")
    somebody.reads("Willkommen bei Fettle")
    somebody.touches("English")
    somebody.reads("Welcome to Fettle")
    somebody.touches("Deutsch")
    somebody.touches("Eine neue Werkstatt")
    somebody.reads("1 von 5")
    somebody.touches("Werkstatt behalten")
    somebody.reads("2 von 5")
    terminal = opened(somebody)
    try:
        shop = shop_of(terminal.app, terminal.org_id)
        assert shop is not None
        assert shop.name == "Unsere Werkstatt"
        roles = terminal.app.ask("roles", system(terminal.org_id)).rows
        assert "Lagerist" in {row["name"] for row in roles}
    finally:
        terminal.close()
