"""Beside the window the store is backed up, and whoever signs in next is told what happened to it."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from pathlib import Path

import pytest
from killing import Shop, furnished, with_storekeeper
from PySide6.QtWidgets import QLabel
from pytestqt.qtbot import QtBot
from shop_floor import Terminal as Floor
from shop_floor import at_work, card
from sqlalchemy.orm import Session

from app.access.model import Person
from app.assemble import Terminal
from app.kernel import backups, mending
from app.kernel.access import Actor
from app.kernel.caretaker import Caretaker, met
from ui.cli.tended import Tended
from world import World


@pytest.fixture(scope="session")
def workshop(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    return with_storekeeper(furnished(tmp_path_factory.mktemp("tended") / "store"))


@pytest.fixture
def terminal(workshop: Shop, tmp_path: Path) -> Iterator[Terminal]:
    """A store that was damaged, and put back as it was opened."""
    shop = workshop.copied(tmp_path / "store")
    with shop.opened() as before:
        app = before.app
        assert Caretaker(before.store, before.journal, app.writer, lambda: "UTC", app.clock.now).back_up()
    content = bytearray(shop.path.read_bytes())
    content[len(content) // 2] ^= 1
    shop.path.write_bytes(content)
    with shop.opened() as opened:
        yield opened


@pytest.fixture
def floor(terminal: Terminal, qtbot: QtBot, tmp_path: Path) -> Iterator[Floor]:
    world = World(terminal.app, terminal.org_id)
    with at_work(world, qtbot.waitUntil, tmp_path) as floor, closing(Tended(terminal, floor.window)) as tended:
        floor.tended = tended  # type: ignore[attr-defined]
        yield floor


def sit_down(terminal: Terminal, floor: Floor) -> None:
    [person] = World(terminal.app, terminal.org_id).rows(Person)
    floor.window.floor.seat(terminal.app.current(Actor(person.id, person.org_id, person.name)))


def told(terminal: Terminal) -> int:
    with Session(terminal.app.read_engine) as session:
        return len(mending.untold(session))


def test_whoever_signs_in_reads_what_happened_and_says_so(terminal: Terminal, floor: Floor) -> None:
    sit_down(terminal, floor)
    floor.touch("I have read this")
    floor.until(lambda: told(terminal) == 0)
    assert not floor.window.floor.asking


def test_the_done_card_says_so_too_and_cancel_leaves_it_for_the_next(terminal: Terminal, floor: Floor) -> None:
    sit_down(terminal, floor)
    floor.until(lambda: floor.window.floor.asking)
    assert any("was damaged" in label.text() for label in floor.window.findChildren(QLabel) if label.isVisible())
    floor.scan(card("CANCEL"))
    assert told(terminal) == 1
    floor.window.floor.lock()
    sit_down(terminal, floor)
    floor.until(lambda: floor.window.floor.asking)
    floor.scan(card("DONE"))
    floor.until(lambda: told(terminal) == 0)


def test_who_leaves_leaves_a_backup_behind(terminal: Terminal, floor: Floor, monkeypatch: pytest.MonkeyPatch) -> None:
    left = []
    monkeypatch.setattr(floor.tended.caretaker, "left", lambda: left.append(True))  # type: ignore[attr-defined]
    sit_down(terminal, floor)
    floor.window.floor.lock()
    assert left == [True]


def test_damage_that_is_met_stays_on_the_screen(terminal: Terminal, floor: Floor) -> None:
    floor.tended._met.emit(met())  # type: ignore[attr-defined]
    floor.until(lambda: "cannot be read any more" in floor.window.toast.sentence)


def test_the_caretaker_works_while_the_window_stands(terminal: Terminal, floor: Floor) -> None:
    for old in backups.backups(terminal.store.path):
        old.path.unlink()
    floor.tended.start(0)  # type: ignore[attr-defined]
    floor.until(lambda: len(backups.backups(terminal.store.path)) == 1)
