"""Stock that Odoo has otherwise than we do becomes a task with both numbers; nothing is ever written over by itself."""

from __future__ import annotations

import pytest
from odoo_town import STOCKED, Town
from sqlalchemy import select

from app.kernel.types import Quantity
from app.odoo.commands import SettleDifference
from app.odoo.model import OdooDifference
from app.odoo.records import OdooArtifact
from app.stock.commands import CountStock, ReceiveStock
from sync.odoo import coming
from sync.odoo.compare import Report, compare, is_due
from sync.odoo.inward import Inward
from sync.odoo.transport import Odoo
from world import World

THERE = STOCKED.thousandths // 1000
FOUND = THERE + 3


class Shelf(Town):
    """A workshop of one part, of which both sides have the same; until somebody in Odoo counts another number."""

    def __init__(self, world: World, odoo: Odoo) -> None:
        super().__init__(world, odoo, parts=1)
        self.send()
        self.inward = Inward(world.app, world.org, odoo, {})
        with world.session() as session:
            self.inward.facts |= coming.facts_of(session, world.org, self.places) or {}

    def compare(self) -> Report:
        return compare(self.inward)

    def count_there(self, quantity: int) -> None:
        told = {"product_id": self.number("part", self.parts[0]), "location_id": self.number("bin", self.world.bin)}
        values = told | {"inventory_quantity": quantity}
        quants = self.odoo.call("stock.quant", "create", vals_list=[values], context={"inventory_mode": True})
        self.odoo.call("stock.quant", "action_apply_inventory", quants)

    def task(self) -> OdooDifference | None:
        found = self.world.rows(OdooDifference)
        return found[0] if found else None

    def settle(self, how: str) -> None:
        task = self.task()
        assert task is not None
        self.world.done(SettleDifference(difference=task.id, how=how, reason="looked it up"))

    def numbers(self) -> tuple[int, float]:
        """How many lie in the bin, as it is booked here and in Odoo."""
        return self.world.on_hand(self.parts[0]).thousandths // 1000, self.in_bin()


@pytest.fixture
def shelf(hub: World, odoo: Odoo) -> Shelf:
    return Shelf(hub, odoo)


def test_where_both_agree_there_is_no_task_and_the_report_says_how_much_was_compared(shelf: Shelf) -> None:
    report = shelf.compare()
    assert (report.compared, report.agree, report.differences) == (1, 1, {})
    assert shelf.task() is None
    with shelf.world.session() as session:
        [artifact] = session.scalars(select(OdooArtifact)).all()
    assert (artifact.kind, artifact.body["compared"], artifact.body["differ"]) == ("compare", 1, 0)


def test_what_differs_is_a_task_with_both_numbers_and_neither_is_touched(shelf: Shelf) -> None:
    shelf.count_there(FOUND)
    assert len(shelf.compare().differences) == 1
    task = shelf.task()
    assert task is not None
    assert (task.ours, task.theirs, task.state) == (STOCKED, Quantity(FOUND), "open")
    assert shelf.numbers() == (THERE, FOUND)


def test_what_is_still_on_its_way_is_no_difference(shelf: Shelf) -> None:
    shelf.world.done(ReceiveStock(part=shelf.parts[0], bin=shelf.world.bin, quantity=Quantity(2)))
    report = shelf.compare()
    assert (report.left, report.differences) == (1, {})
    shelf.send()
    assert shelf.compare().agree == 1


def test_our_number_stands_and_odoo_follows_once(shelf: Shelf) -> None:
    shelf.count_there(FOUND)
    shelf.compare()
    shelf.settle("ours")
    assert shelf.compare().differences == {}, "it is on its way"
    shelf.send()
    shelf.send()
    assert shelf.numbers() == (THERE, THERE)
    assert shelf.compare().agree == 1


def test_what_was_booked_since_is_not_lost_when_our_number_stands(shelf: Shelf) -> None:
    shelf.count_there(FOUND)
    shelf.compare()
    shelf.world.done(ReceiveStock(part=shelf.parts[0], bin=shelf.world.bin, quantity=Quantity(2)))
    shelf.settle("ours")
    shelf.send()
    assert shelf.numbers() == (THERE + 2, THERE + 2)


def test_odoos_number_is_taken_over_and_odoo_is_not_told_of_it(shelf: Shelf) -> None:
    shelf.count_there(FOUND)
    shelf.compare()
    shelf.settle("theirs")
    shelf.send()
    assert shelf.numbers() == (FOUND, FOUND)
    assert shelf.compare().agree == 1


def test_a_count_settles_it_on_both_sides(shelf: Shelf) -> None:
    shelf.count_there(FOUND)
    shelf.compare()
    shelf.settle("count")
    shelf.world.done(CountStock(part=shelf.parts[0], bin=shelf.world.bin, counted=Quantity(THERE + 1)))
    shelf.send()
    assert shelf.numbers() == (THERE + 1, THERE + 1)
    task = shelf.task()
    assert task is not None
    assert (task.state, task.settled_how) == ("settled", "count")


def test_it_may_differ_again_and_is_settled_again(shelf: Shelf) -> None:
    for _day in range(2):
        shelf.count_there(FOUND)
        shelf.compare()
        shelf.settle("ours")
        shelf.send()
        assert shelf.numbers() == (THERE, THERE)


def test_a_task_whose_numbers_agree_again_is_done(shelf: Shelf) -> None:
    shelf.count_there(FOUND)
    shelf.compare()
    shelf.count_there(THERE)
    shelf.compare()
    task = shelf.task()
    assert task is not None
    assert (task.state, task.settled_how) == ("settled", "gone")


def test_it_is_due_once_a_night(shelf: Shelf) -> None:
    now = shelf.world.app.clock.now()
    with shelf.world.session() as session:
        assert is_due(session, shelf.world.org, now)
    shelf.compare()
    with shelf.world.session() as session:
        assert not is_due(session, shelf.world.org, shelf.world.app.clock.now())
