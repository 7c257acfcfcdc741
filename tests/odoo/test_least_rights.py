"""The bridge's own user, who is no administrator, may do all that the bridge does."""

from __future__ import annotations

import pytest
from odoo_town import STOCKED, Town

from app.kernel.types import Quantity
from app.odoo.records import OdooMapping
from app.stock.commands import AdjustStock, CountStock, MoveStock
from sync.odoo import coming
from sync.odoo.jsonrpc import JsonRpc
from sync.odoo.side import Side
from sync.odoo.transport import Odoo
from world import World

THERE = STOCKED.thousandths / 1000


@pytest.fixture
def town(hub: World, least: JsonRpc) -> Town:
    """Everything in it goes to Odoo, and is looked at there, as that user."""
    return Town(hub, least)


def test_a_whole_repair_and_every_movement_of_stock_go_to_odoo(town: Town) -> None:
    world, order = town.world, town.job()
    town.issue(order, quantity=3)
    world.done(MoveStock(part=town.parts[1], out=world.bin, into=world.other_bin, quantity=Quantity(5)))
    world.done(CountStock(part=town.parts[2], bin=world.bin, counted=Quantity(17)))
    world.done(AdjustStock(part=town.parts[2], bin=world.bin, change=Quantity(-1), reason="broken"))
    town.hand_over(order)
    town.send()
    assert town.waits() == {}
    assert town.repair(order)["state"] == "done"
    assert (town.in_bin(), town.in_wip()) == (THERE - 3, 0)
    assert (town.in_bin(town.parts[1], world.other_bin), town.in_bin(town.parts[2])) == (5, 16)


def test_what_was_changed_in_odoo_is_read(town: Town, odoo: Odoo) -> None:
    world = town.world
    world.save("setting_value", key="parts.master", value="odoo")
    code = f"DISC-{town.tag}"
    made = {"name": f"Disc {town.tag}", "default_code": code, "type": "consu", "is_storable": True}
    [number] = odoo.call("product.product", "create", vals_list=[made])
    coming.take_in(Side(world.app, world.org, town.odoo, town.places))
    assert number in {row.number for row in world.rows(OdooMapping) if row.entity == "part"}
