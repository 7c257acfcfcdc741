"""A workshop with something on every screen, and people of several roles."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot
from shop_floor import Terminal, at_work

from app.kernel.access import Actor
from app.kernel.standard import SaveMany
from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.terminals.commands import EnrolTerminal, InviteTerminal, invitation_of
from world import World, copied, open_app


@pytest.fixture
def manager(world: World) -> Actor:
    return world.person("Stefan", "MGR")


def filled(world: World) -> World:
    """Customers, vehicles, many parts, and a job with a vehicle."""
    owner = world.save("customer", name="Anna Schubert", phone="+49 171 5550199", city="Aachen")
    world.save("vehicle", customer_id=owner.hex, make="Ducati", model="996 Biposto", plate="AC-DU 996", odometer=41200)
    filters = [{"code": f"1{number:04d}-A", "name": f"Oil filter {number} for four-stroke engines"} for number in range(230)]
    world.done(SaveMany(entity="part", rows=filters))
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(3)))
    fluid = world.save("part", code="DOT4", name="Brake fluid", tracking="lot")
    world.done(ReceiveStock(part=fluid, bin=world.other_bin, quantity=Quantity(4), lot="L2026-118"))
    invited = world.done(InviteTerminal(code_hash="0" * 64, site=world.site))
    world.done(EnrolTerminal(invitation=invitation_of(invited.id), public_key="0" * 64, name="Counter", site=world.site))
    return world


@pytest.fixture(scope="session")
def full_store(tmp_path_factory: pytest.TempPathFactory, furnished_store: tuple[Path, World]) -> tuple[Path, World]:
    """A folder with the store of a full workshop, closed: it is filled once, and each test works on a copy."""
    folder, closed = furnished_store
    path = copied(folder, tmp_path_factory.mktemp("full") / "store")
    world = filled(closed.reopened(open_app(path, station=closed.app.station)))
    world.close()
    return path.parent, world


@pytest.fixture
def world(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[World]:
    """A workshop with five parts and a job, and where a test asks for a full one, with all that is in that."""
    folder, closed = request.getfixturevalue("full_store" if "full" in request.fixturenames else "furnished_store")
    world = closed.reopened(open_app(copied(folder, tmp_path / "store"), station=closed.app.station))
    yield world
    world.close()


@pytest.fixture
def full(world: World) -> World:
    """Customers, vehicles, many parts, and a job with a vehicle."""
    return world


@pytest.fixture
def terminal(world: World, manager: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A manager is signed in."""
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(manager)
        yield terminal
