"""Whatever call to Odoo is cut off, before it was sent or with its answer lost: after the next try there is one of each."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

import pytest
from counts import Count
from odoo_town import STOCKED, Cut, Town

from app.kernel.types import Quantity
from app.parts_issue.commands import ReturnPart
from app.stock.commands import CountStock, MoveStock, ReceiveStock
from app.work_orders.model import WorkOrder
from sync.odoo.errors import Away
from sync.odoo.transport import Odoo
from world import World

THERE = STOCKED.thousandths / 1000
FEW = 4  # cuts of the ordinary check
MANY = 200  # and of the proof, at least
OTHERS = ((True, 3), (False, 1), (True, 2))  # how the second cut of a round follows the first


@dataclass(frozen=True)
class Told:
    """A day's work that nobody has told Odoo of yet."""

    order: UUID
    part: UUID
    other: UUID


def day(town: Town) -> Told:
    """A new customer's job from the door to the hand-over, with parts that are new, moved and counted."""
    world = town.world
    town.tag = f"{town.tag.partition('.')[0]}.{len(world.rows(WorkOrder))}"
    town.customer = world.save("customer", name=f"Ada {town.tag}")
    town.vehicle = world.save("vehicle", customer_id=town.customer.hex, make="BMW", model="R 1250 GS", vin=f"V{town.tag}")
    part, other = town.part("P"), town.part("Q")
    order = town.job()
    town.issue(order, part, 3)
    world.done(ReturnPart(order=order, part=part, bin=world.bin, quantity=Quantity(1)))
    world.done(MoveStock(part=other, out=world.bin, into=world.other_bin, quantity=Quantity(5)))
    world.done(CountStock(part=other, bin=world.bin, counted=Quantity(14)))
    world.done(ReceiveStock(part=other, bin=world.bin, quantity=Quantity(2)))
    town.hand_over(order)
    return Told(order, part, other)


def agrees(town: Town, told: Told) -> None:
    """One of each, posted, and not a piece too many or too few."""
    assert town.waits() == {}
    repair = town.repair(told.order)
    assert repair["state"] == "done"
    assert len(town.odoo.search_read("repair.order", [("partner_id", "=", repair["partner_id"][0])], ["name"])) == 1
    assert len(town.odoo.search_read("stock.lot", [("name", "=", f"V{town.tag}")], ["name"])) == 1
    assert len(town.odoo.search_read("res.partner", [("name", "=", f"Ada {town.tag}")], ["name"])) == 1
    assert [(row["state"], row["quantity"]) for row in town.moves(("id", "in", repair["move_ids"]))] == [("done", 2)]
    assert [row["quantity"] for row in town.transfers_of(told.part)] == [THERE, 3, 1]
    assert sorted(row["quantity"] for row in town.transfers_of(told.other)) == [1, 2, 5, THERE]
    assert (town.in_bin(told.part), town.in_wip(told.part)) == (THERE - 2, 0)
    assert (town.in_bin(told.other), town.in_bin(told.other, town.world.other_bin)) == (16, 5)


def tried(town: Town, at: int, *, done: bool) -> Cut:
    """A pass over a line that is cut at a call."""
    line = Cut(town.odoo, at, done=done)
    try:
        town.through(line).once()
    except Away:
        assert line.cut
    return line


def calls_of_a_day(town: Town) -> int:
    """How many calls a day's work takes where nothing is cut."""
    told, line = day(town), Cut(town.odoo, 0, done=True)
    town.through(line).once()
    agrees(town, told)
    return line.calls


def everywhere(calls: int) -> Iterator[tuple[int, bool]]:
    return ((at, done) for at in range(1, calls + 1) for done in (False, True))


@pytest.fixture
def town(hub: World, odoo: Odoo) -> Town:
    return Town(hub, odoo, parts=1)


def test_a_few_calls_cut_at_and_everything_is_there_once(town: Town, count: Count) -> None:
    calls = calls_of_a_day(town)
    for number in range(FEW):
        told = day(town)
        line = tried(town, (number + 1) * calls // (FEW + 1), done=number % 2 == 0)
        town.send()
        agrees(town, told)
        count("odoo cuts", "cuts", int(line.cut))
        count("odoo cuts", "lost", 0)
        count("odoo cuts", "double", 0)


@pytest.mark.prove
def test_every_call_cut_at_and_the_next_try_too_and_everything_is_there_once(town: Town, count: Count) -> None:
    places, cuts = [*everywhere(calls_of_a_day(town))], 0
    while cuts < MANY:
        for number, (at, done) in enumerate(places):
            told = day(town)
            lines = [tried(town, at, done=done)]
            if cuts >= len(places):  # from the second time on the try after it is cut off as well
                again, after = OTHERS[number % len(OTHERS)]
                lines.append(tried(town, after, done=again))
            town.send()
            agrees(town, told)
            cuts += sum(line.cut for line in lines)
    count("odoo cuts", "cuts", cuts)
    count("odoo cuts", "lost", 0)
    count("odoo cuts", "double", 0)
