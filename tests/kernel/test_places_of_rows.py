"""A grant that holds in one workshop changes nothing that is everybody's, and nothing of the workshop next door."""

from __future__ import annotations

import pytest

from app.kernel.standard import AddNote, SaveRecord
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.parts.commands import TeachCode
from app.work_orders.commands import AddService, CreateOrder, PlanPart
from world import World


def test_a_manager_of_one_store_room_does_not_change_what_is_everybody_s(world: World) -> None:
    world.person("Ada", "ADM")
    manager, admin = (world.person(name, role, place=world.warehouse) for name, role in (("Mo", "MGR"), ("Al", "ADM")))
    price = SaveRecord(entity="part", id=world.part, fields={"price": [900, 1]})
    name = SaveRecord(entity="organisation", id=world.org, fields={"name": ["Moto Keller", "Mine"]})
    limit = SetSetting(key="stock.adjust_limit", value=1_000_000)
    for command, who in ((price, manager), (name, admin), (limit, admin)):
        assert world.codes(command, who) == ["access.out_of_scope"]
        world.done(command)


def test_people_customers_and_codes_are_written_by_who_works_at_one_place(world: World) -> None:
    adviser, keeper = world.person("Eva", "ADV", place=world.site), world.person("Kim", "KEE", place=world.warehouse)
    world.done(SaveRecord(entity="customer", fields={"name": [None, "Nora"]}), adviser)
    world.done(CreateOrder(site=world.site, what="Chain"), adviser)
    world.done(AddNote(entity="part", id=world.part, text="Top shelf"), keeper)
    world.done(TeachCode(part=world.part, code="4006381333931"), keeper)


@pytest.mark.parametrize("which", ["plan", "service", "note"])
def test_what_hangs_on_a_job_is_written_where_the_job_is(world: World, which: str) -> None:
    north = world.save("site", code="N", name="North", zone="Europe/Berlin")
    theirs = world.done(CreateOrder(site=north, what="Chain")).row("work_order")
    adviser = world.person("Eva", "ADV", place=world.site)
    for order, codes in ((world.order, []), (theirs, ["access.out_of_scope"])):
        command = {
            "plan": PlanPart(order=order, part=world.part, quantity=Quantity(3)),
            "service": AddService(order=order, what="Bleed the brakes"),
            "note": AddNote(entity="work_order", id=order, text="Calls back"),
        }[which]
        assert world.codes(command, adviser) == codes
