"""What every test may ask for: an empty store, and a small workshop on one."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

import pytest

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_QPA_PLATFORMTHEME"] = ""

from world import World, open_app

pytest_plugins = ["postgres_fixture"] if (Path(__file__).parent / "postgres_fixture.py").exists() else []


@pytest.fixture
def bare(tmp_path: Path) -> Iterator[World]:
    """An empty store that nobody has set up."""
    world = World(open_app(tmp_path / "store" / "terminal.fettle"))
    yield world
    world.close()


@pytest.fixture
def world(bare: World) -> World:
    """A workshop with five parts and a job."""
    return bare.furnish()
