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
from world import World


@pytest.fixture
def manager(world: World) -> Actor:
    return world.person("Stefan", "MGR")


@pytest.fixture
def full(world: World) -> World:
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


@pytest.fixture
def terminal(world: World, manager: Actor, qtbot: QtBot, tmp_path: Path) -> Iterator[Terminal]:
    """A manager is signed in."""
    with at_work(world, qtbot.waitUntil, tmp_path) as terminal:
        terminal.window.floor.seat(manager)
        yield terminal
