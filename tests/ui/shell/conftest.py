"""A terminal with a storekeeper at it."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from world import World


@pytest.fixture
def terminal(world: World, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    keeper = world.person("Mara", "KEE")
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(keeper)
        yield terminal
