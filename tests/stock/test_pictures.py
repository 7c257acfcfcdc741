"""The curve of a part's stock: each day what was there in the evening, from the ledger alone."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta

from app.kernel.ids import new_id
from app.kernel.types import Quantity
from app.stock.commands import CountStock, ReceiveStock
from app.stock.pictures import Moved, daily, small_curves, stock_over_time
from world import World

BIN, OTHER = new_id(), new_id()
DAYS = [date(2026, 11, day) for day in (16, 17, 18, 19, 20)]


def moved(day: int, amount: int, bin: object = BIN, *, counted: bool = False) -> Moved:
    return Moved(date(2026, 11, day), bin, amount * 1000, counted)  # type: ignore[arg-type]


def test_each_day_says_what_was_there_in_the_evening() -> None:
    lines = [moved(16, 10), moved(18, -3), moved(18, -1), moved(20, 2)]
    assert daily(lines, {BIN: 8000}, DAYS) == [10, 10, 6, 6, 8]


def test_all_bins_are_added_up_and_what_came_before_the_picture_is_in_it() -> None:
    assert daily([moved(19, 5, OTHER)], {BIN: 7000, OTHER: 5000}, DAYS) == [7, 7, 7, 12, 12]


def test_a_count_moves_nothing_by_itself() -> None:
    assert daily([moved(17, 4), moved(18, 9, counted=True), moved(19, -2)], {BIN: 7000}, DAYS) == [5, 9, 9, 7, 7]


def test_the_picture_of_a_part_says_its_numbers_and_its_minimum(world: World) -> None:
    world.save("part", id=world.part, least="2", reorder="4")
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(3)))
    world.done(CountStock(part=world.part, bin=world.other_bin, counted=Quantity(4)))
    with world.session() as session:
        chart = stock_over_time(session, world.part, datetime.now(UTC))
    assert chart is not None
    assert chart.series[0].values[-1] == 9
    assert [limit.name for limit in chart.limits] == ["Minimum 2", "Order again at 4"]
    assert chart.note.startswith("9 ")
    assert len(chart.places) == 60


def test_a_part_that_was_never_booked_has_no_picture(world: World) -> None:
    part = world.save("part", code="NEW", name="Never booked")
    with world.session() as session:
        assert stock_over_time(session, part, datetime.now(UTC)) is None


def test_rows_of_the_list_have_their_curves_by_one_question(world: World) -> None:
    rows = world.app.ask("stock", world.actor).rows
    with world.session() as session:
        curves = small_curves(session, rows, datetime.now(UTC) + timedelta(minutes=1))
    assert len(curves) == len(rows)
    assert all(
        len(curve) == 28 and curve[-1] == row["on_hand"].thousandths / 1000 for curve, row in zip(curves, rows, strict=True)
    )
