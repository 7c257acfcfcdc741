"""A storekeeper of one store room books nothing in another."""

from __future__ import annotations

from app.kernel.types import Quantity
from app.stock.commands import MoveStock, ReceiveStock
from world import World


def test_a_right_in_one_store_room_is_none_in_another(world: World) -> None:
    far = world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store")
    there = world.save("bin", warehouse_id=far.hex, code="F-01")
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    assert world.codes(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(1)), keeper) == []
    assert world.codes(ReceiveStock(part=world.part, bin=there, quantity=Quantity(1)), keeper) == ["access.out_of_scope"]
    assert world.codes(MoveStock(part=world.part, out=world.bin, into=there), keeper) == ["access.out_of_scope"]
    assert world.on_hand() == Quantity(6)
    assert world.on_hand(bin=there) == Quantity(0)


def test_a_supervisor_of_the_whole_workshop_may_sign_it_off(world: World) -> None:
    far = world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store")
    there = world.save("bin", warehouse_id=far.hex, code="F-01")
    keeper, supervisor = world.person("Kim", "KEE", place=world.warehouse), world.person("Sam", "SUP")
    assert world.run(MoveStock(part=world.part, out=world.bin, into=there), keeper, cosigner=supervisor).done
