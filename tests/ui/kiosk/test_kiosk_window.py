"""A kiosk's window: neither a key nor the desktop closes it; whoever may, leaves it with their PIN."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from ui.kiosk.awake import Means, means
from ui.kiosk.guard import Guard, let_go
from ui.kiosk.heart import leave
from ui.kit.declared import Place
from world import World

PIN = "407192"


@pytest.fixture
def keeper_of_terminals(world: World) -> Actor:
    person = world.person("Nora", "ADM")
    world.done(SetPin(person=person.id, verifier=pin_verifier(PIN)))
    return person


@pytest.fixture
def left() -> list[bool]:
    return []


@pytest.fixture
def terminal(world: World, qtbot: QtBot, qapp: QApplication, tmp_path: Path, left: list[bool]) -> Iterator[Terminal]:
    with at_work(world, qtbot.waitUntil, tmp_path, leave=lambda: left.append(True)) as terminal:
        Guard(terminal.window, qapp)
        yield terminal
        let_go(qapp)


def type_pin(terminal: Terminal, pin: str) -> None:
    terminal.until(lambda: terminal.question is not None)
    for digit in pin:
        terminal.touch(digit)
    terminal.touch("Take this PIN")


def test_a_kiosk_fills_the_screen_and_is_not_closed(terminal: Terminal, qapp: QApplication) -> None:
    assert terminal.window.isFullScreen()
    assert not terminal.window.close()
    assert terminal.window.isVisible()


def test_made_small_it_fills_the_screen_again(terminal: Terminal) -> None:
    terminal.window.showNormal()
    terminal.until(terminal.window.isFullScreen)


def test_whoever_looks_after_terminals_leaves_with_their_pin(
    terminal: Terminal, keeper_of_terminals: Actor, left: list[bool]
) -> None:
    terminal.window.floor.seat(keeper_of_terminals)
    terminal.window.floor.go(Place("leave"))
    terminal.touch("Leave the full screen")
    type_pin(terminal, "111111")
    terminal.until(lambda: "PIN" in terminal.heard[-1][1] if terminal.heard else False)
    assert left == []
    type_pin(terminal, PIN)
    terminal.until(lambda: left == [True])


def test_nobody_else_is_offered_the_way_out(terminal: Terminal, world: World) -> None:
    terminal.window.floor.seat(world.person("Mara", "KEE"))
    terminal.window.floor.go(Place("leave"))
    assert terminal.find("Leave the full screen") is None


def test_told_to_end_by_the_system_it_closes(terminal: Terminal, qapp: QApplication) -> None:
    leave(qapp)
    assert not terminal.window.isVisible()


def test_a_window_that_is_no_kiosk_has_no_way_out_of_one(world: World, qtbot: QtBot, tmp_path: Path) -> None:
    with at_work(world, qtbot.waitUntil, tmp_path) as plain:
        assert "kiosk.leave" not in [one.id for one in plain.window.bench.declared.actions]


EVERYTHING = {"DISPLAY": ":0"}
CHOICES = [
    ("linux", EVERYTHING, ["systemd-inhibit", "xset"], "a desktop with systemd"),
    ("linux", {}, ["systemd-inhibit"], "a desktop without X"),
    ("darwin", {}, ["caffeinate"], "a Mac"),
]


@pytest.mark.parametrize(("platform", "around", "programs", "where"), CHOICES)
def test_each_system_keeps_its_screen_on_by_its_own_means(
    platform: str, around: dict[str, str], programs: list[str], where: str
) -> None:
    chosen = means(4711, platform, lambda name: f"/usr/bin/{name}", around)
    assert [command[0] for command in (*chosen.held, *chosen.once)] == programs, where
    assert all("4711" in " ".join(command) for command in chosen.held), "it ends with the kiosk, however that ends"


def test_windows_is_asked_itself_and_a_bare_system_has_no_means() -> None:
    assert means(1, "win32") == Means(asked=True)
    assert not means(1, "linux", lambda _name: None, EVERYTHING).any
    assert not means(1, "darwin", lambda _name: None).any
