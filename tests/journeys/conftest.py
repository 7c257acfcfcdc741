"""What every journey begins with: a workshop, a storekeeper with a badge, and a terminal."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work, badge, code

from app.kernel.access import Actor
from world import World


@pytest.fixture
def keeper(world: World) -> Actor:
    return world.person("Mara", "KEE")


@pytest.fixture
def terminal(world: World, keeper: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """Nobody is signed in yet."""
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        yield terminal


@pytest.fixture
def at_issue(terminal: Terminal, keeper: Actor) -> Terminal:
    """The storekeeper is signed in and the job tag was scanned."""
    terminal.scan(badge(terminal.world, keeper))
    terminal.scan(code("WO", terminal.world.order))
    terminal.begin()
    return terminal
