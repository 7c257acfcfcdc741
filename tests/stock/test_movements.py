"""Stock: what comes in, goes elsewhere, is counted, put right, spoken for and taken back."""

from __future__ import annotations

from typing import Any

import pytest
from replays import late

from app.kernel.clock import stamp_time
from app.kernel.ids import new_id
from app.kernel.money import Money
from app.kernel.records import EnvelopeRow
from app.kernel.standard import Retire, SaveMany, SaveRecord, Transition
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.balances import reserved
from app.stock.commands import AdjustStock, CountStock, MoveStock, ReceiveStock, ReserveStock, ReverseMovement
from app.stock.model import Reservation, StockLine
from app.work_orders.commands import CreateOrder
from world import World


def receive(world: World, quantity: str = "2", **more: Any) -> ReceiveStock:
    return ReceiveStock(part=world.part, bin=world.bin, quantity=Quantity.parse(quantity), **more)


def move(world: World, quantity: int = 1, reason: str = "") -> MoveStock:
    return MoveStock(part=world.part, out=world.bin, into=world.other_bin, quantity=Quantity(quantity), reason=reason)


def adjust(world: World, change: int, reason: str = "Dropped") -> AdjustStock:
    return AdjustStock(part=world.part, bin=world.bin, change=Quantity(change), reason=reason)


def count(world: World, counted: int) -> CountStock:
    return CountStock(part=world.part, bin=world.bin, counted=Quantity(counted))


def policy(world: World, policy: str) -> None:
    world.done(SaveRecord(entity="warehouse", id=world.warehouse, fields={"policy": ["warn", policy]}))


def last_line(world: World, answer: Any) -> Any:
    return world.get(StockLine, answer.row("stock_line"))


# ------------------------------------------------------------------------------------------------------------- coming in


def test_what_comes_in_is_there_with_its_lot_unit_and_cost(world: World) -> None:
    line = last_line(world, world.done(receive(world, "2", lot="L7", cost=Money(480), reason="Parcel 12")))
    assert world.on_hand() == Quantity(7)
    assert (line.kind, line.lot, line.unit, line.cost, line.reason) == ("receipt", "L7", "pcs", Money(480), "Parcel 12")


def test_without_a_price_it_comes_in_at_the_part_s_own_cost(world: World) -> None:
    assert last_line(world, world.done(receive(world))).cost == Money(450)


def test_a_line_s_moment_is_when_the_person_acted(world: World) -> None:
    answer = world.done(receive(world))
    with world.session() as session:
        stamp = session.query(EnvelopeRow.stamp).filter(EnvelopeRow.id == answer.id).scalar()
    assert last_line(world, answer).made_at == stamp_time(stamp)


@pytest.mark.parametrize(("quantity", "code"), [("0", "parts.quantity"), ("-1", "parts.quantity"), ("0.5", "parts.whole")])
def test_what_cannot_be_booked_is_refused(world: World, quantity: str, code: str) -> None:
    assert world.codes(receive(world, quantity)) == [code]
    assert world.on_hand() == Quantity(5)


def test_a_part_sold_by_the_metre_comes_in_thousandths(world: World) -> None:
    hose = world.save("part", code="HOSE", name="Hose", unit="m")
    world.done(ReceiveStock(part=hose, bin=world.bin, quantity=Quantity.parse("2.345")))
    assert world.on_hand(part=hose) == Quantity.parse("2.345")


def test_nothing_costs_less_than_nothing(world: World) -> None:
    assert world.codes(receive(world, cost=Money(-1))) == ["stock.cost"]
    assert world.codes(receive(world, cost=Money(0))) == []


# --------------------------------------------------------------------------------------------------------- going elsewhere


def test_a_move_takes_from_one_bin_and_puts_into_the_other(world: World) -> None:
    answer = world.done(move(world, 2))
    assert (world.on_hand(), world.on_hand(bin=world.other_bin)) == (Quantity(3), Quantity(2))
    kinds = sorted(line.kind for line in world.rows(StockLine) if ("stock_line", line.id) in answer.rows)
    assert kinds == ["transfer_in", "transfer_out"]


def test_a_move_goes_somewhere(world: World) -> None:
    assert world.codes(MoveStock(part=world.part, out=world.bin, into=world.bin)) == ["stock.same_bin"]
    assert world.codes(MoveStock(part=world.part, out=world.bin, into=new_id())) == ["row.missing"]


# ---------------------------------------------------------------------------------------------------- more than is booked


def test_a_store_room_that_asks_wants_a_reason_and_puts_the_bin_up_for_review(world: World) -> None:
    assert world.codes(move(world, 6)) == ["stock.short"]
    world.done(move(world, 6, "They lie here"))
    assert world.on_hand() == Quantity(-1)
    assert world.discrepancies() == ["stock.short"]


def test_a_store_room_that_never_goes_below_zero_takes_no_reason(world: World) -> None:
    policy(world, "block")
    assert world.codes(move(world, 6, "They lie here")) == ["stock.short"]
    assert world.codes(IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(6), reason="Here")) == [
        "parts_issue.over",
        "stock.short",
    ]
    assert world.on_hand() == Quantity(5)


def test_a_store_room_that_allows_it_asks_nothing(world: World) -> None:
    policy(world, "allow")
    assert world.codes(move(world, 6)) == []
    assert world.on_hand() == Quantity(-1)
    assert world.discrepancies() == []


# ---------------------------------------------------------------------------------------------------------- counting


def test_a_count_says_what_is_there_even_nothing(world: World) -> None:
    world.done(count(world, 3))
    assert world.on_hand() == Quantity(3)
    world.done(count(world, 0))
    assert world.on_hand() == Quantity(0)


def test_nobody_counts_less_than_nothing_or_half_a_piece(world: World) -> None:
    assert world.codes(count(world, -1)) == ["stock.counted"]
    half = CountStock(part=world.part, bin=world.bin, counted=Quantity.parse("1.5"))
    assert world.codes(half) == ["parts.whole"]


def test_a_count_far_from_the_book_wants_a_second_badge(world: World) -> None:
    keeper, manager = world.person("Kim", "KEE"), world.person("Mo", "MGR")
    assert world.codes(count(world, 56), keeper) == ["stock.far_off"]
    assert world.on_hand() == Quantity(5)
    assert world.run(count(world, 56), keeper, cosigner=manager).done
    assert world.codes(count(world, 5), keeper) == ["stock.far_off"], "as far down as up"
    assert world.codes(count(world, 6), keeper) == []


def test_what_is_counted_may_be_out_of_use(world: World) -> None:
    world.gone("part", world.part)
    world.done(Retire(entity="bin", id=world.other_bin))
    assert world.codes(CountStock(part=world.part, bin=world.other_bin, counted=Quantity(2))) == []


# -------------------------------------------------------------------------------------------------------- putting right


def test_an_adjustment_goes_either_way_and_needs_a_reason(world: World) -> None:
    assert world.codes(adjust(world, -2, " ")) == ["stock.reason"]
    assert world.codes(adjust(world, 0)) == ["stock.no_change"]
    world.done(adjust(world, -2))
    world.done(adjust(world, 3, "Found"))
    assert world.on_hand() == Quantity(6)


def test_a_large_adjustment_wants_somebody_who_may(world: World) -> None:
    supervisor, manager = world.person("Sam", "SUP"), world.person("Mo", "MGR")
    assert world.codes(adjust(world, 51), supervisor) == ["stock.large"]
    assert world.codes(adjust(world, -51), supervisor) == ["stock.large"]
    assert world.codes(adjust(world, 50), supervisor) == []
    assert world.run(adjust(world, 51), supervisor, cosigner=manager).done
    assert world.codes(adjust(world, 51), manager) == []


def test_whoever_may_in_one_store_room_signs_nothing_off_in_another(world: World) -> None:
    far = world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store")
    supervisor, manager = world.person("Sam", "SUP"), world.person("Mo", "MGR", place=far)
    assert not world.run(adjust(world, 51), supervisor, cosigner=manager).done
    there = world.save("bin", warehouse_id=far.hex, code="F-01")
    large = AdjustStock(part=world.part, bin=there, change=Quantity(51), reason="Found")
    assert world.run(large, supervisor, cosigner=manager).done


def test_how_large_is_large_is_a_setting(world: World) -> None:
    supervisor = world.person("Sam", "SUP")
    world.save("setting_value", key="stock.adjust_limit", value=3)
    assert world.codes(adjust(world, 4), supervisor) == ["stock.large"]
    assert world.codes(adjust(world, 3), supervisor) == []


# ------------------------------------------------------------------------------------------------------------ spoken for


def reserve(world: World, quantity: int, source: Any = None) -> ReserveStock:
    return ReserveStock(part=world.part, warehouse=world.warehouse, source=source or world.order, quantity=Quantity(quantity))


def spoken_for(world: World, *, but: Any = None) -> Quantity:
    with world.session() as session:
        return reserved(session, world.part, world.warehouse, but=but)


def test_what_is_spoken_for_is_not_available_to_others(world: World) -> None:
    other = world.done(CreateOrder(site=world.site, what="Rear brake")).row("work_order")
    world.done(reserve(world, 2))
    world.done(reserve(world, 1, other))
    assert spoken_for(world) == Quantity(3)
    assert spoken_for(world, but=world.order) == Quantity(1)
    assert world.on_hand() == Quantity(5), "nothing moved"


def test_speaking_for_it_again_changes_how_much_and_nothing_lets_go(world: World) -> None:
    world.done(reserve(world, 2))
    world.done(reserve(world, 4))
    assert spoken_for(world) == Quantity(4)
    world.done(reserve(world, 0))
    assert spoken_for(world) == Quantity(0)
    assert [row.state for row in world.rows(Reservation)] == ["released"]
    world.done(reserve(world, 1))
    assert spoken_for(world) == Quantity(1)


def test_stock_is_spoken_for_by_a_job_that_can_still_take_it(world: World) -> None:
    assert world.codes(reserve(world, 2, new_id())) == ["row.missing"]
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert world.codes(reserve(world, 2)) == ["work_orders.locked"]
    assert world.codes(reserve(world, 0)) == [], "letting go is always possible"


def test_nobody_speaks_for_less_than_nothing(world: World) -> None:
    assert world.codes(reserve(world, -1)) == ["parts.quantity"]
    world.done(reserve(world, 2))
    assert world.codes(reserve(world, -1)) == ["parts.quantity"]
    assert spoken_for(world) == Quantity(2)


# ------------------------------------------------------------------------------------------------------------ taken back


def test_a_movement_is_taken_back_by_its_mirror_image_once(world: World) -> None:
    line = world.done(receive(world, "2", lot="L7", cost=Money(480))).row("stock_line")
    answer = world.done(ReverseMovement(line=line, reason="Wrong parcel"))
    mirror = last_line(world, answer)
    assert (mirror.kind, mirror.quantity, mirror.lot, mirror.cost, mirror.reverses_id) == (
        "reverse",
        Quantity(-2),
        "L7",
        Money(480),
        line,
    )
    assert world.on_hand() == Quantity(5)
    assert world.codes(ReverseMovement(line=line)) == ["stock.reversed"]
    assert world.codes(ReverseMovement(line=mirror.id)) == ["stock.reversed"], "nor is a reversal"


def test_a_count_is_not_taken_back_but_made_again(world: World) -> None:
    line = world.done(count(world, 3)).row("stock_line")
    assert world.codes(ReverseMovement(line=line)) == ["stock.count_stays"]
    assert world.on_hand() == Quantity(3)


def test_what_was_booked_can_be_taken_back_even_from_a_bin_out_of_use(world: World) -> None:
    there = world.save("bin", warehouse_id=world.warehouse.hex, code="B-01")
    line = world.done(ReceiveStock(part=world.part, bin=there, quantity=Quantity(2))).row("stock_line")
    world.done(CountStock(part=world.part, bin=there, counted=Quantity(0)))
    world.done(Retire(entity="bin", id=there))
    world.gone("part", world.part)
    assert world.codes(ReverseMovement(line=line)) == []


def test_both_ends_of_a_move_are_taken_back_together(anywhere: World) -> None:
    world = anywhere.furnish()
    for kind in ("transfer_out", "transfer_in"):
        answer = world.done(move(world, 2))
        line = next(row.id for row in world.rows(StockLine) if row.kind == kind and ("stock_line", row.id) in answer.rows)
        world.done(ReverseMovement(line=line, reason="Wrong bin"))
        assert (world.on_hand(), world.on_hand(bin=world.other_bin)) == (Quantity(5), Quantity(0))
        assert world.codes(ReverseMovement(line=line)) == ["stock.reversed"]


def test_a_bin_in_which_something_lies_stays_in_use(anywhere: World) -> None:
    world = anywhere.furnish()
    answer = world.run(Retire(entity="bin", id=world.bin))
    assert [problem.code for problem in answer.problems] == ["stock.bin_full"]
    assert answer.problems[0].sentence == "5 of Banjo bolt M10 is still booked in A-01."
    for part in world.parts:
        world.done(MoveStock(part=part, out=world.bin, into=world.other_bin, quantity=Quantity(5)))
    world.done(Retire(entity="bin", id=world.bin))


def test_what_lies_in_a_bin_does_not_go_to_another_store_room_by_a_form(world: World) -> None:
    far = world.save("warehouse", site_id=world.site.hex, code="FAR", name="Far store")
    to_far = {"warehouse_id": [world.warehouse.hex, far.hex]}
    assert world.codes(SaveRecord(entity="bin", id=world.bin, fields=to_far)) == ["stock.bin_full"]
    world.done(SaveRecord(entity="bin", id=world.other_bin, fields=to_far))


def test_what_is_booked_keeps_its_unit(world: World) -> None:
    metres = SaveRecord(entity="part", id=world.part, fields={"unit": ["pcs", "m"]})
    many = SaveMany(entity="part", rows=[{"id": world.part.hex, "unit": "m"}])
    assert (world.codes(metres), world.codes(many)) == (["stock.unit"], ["stock.unit"])
    world.done(count(world, 0))
    world.done(metres)


def test_a_part_of_which_something_is_left_stays_in_use(world: World) -> None:
    answer = world.run(Retire(entity="part", id=world.part))
    assert [problem.code for problem in answer.problems] == ["stock.part_left"]
    assert answer.problems[0].sentence == "5 of Brake pads front is still booked in A-01."
    world.done(count(world, 0))
    world.done(Retire(entity="part", id=world.part))


# ------------------------------------------------------------------------------------------------------------ out of use


def test_a_part_out_of_use_comes_in_or_goes_out_only_with_a_reason(world: World) -> None:
    world.gone("part", world.part)
    issue = IssuePart(order=world.order, part=world.part, bin=world.bin)
    assert world.codes(receive(world)) == ["row.retired"]
    assert world.codes(issue) == ["row.retired"]
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin, reason="The last one"))
    assert world.on_hand() == Quantity(-1)
    assert sorted(world.discrepancies()) == ["row.retired", "stock.short"]


def test_nothing_is_moved_into_a_bin_out_of_use_but_it_can_be_cleared(world: World) -> None:
    world.done(Retire(entity="bin", id=world.other_bin))
    assert world.codes(move(world)) == ["row.retired"]
    late(world, receive(world, "2"), 1_795_000_000_000)  # it came in late, at a terminal that was away
    assert world.codes(MoveStock(part=world.part, out=world.bin, into=world.quarantine)) == []


def test_words_too_long_for_the_ledger_are_refused_not_cut(anywhere: World) -> None:
    world = anywhere.furnish()
    assert world.codes(receive(world, reason="x" * 256)) == ["record.too_long"]
    assert world.codes(receive(world, lot="L" * 61)) == ["record.too_long"]
    assert world.codes(receive(world, reason="x" * 255)) == []
