"""What every screen promises: a name for all that can be pressed, targets for a glove, no word cut off on the smallest glass."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtWidgets import QAbstractButton, QAbstractItemView, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QTabBar, QWidget
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.access import Actor
from ui.kit.declared import Flow, FormScreen, ListScreen, PageScreen, Place
from ui.screens import DECLARED
from ui.shell.scanline import Fitting
from world import World

Opens = Callable[[World], Place]
SMALLEST = (1024, 600)
CONTROLS = (QAbstractButton, QLineEdit, QPlainTextEdit, QComboBox, QAbstractItemView)


def places() -> Iterator[tuple[str, Opens]]:
    """Every declared screen, with a record where it needs one."""
    yield "home", lambda _world: Place("home")
    yield "look", lambda _world: Place("look")
    for screen in DECLARED.screens:
        yield from _places_of(screen)


def _places_of(screen: object) -> Iterator[tuple[str, Opens]]:
    match screen:
        case ListScreen():
            yield f"list of {screen.name}", lambda _world: Place("list", screen.name)
            if screen.adds:
                yield f"new {screen.name}", lambda _world: Place("form", screen.entity.__tablename__)
        case PageScreen():
            yield f"page of {screen.name}", lambda world: Place("page", screen.name, world.rows(screen.entity)[0].id)
            yield f"change {screen.name}", lambda world: Place("form", screen.name, world.rows(screen.entity)[0].id)
        case FormScreen() if screen.of:
            yield f"form {screen.name}", lambda world: Place("form", screen.name, given={screen.of: world.order})
        case Flow():
            yield f"flow {screen.id}", lambda _world: Place("flow", screen.id)


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


def shown(window: QWidget, *kinds: type[QWidget]) -> list[QWidget]:
    return [one for kind in kinds for one in window.findChildren(kind) if one.isVisible()]


def own(widget: QWidget) -> bool:
    """Not a part that Qt makes for itself (a scroll button, the corner of a table)."""
    return not widget.objectName().startswith("qt_") and not isinstance(widget.parent(), QTabBar | QLineEdit | QComboBox)


def inside_view(widget: QWidget) -> bool:
    return isinstance(widget.parent(), QAbstractItemView) and not isinstance(widget, QAbstractItemView)


def nameless(window: QWidget) -> list[str]:
    found = [one for one in shown(window, *CONTROLS) if own(one) and not inside_view(one) and not isinstance(one, QTabBar)]
    return [f"{type(one).__name__} in {type(one.parent()).__name__}" for one in found if not one.accessibleName()]


def small(window: QWidget) -> list[str]:
    buttons = [one for one in shown(window, QAbstractButton) if own(one) and one.isEnabled() and not inside_view(one)]
    least = {one: 64 if one.property("role") == "primary" else 48 for one in buttons}
    return [f"{one.accessibleName()}: {one.height()}" for one in buttons if one.height() < least[one] or one.width() < 48]


def cut_off(window: QWidget) -> list[str]:
    """Words that need more room than they have."""
    labels = [one for one in window.findChildren(QLabel) if one.isVisible() and one.text() and not isinstance(one, Fitting)]
    narrow = [one for one in labels if not one.wordWrap() and one.sizeHint().width() > one.width()]
    low = [one for one in labels if one.wordWrap() and one.heightForWidth(one.width()) > one.height() + 1]
    buttons = [one for one in window.findChildren(QAbstractButton) if one.isVisible() and one.text() and own(one)]
    tight = [one for one in buttons if one.sizeHint().width() > one.width()]
    return [one.text() for one in (*narrow, *low, *tight)]


def wrong(terminal: Terminal) -> dict[str, object]:
    """Everything on this screen that would hinder a hand in a glove."""
    window = terminal.window
    filled = [one.accessibleName() for one in shown(window.bar, QAbstractButton) if one.property("role") == "primary"]
    found = {
        "grown": (window.width(), window.height()) if (window.width(), window.height()) != SMALLEST else None,
        "nameless": nameless(window),
        "small": small(window),
        "cut off": cut_off(window),
        "filled": filled if len(filled) > 1 else None,
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
def test_every_screen_opens_in_every_look_without_a_warning(clerk: Callable[..., Any], theme: str, density: str) -> None:
    with clerk(theme=theme, density=density) as terminal:
        for opens in EVERY.values():
            visit(terminal, opens)
            assert not nameless(terminal.window)


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
