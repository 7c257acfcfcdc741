"""Favourites: a search offers first what was handled lately, and on a job what other jobs on that model took."""

from __future__ import annotations

import pytest

from app.kernel.standard import SaveMany
from app.kernel.types import Quantity
from app.parts.model import Part
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder
from world import World

MANY = 120


@pytest.fixture
def shelf(world: World) -> World:
    rows = [{"code": f"BZ-{place:03}", "name": f"Bushing {place}"} for place in range(MANY)]
    world.done(SaveMany(entity="part", rows=rows))
    return world


def part(world: World, code: str) -> Part:
    return next(row for row in world.rows(Part) if row.code == code)


def first(world: World, sought: str, **how: object) -> list[str]:
    return [one.title for one in world.app.find(sought, world.actor, "part", **how)][:2]  # type: ignore[arg-type]


def on_a_job(world: World, model: str, plate: str) -> CreateOrder:
    customer = world.save("customer", name="Herr Bremer", phone=f"07{plate}")
    vehicle = world.save("vehicle", customer_id=customer.hex, make="KTM", model=model, plate=plate)
    return CreateOrder(site=world.site, what="Front axle", customer=customer, vehicle=vehicle)


def test_what_was_handled_last_comes_first(shelf: World) -> None:
    assert first(shelf, "bushing") == ["Bushing 0", "Bushing 1"]
    for code in ("BZ-077", "BZ-113"):
        shelf.done(ReceiveStock(part=part(shelf, code).id, bin=shelf.bin, quantity=Quantity(2)))
    assert first(shelf, "bush") == ["Bushing 113", "Bushing 77"]
    assert first(shelf, "bushing 77")[0] == "Bushing 77"
    assert first(shelf, "bushing 78") == ["Bushing 78"]


def test_what_was_taken_out_of_use_is_nobodys_favourite(shelf: World) -> None:
    shelf.gone("part", shelf.parts[0])
    assert shelf.app.find("PT-0", shelf.actor, "part") == []


def test_on_a_job_come_first_the_parts_that_its_model_took_before(shelf: World) -> None:
    for code in ("BZ-050", "BZ-060"):
        shelf.done(ReceiveStock(part=part(shelf, code).id, bin=shelf.bin, quantity=Quantity(9)))
    before = shelf.done(on_a_job(shelf, "890 Duke", "S-KT 1")).row("work_order")
    shelf.done(IssuePart(order=before, part=part(shelf, "BZ-050").id, bin=shelf.bin, reason="needed"))
    other = shelf.done(on_a_job(shelf, "390 Adventure", "S-KT 2")).row("work_order")
    shelf.done(IssuePart(order=other, part=part(shelf, "BZ-060").id, bin=shelf.bin, reason="needed"))
    now = shelf.done(on_a_job(shelf, "890 Duke", "S-KT 3")).row("work_order")
    assert first(shelf, "bushing") == ["Bushing 60", "Bushing 50"]
    assert first(shelf, "bushing", near=now) == ["Bushing 50", "Bushing 60"]
    assert first(shelf, "bushing", near=shelf.order) == ["Bushing 60", "Bushing 50"]
