"""Lots and serial numbers: a batch is known by its number, and a single piece goes out once."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart, ReturnPart
from app.stock.commands import ReceiveStock
from app.stock.lots import booked_of
from app.stock.model import Lot, StockLine
from world import World


@pytest.fixture
def pump(world: World) -> UUID:
    """A fuel pump, each with its own serial number; one of them is here."""
    part = world.save("part", code="PUMP", name="Fuel pump", tracking="serial")
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(1), lot="SN-1"))
    return part


def of(world: World, code: str) -> Lot:
    return next(lot for lot in world.rows(Lot) if lot.code == code)


def issue(world: World, part: UUID, lot: UUID | None, reason: str = "", quantity: int = 1) -> IssuePart:
    return IssuePart(order=world.order, part=part, bin=world.bin, lot=lot, quantity=Quantity(quantity), reason=reason)


def booked(world: World, code: str) -> Quantity:
    with world.session() as session:
        return booked_of(session, of(world, code))


def test_a_serial_number_goes_out_once_and_the_second_time_wants_a_reason_and_a_look(world: World, pump: UUID) -> None:
    world.done(issue(world, pump, of(world, "SN-1").id, reason="not planned"))
    assert booked(world, "SN-1") == Quantity(0)
    again = issue(world, pump, of(world, "SN-1").id)
    assert "stock.serial_gone" in world.codes(again)
    world.done(issue(world, pump, of(world, "SN-1").id, reason="it is in my hand"))
    assert world.discrepancies() == ["stock.serial_gone"]


def test_a_piece_that_came_back_may_go_out_again(world: World, pump: UUID) -> None:
    lot = of(world, "SN-1").id
    world.done(issue(world, pump, lot, reason="not planned"))
    world.done(ReturnPart(order=world.order, part=pump, bin=world.bin, lot=lot))
    assert booked(world, "SN-1") == Quantity(1)
    world.done(issue(world, pump, lot, reason="not planned"))
    assert world.discrepancies() == []


def test_a_part_kept_by_serial_number_neither_comes_nor_goes_without_one(world: World, pump: UUID) -> None:
    assert world.codes(issue(world, pump, None, reason="not planned")) == ["stock.lot_missing"]
    assert world.codes(ReceiveStock(part=pump, bin=world.bin, quantity=Quantity(1))) == ["stock.lot_missing"]
    assert world.codes(ReceiveStock(part=pump, bin=world.bin, quantity=Quantity(2), lot="SN-2")) == ["stock.serial_single"]
    assert world.codes(ReceiveStock(part=pump, bin=world.bin, quantity=Quantity(1), lot="SN-1")) == ["stock.serial_there"]


def test_a_lot_of_another_part_is_refused(world: World, pump: UUID) -> None:
    assert world.codes(issue(world, world.part, of(world, "SN-1").id)) == ["stock.other_lot"]
    assert pump != world.part


def test_a_lot_counts_down_and_says_when_more_is_taken_than_was_received(world: World) -> None:
    oil = world.save("part", code="OIL", name="Brake fluid", tracking="lot")
    for _time in range(2):
        world.done(ReceiveStock(part=oil, bin=world.bin, quantity=Quantity(5), lot="L77"))
    assert [lot.code for lot in world.rows(Lot)] == ["L77"]
    lot = of(world, "L77").id
    world.done(issue(world, oil, lot, quantity=8, reason="not planned"))
    assert booked(world, "L77") == Quantity(2)
    world.done(ReceiveStock(part=oil, bin=world.bin, quantity=Quantity(5), lot="L78"))
    assert "stock.lot_short" in world.codes(issue(world, oil, lot, quantity=3, reason=""))


def test_the_movement_names_the_lot_and_the_number_on_the_piece_finds_it(world: World, pump: UUID) -> None:
    world.done(issue(world, pump, of(world, "SN-1").id, reason="not planned"))
    assert {line.lot for line in world.rows(StockLine) if line.part_id == pump} == {"SN-1"}
    found = world.app.meaning("SN-1", world.actor, ("lot",))
    assert (found.kind, found.matches[0].entity) == ("row", "lot")


def test_one_number_on_two_makers_labels_is_told_apart_by_the_part(world: World, pump: UUID) -> None:
    world.done(ReceiveStock(part=pump, bin=world.bin, quantity=Quantity(1), lot="L-7"))
    fluid = world.save("part", code="DOT4", name="Brake fluid", tracking="lot")
    world.done(ReceiveStock(part=fluid, bin=world.bin, quantity=Quantity(4), lot="L-7"))
    found = world.app.meaning("L-7", world.actor, ("lot",))
    assert found.kind == "choice"
    assert sorted(match.title for match in found.matches) == ["Brake fluid L-7", "Fuel pump L-7"]


def test_the_movements_of_a_piece_are_told_without_those_of_another(world: World, pump: UUID) -> None:
    world.done(ReceiveStock(part=pump, bin=world.other_bin, quantity=Quantity(1), lot="SN-2"))
    world.done(issue(world, pump, of(world, "SN-1").id, reason="not planned"))
    rows = world.app.ask("movements", world.actor, lot=of(world, "SN-1").id).rows
    assert [row["kind"] for row in rows] == ["issue", "receipt"]
    assert [row["kind"] for row in world.app.ask("movements", world.actor, lot=of(world, "SN-2").id).rows] == ["receipt"]


def test_a_lot_that_is_not_there_has_no_movements(world: World, pump: UUID) -> None:
    assert world.app.ask("movements", world.actor, lot=pump).rows == []
