"""What every test may ask for: an empty store, and a small workshop on one."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from sqlalchemy import URL

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["QT_QPA_PLATFORMTHEME"] = ""

from app.kernel import postgres as server
from app.migrations import upgrade
from world import World, copied, open_app, open_hub

pytest_plugins = ["postgres_fixture", "odoo_fixture", "counts"]


@pytest.fixture(scope="session")
def empty_store(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A folder with a store that nobody has set up, made once: a copy is there in a few milliseconds."""
    path = tmp_path_factory.mktemp("empty") / "terminal.fettle"
    World(open_app(path)).close()
    return path.parent


@pytest.fixture(scope="session")
def furnished_store(tmp_path_factory: pytest.TempPathFactory, empty_store: Path) -> tuple[Path, World]:
    """A folder with a workshop's store, and the workshop it was when it was closed."""
    path = copied(empty_store, tmp_path_factory.mktemp("furnished") / "store")
    world = World(open_app(path)).furnish()
    world.close()
    return path.parent, world


@pytest.fixture
def bare(tmp_path: Path, empty_store: Path) -> Iterator[World]:
    """An empty store that nobody has set up."""
    world = World(open_app(copied(empty_store, tmp_path / "store")))
    yield world
    world.close()


@pytest.fixture
def world(tmp_path: Path, furnished_store: tuple[Path, World]) -> Iterator[World]:
    """A workshop with five parts and a job."""
    folder, closed = furnished_store
    world = closed.reopened(open_app(copied(folder, tmp_path / "store"), station=closed.app.station))
    yield world
    world.close()


@pytest.fixture(scope="session")
def postgres_tables() -> Callable[[URL], None]:
    """The template that every test's PostgreSQL database is copied from stands at the newest step of the history."""

    def make(url: URL) -> None:
        engine = server.owner_engine(url)
        upgrade(engine)
        engine.dispose()

    return make


@pytest.fixture
def hub(postgres: URL) -> Iterator[World]:
    """An empty hub: the same App on PostgreSQL."""
    world = World(open_hub(postgres))
    yield world
    world.close()


@pytest.fixture(params=["sqlite", "postgresql"])
def anywhere(request: pytest.FixtureRequest) -> World:
    """Nobody set this up yet: a terminal's store, and then a hub's database."""
    return request.getfixturevalue("bare" if request.param == "sqlite" else "hub")
