"""What every screen promises: a name for all that can be pressed, targets for a glove, no word cut off on the smallest glass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from gates import Strays, close, coloured, cut_off, faint, nameless, out_of_order, running, shown, small, tiny, unlabelled
from PySide6.QtWidgets import QAbstractButton, QWidget
from pytestqt.qtbot import QtBot
from samples import Samples
from shop_floor import Terminal, at_work

from app.access.regaining import Keeper
from app.access.sign_in import Tile as Person
from app.kernel.access import Actor
from app.kernel.entity import Entity
from app.kernel.ids import new_id
from app.kernel.upkeep import SetSetting
from app.payments.model import Payment
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from ui.kit.declared import Board, Flow, FormScreen, ListScreen, PageScreen, Place
from ui.kit.question import Question, Tile
from ui.screens import DECLARED
from ui.shell.opener import PAGES
from world import World

Opens = Callable[[World], Place]
SMALLEST = (1024, 600)
OF: dict[str, type[Entity]] = {"pay": WorkOrder, "hand_over": WorkOrder, "sign": Quote}  # pages that show a record
GATES = (nameless, unlabelled, small, close, cut_off, tiny, faint)
CALM = 0.02  # of a screen where all is well may be coloured (ISA-101: colour is for what is asked or wrong)


def places() -> Iterator[tuple[str, Opens]]:
    """Every declared screen, with a record where it needs one."""
    yield "online", to_pay_online
    for kind in ("home", *(one for one in PAGES if one not in ("photo", "online"))):
        yield kind, lambda world, kind=kind: Place(kind, id=one_of(world, OF[kind]) if kind in OF else None)
    for screen in DECLARED.screens:
        yield from _places_of(screen)


def _places_of(screen: object) -> Iterator[tuple[str, Opens]]:
    match screen:
        case ListScreen():
            yield f"list of {screen.name}", lambda _world: Place("list", screen.name)
            if screen.adds:
                yield f"new {screen.name}", lambda _world: Place("form", screen.entity.__tablename__)
        case PageScreen():
            yield f"page of {screen.name}", lambda world: Place("page", screen.name, one_of(world, screen.entity))
            yield f"change {screen.name}", lambda world: Place("form", screen.name, one_of(world, screen.entity))
        case FormScreen() if screen.of:
            yield f"form {screen.name}", lambda world: Place("form", screen.name, given={screen.of: owner(world, screen.of)})
        case Board():
            yield f"board {screen.id}", lambda _world: Place("board", screen.id)
        case Flow():
            yield f"flow {screen.id}", lambda _world: Place("flow", screen.id)


def to_pay_online(world: World) -> Place:
    """Where the customer pays, with its code on the glass."""
    world.done(SetSetting(key="payments.provider", value="sandbox"))
    return Place("online", id=one_of(world, Payment))


def owner(world: World, field: str) -> UUID:
    """The record that a form belongs to: the job, or one of the kind that the field is named after."""
    return world.order if field == "order" else one_of(world, world.app.registry.entities[field])


def one_of(world: World, entity: type[Entity]) -> UUID:
    """A record of this kind; one is made where there is none."""
    there = world.rows(entity)
    samples: Samples = vars(world).setdefault("samples", Samples(world))  # one, so that no code is given twice
    return there[0].id if there else samples.record(entity)


EVERY = dict(places())


@pytest.fixture
def clerk(full: World, manager: Actor, qtbot: QtBot, tmp_path: Path) -> Callable[..., Any]:
    """Signs the manager in at a window that looks so."""

    @contextmanager
    def at(**look: object) -> Iterator[Terminal]:
        with at_work(full, qtbot.waitUntil, tmp_path, **look) as terminal:
            terminal.window.floor.seat(manager)
            yield terminal

    return at


def visit(terminal: Terminal, opens: Opens) -> None:
    """Opens a screen and waits until it shows what the store says."""
    place = opens(terminal.world)
    terminal.window.floor.go(place)
    terminal.until(terminal.settled)
    screen = terminal.window.floor.screen
    assert screen is not None
    assert screen.place.kind == place.kind


def wrong(terminal: Terminal) -> dict[str, object]:
    """Everything on this screen that would hinder a hand in a glove."""
    window = terminal.window
    filled = [one.accessibleName() for one in shown(window.bar, QAbstractButton) if one.property("role") == "primary"]
    found = {
        "grown": (window.width(), window.height()) if (window.width(), window.height()) != SMALLEST else None,
        "filled": filled if len(filled) > 1 else None,
        **{gate.__name__: gate(window) for gate in GATES},
        "order": [
            leap
            for part in (window.rail, window.scan_line, window.floor.stage, window.bar)
            for leap in out_of_order(window, part)
        ],
    }
    return {name: one for name, one in found.items() if one}


def test_every_screen_fits_a_glove_on_the_smallest_glass(clerk: Callable[..., Any]) -> None:
    found = {}
    with clerk(density="glove", size=SMALLEST) as terminal:
        for name, opens in EVERY.items():
            visit(terminal, opens)
            found[name] = wrong(terminal)
    assert not {name: one for name, one in found.items() if one}


@pytest.mark.parametrize("theme", ["light", "dark", "sun"])
@pytest.mark.parametrize("density", ["desk", "glove"])
def test_every_screen_opens_in_every_look_without_a_warning_and_can_be_read(
    clerk: Callable[..., Any], theme: str, density: str
) -> None:
    with clerk(theme=theme, density=density) as terminal:
        for name, opens in EVERY.items():
            visit(terminal, opens)
            assert (name, nameless(terminal.window), faint(terminal.window)) == (name, [], [])


def test_what_lies_over_a_screen_and_the_door_fit_a_glove_too(clerk: Callable[..., Any]) -> None:
    """Questions of every kind, everything by a few letters, help, a bug, and whoever comes in."""
    found = {}
    with clerk(density="glove", size=SMALLEST) as terminal:
        for name, opens in OVER.items():
            opens(terminal)
            terminal.until(terminal.settled)
            terminal.window.strip.hide()
            found[name] = wrong(terminal)
            terminal.window.floor.back()
            terminal.window.palette_of.leave()
            terminal.window.help.leave()
    assert {name: one for name, one in found.items() if one} == {}


def asks(kind: str) -> Callable[[Terminal], None]:
    tiles = tuple(Tile(word, word, "of the main store room") for word in ("A-01", "A-02", "A-03", "B-01", "B-02"))
    question = Question("Which bin is it?", lambda _answer, _told: None, "Scan it, or touch it.", kind, tiles, entity="bin")
    return lambda terminal: terminal.window.floor.ask(question)


def asks_pin(terminal: Terminal) -> None:
    who = terminal.window.floor.who
    assert who is not None
    terminal.window.floor.lock()
    terminal.window.floor.door.ask_pin(Person(who.id, who.name))


def recovers(terminal: Terminal) -> None:
    terminal.window.floor.lock()
    terminal.window.floor.door._show_code([Keeper(new_id(), name) for name in ("Nora Keller", "Ada Quast")])


OVER: dict[str, Callable[[Terminal], None]] = {
    **{f"a question by {kind}": asks(kind) for kind in ("tiles", "number", "find", "text", "pin")},
    "everything": lambda terminal: terminal.window.palette_of.open(),
    "help": lambda terminal: terminal.window.hands.help(),
    "a bug": lambda terminal: terminal.window.crash.show_report(Path("report-20261120-100000-000000.txt")),
    "a bug is gone on from": lambda terminal: terminal.touch("Go on working"),
    "the pin at the door": asks_pin,
    "the recovery at the door": recovers,
    "the door": lambda terminal: terminal.window.floor.lock(),
}


def test_every_screen_is_grey_where_all_is_well(clerk: Callable[..., Any]) -> None:
    """At a desk with its filled button; on the small glass without it, for a glove's button alone takes more than that."""
    loud = {}
    for look in ({"size": (1280, 800)}, {"density": "glove", "size": SMALLEST}):
        with clerk(**look) as terminal:
            for name, opens in EVERY.items():
                visit(terminal, opens)
                if "density" in look:
                    cover(terminal.window.bar)
                loud[name, look["size"]] = coloured(terminal.window)
    assert {name: share for name, share in loud.items() if share > CALM} == {}


def cover(bar: QWidget) -> None:
    """Takes the filled button away."""
    for button in shown(bar, QAbstractButton):
        if button.property("role") == "primary":
            button.hide()


def test_no_piece_of_a_screen_is_a_window_of_its_own_for_a_moment(clerk: Callable[..., Any]) -> None:
    strays = Strays()
    with clerk() as terminal:
        for opens in EVERY.values():
            visit(terminal, opens)
        for opens in OVER.values():
            opens(terminal)
            terminal.until(terminal.settled)
    assert sorted(set(strays.done())) == []


def test_a_terminal_that_is_closed_leaves_no_thread_and_no_timer(clerk: Callable[..., Any]) -> None:
    before = running()
    with clerk() as terminal:
        for opens in EVERY.values():
            visit(terminal, opens)
    assert [called_back(one) for one in running() - before] == []


def called_back(left: object) -> str:
    return getattr(left, "name", "") or f"{type(left).__name__} of {left.parent()}"  # type: ignore[attr-defined]


def test_no_action_names_a_screen_that_is_not_there() -> None:
    homes = {name for names in DECLARED.homes.values() for name in names}
    assert homes <= {action.id for action in DECLARED.actions}
    for action in DECLARED.actions:
        if action.opens is not None and action.opens.kind == "flow":
            assert DECLARED.flow(action.opens.name) is not None
        if action.opens is not None and action.opens.kind == "list":
            assert DECLARED.list_of(action.opens.name) is not None


def test_no_key_means_two_things() -> None:
    keys = [action.keys for action in DECLARED.actions if action.keys]
    assert len(keys) == len(set(keys))
