"""What a job costs: material, hours on the clock and overhead, as accounts have it; shown only to whoever may see it."""

from __future__ import annotations

from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest

from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.problems import Refused
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.labor.finding import HOUR
from app.labor.model import Stint
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.commands import ReceiveStock
from app.work_orders.cost import cost, material, reckoned
from app.work_orders.model import WorkOrder
from world import World


def test_two_hours_and_parts_for_225_with_150_per_cent_overhead_cost_625() -> None:
    """The oracle of the workshop's accounts: 225 + 2 h × 80 + 150 % of the labor."""
    spent = reckoned([Money(225_00)], 2 * HOUR, Money(80_00), 150)
    assert (spent.material, spent.labor, spent.overhead) == (Money(225_00), Money(160_00), Money(240_00))
    assert spent.total == Money(625_00)


def moved(kind: str, quantity: int, minor: int | None, part: Any = None) -> Any:
    price = None if minor is None else Money(minor)
    return SimpleNamespace(kind=kind, part_id=part or PART, quantity=Quantity(quantity), cost=price)


PART = new_id()


@pytest.mark.parametrize(
    ("lines", "spent", "unknown"),
    [
        ([moved("issue", -3, 75_00)], 225_00, 0),
        ([moved("issue", -2, 100), moved("issue", -2, 200)], 600, 0),
        ([moved("issue", -2, 100), moved("return", 2, 999)], 0, 0),  # what came back costs nothing, at whatever price
        ([moved("issue", -2, 100), moved("issue", -2, 200), moved("return", 1, 0)], 450, 0),
        ([moved("issue", -2, 100), moved("reverse", 2, 100)], 0, 0),
        ([moved("issue", -2, 100), moved("return", 1, 100), moved("reverse", -1, 100)], 200, 0),
        ([moved("issue", -1, None)], 0, 1),
        ([moved("issue", -1, None), moved("return", 1, None)], 0, 0),
        ([moved("receipt", 5, 100)], 0, 0),
    ],
)
def test_material_is_what_stays_in_the_vehicle_at_the_cost_it_was_taken_for(lines: list[Any], spent: int, unknown: int) -> None:
    found, missing = material(lines)
    assert (sum(one.minor for one in found), missing) == (spent, unknown)


def test_a_job_costs_its_parts_its_hours_and_the_overhead(world: World) -> None:
    world.done(SetSetting(key="work_orders.overhead", value=150))
    world.done(ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity(1)))
    part = world.save("part", code="DISC", name="Brake disc", cost=75_00)
    world.done(IssuePart(order=world.order, part=part, bin=world.bin, quantity=Quantity(4), reason="extra"))
    world.done(ReturnPart(order=world.order, part=part, bin=world.bin, quantity=Quantity(1)))
    clocked(world, 2)
    with world.session() as session:
        spent = cost(session, session.get_one(WorkOrder, world.order))
    assert spent.total == Money(625_00)
    rows = world.app.ask("order_cost", world.actor, order=world.order).rows
    assert {row["line"]: row["amount"].minor for row in rows[:4]} == {
        "material": 225_00,
        "labor": 160_00,
        "overhead": 240_00,
        "cost": 625_00,
    }


def clocked(world: World, hours: int) -> None:
    """So long on the clock for the job, and a break that is nobody's cost."""
    begun = world.app.clock.now()
    made = {
        "org_id": world.org,
        "made_by": world.actor.id,
        "made_at": begun,
        "stamp": 1,
        "person_id": world.actor.id,
        "day": begun.date(),
    }
    spans = (("job", hours, world.order), ("break", 1, None), ("job", None, world.order))
    with world.app.writer.sessions(info={"orgs": {world.org}}) as session:
        for kind, span, order in spans:
            ended = begun + timedelta(hours=span) if span is not None else None
            session.add(Stint(id=new_id(), kind=kind, order_id=order, started=begun, ended=ended, source="scan", **made))
        world.app.writer.run(session.commit)


def test_who_may_read_jobs_need_not_see_what_they_cost(world: World) -> None:
    mechanic = world.person("Ann", "MEC")
    assert world.app.ask("order_bill", mechanic, order=world.order).rows
    with pytest.raises(Refused) as refused:
        world.app.ask("order_cost", mechanic, order=world.order)
    assert refused.value.problems[0].code == "access.denied"
