"""The bill: net, tax and gross of every line and of the whole agree to the cent, and a refund is its mirror."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.ids import new_id
from app.kernel.money import Money, Rate
from app.kernel.standard import SaveRecord, Transition
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.parts_issue.commands import IssuePart, ReturnPart, UndoIssue
from app.quotes.commands import PublishQuote
from app.quotes.model import Quote
from app.stock.model import StockLine
from app.work_orders.bill import NO_TAX, Bill, Stated, Tax, bill, billed, includes_tax, made_of, share_of, shared
from app.work_orders.charges import AddCharge
from app.work_orders.commands import AddService, CreateOrder, PlanPart
from app.work_orders.model import PartLine, WorkOrder
from world import World

taxes = st.builds(Tax, st.sampled_from(["19", "7", "0"]), st.integers(0, 1_000_000).map(Rate), st.none())
stated = st.builds(
    Stated,
    st.sampled_from(["part", "service", "charge"]),
    st.just(new_id()),
    st.just("Chain"),
    st.integers(-(10**6), 10**6).map(Quantity.of_thousandths),
    st.just("pcs"),
    st.integers(-(10**7), 10**7).map(Money),
    taxes,
)
NOTHING = Money(0)


@given(st.lists(stated, max_size=12), st.booleans())
def test_net_and_tax_are_the_gross_of_each_line_and_of_the_whole(lines: list[Stated], inclusive: bool) -> None:
    whole = made_of(lines, inclusive=inclusive)
    for line in whole.lines:
        assert line.amounts.net + line.amounts.tax == line.amounts.gross
    sums = whole.totals
    assert sums.net + sum(sums.tax.values(), NOTHING) == sums.gross
    assert sums.gross == sum((line.amounts.gross for line in whole.lines), NOTHING)


@given(st.lists(stated, max_size=12), st.booleans())
def test_the_tax_of_a_code_is_the_sum_of_its_lines(lines: list[Stated], inclusive: bool) -> None:
    whole = made_of(lines, inclusive=inclusive)
    for code, tax in whole.totals.tax.items():
        assert tax == sum((line.amounts.tax for line in whole.lines if line.tax.code == code), NOTHING)


@given(st.lists(stated, max_size=12), st.booleans())
def test_a_whole_refund_mirrors_what_was_billed(lines: list[Stated], inclusive: bool) -> None:
    whole = made_of(lines, inclusive=inclusive).totals
    back = share_of(made_of(lines, inclusive=inclusive), -whole.gross)
    assert back.gross == -whole.gross
    if whole.gross:
        assert (back.net, back.tax) == (-whole.net, {code: -tax for code, tax in whole.tax.items()})


@given(st.lists(stated, max_size=12), st.booleans(), st.integers(-(10**9), 10**9).map(Money))
def test_net_and_tax_of_a_part_that_goes_back_are_that_part(lines: list[Stated], inclusive: bool, amount: Money) -> None:
    back = share_of(made_of(lines, inclusive=inclusive), amount)
    assert back.net + sum(back.tax.values(), NOTHING) == back.gross == amount


def test_what_goes_back_is_taxed_as_what_was_billed() -> None:
    lines = (Stated("service", new_id(), "Work", Quantity(1), "", Money(price), Tax(code, Rate(rate)))
             for code, rate, price in (("19", 190_000, 11_900), ("7", 70_000, 10_700)))  # fmt: skip
    back = share_of(made_of(lines, inclusive=True), Money(-11_300))
    assert (back.net, back.tax) == (Money(-10_000), {"19": Money(-950), "7": Money(-350)})


@given(st.lists(stated, max_size=12))
def test_a_price_with_tax_is_what_the_customer_pays(lines: list[Stated]) -> None:
    """Whatever the rates: the gross of each line is its price times its quantity."""
    for line in made_of(lines, inclusive=True).lines:
        assert line.amounts.gross == line.price.times(line.quantity)


@pytest.mark.parametrize(
    ("planned", "taken", "state", "count"),
    [
        (2, 0, "QUOTED", 2),
        (2, 3, "IN_PROGRESS", 3),
        (2, 1, "IN_PROGRESS", 2),
        (2, 1, "READY", 1),
        (2, 0, "READY", 0),
        (2, 1, "CLOSED", 1),
    ],
)
def test_the_plan_counts_until_the_work_is_done(planned: int, taken: int, state: str, count: int) -> None:
    assert billed(Quantity(planned), Quantity(taken), state) == Quantity(count)


@given(st.lists(st.integers(0, 9), min_size=1, max_size=5), st.integers(0, 60))
def test_what_is_used_is_dealt_out_over_the_lines_of_a_part(planned: list[int], count: int) -> None:
    """Each line has its own price, and together they are what is billed."""
    found = shared([Quantity(one) for one in planned], Quantity(count))
    assert sum(found, Quantity(0)) == Quantity(count)
    assert all(one <= Quantity(most) for one, most in zip(found[:-1], planned, strict=False))


def test_a_line_without_a_tax_code_is_without_tax() -> None:
    line = made_of([Stated("charge", new_id(), "Fee", Quantity(1), "", Money(500), NO_TAX)], inclusive=True).lines[0]
    assert (line.amounts.net, line.amounts.tax) == (Money(500), NOTHING)


# ---------------------------------------------------------------------------------------------------------- of a real job


def of(world: World, order: UUID | None = None) -> Bill:
    with world.session() as session:
        return bill(session, session.get_one(WorkOrder, order or world.order))


def line_of(world: World, part: UUID | None = None) -> Any:
    return next((line for line in of(world).lines if line.part_id == (part or world.part)), None)


def test_a_job_is_billed_its_parts_services_and_charges(world: World) -> None:
    world.done(AddService(order=world.order, what="Replace pads", hours=Quantity.parse("1.5"), rate=Money(9000)))
    whole = of(world)
    assert [line.kind for line in whole.lines] == ["part"] * 5 + ["service"]
    assert whole.lines[-1].amounts.gross == Money(13_500)
    assert whole.totals.gross == Money(5 * 900 + 13_500)


def test_an_hour_without_a_rate_costs_what_the_shop_takes(world: World) -> None:
    world.done(AddService(order=world.order, what="Look at it", hours=Quantity(2)))
    assert of(world).lines[-1].amounts.gross.minor % 2 == 0
    assert of(world).lines[-1].amounts.gross == Money(16_000)


@pytest.mark.parametrize("price", ["-1", "eighty", "1e3", "1,000"])
def test_a_price_of_an_hour_that_is_none_is_not_set(world: World, price: str) -> None:
    assert world.codes(SetSetting(key="work_orders.rate", value=price))


def test_what_comes_back_is_billed_no_longer_and_what_is_taken_on_top_is(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(2), reason="extra"))
    assert line_of(world).quantity == Quantity(2)
    world.done(ReturnPart(order=world.order, part=world.part, bin=world.bin, quantity=Quantity(1)))
    assert line_of(world).quantity == Quantity(1)


def test_a_part_that_nobody_planned_is_billed_at_the_price_and_tax_of_when_it_was_taken(world: World) -> None:
    world.save("tax_code", code="19", name="VAT", percent="19")
    bulb = world.save("part", code="BULB", name="Bulb", price=250, tax_code="19")
    world.done(IssuePart(order=world.order, part=bulb, bin=world.bin, quantity=Quantity(2), reason="extra"))
    world.done(SaveRecord(entity="part", id=bulb, fields={"price": [250, 900], "tax_code": ["19", ""]}))
    line = line_of(world, bulb)
    assert (line.quantity, line.price, line.tax.code, line.amounts.gross) == (Quantity(2), Money(250), "19", Money(500))
    assert line.amounts.tax == Money(80)


def test_an_unplanned_part_whose_issue_was_a_slip_is_not_billed(world: World) -> None:
    bulb = world.save("part", code="BULB", name="Bulb", price=250)
    world.done(IssuePart(order=world.order, part=bulb, bin=world.bin, reason="extra"))
    issue = next(row for row in world.rows(StockLine) if row.kind == "issue" and row.part_id == bulb)
    world.done(UndoIssue(line=issue.id))
    assert line_of(world, bulb) is None


def test_a_part_that_was_taken_unplanned_can_be_planned_afterwards(world: World) -> None:
    bulb = world.save("part", code="BULB", name="Bulb", price=250)
    world.done(IssuePart(order=world.order, part=bulb, bin=world.bin, reason="extra"))
    world.done(PlanPart(order=world.order, part=bulb, quantity=Quantity(3)))
    lines = [row for row in world.rows(PartLine) if row.part_id == bulb]
    assert [(row.planned, row.retired) for row in lines] == [(Quantity(3), False)]
    assert line_of(world, bulb).quantity == Quantity(3)


def test_what_was_taken_off_the_plan_but_is_in_the_vehicle_is_billed(world: World) -> None:
    world.done(IssuePart(order=world.order, part=world.part, bin=world.bin))
    world.done(PlanPart(order=world.order, part=world.part, quantity=Quantity(0)))
    assert line_of(world).quantity == Quantity(1)


def test_a_cancelled_job_owes_nothing_for_parts_it_did_not_take(world: World) -> None:
    world.done(Transition(entity="work_order", id=world.order, move="cancel", reason="Sold"))
    assert of(world).totals.gross == NOTHING


def test_prices_without_tax_get_it_on_top(world: World) -> None:
    world.save("tax_code", code="19", name="VAT", percent="19")
    without_tax(world)
    order = world.done(CreateOrder(site=world.site, what="Chain")).row("work_order")
    world.done(AddCharge(order=order, what="Fee", amount=Money(1000), tax_code="19"))
    line = of(world, order).lines[-1]
    assert (line.amounts.net, line.amounts.tax, line.amounts.gross) == (Money(1000), Money(190), Money(1190))


def without_tax(world: World) -> None:
    world.done(SaveRecord(entity="organisation", id=world.org, fields={"prices_with_tax": [True, False]}))


def test_an_open_job_keeps_the_way_its_prices_were_meant_when_it_was_opened(world: World) -> None:
    world.save("tax_code", code="19", name="VAT", percent="19")
    charge(world, 1190, "19")
    world.done(AddService(order=world.order, what="Look at it", price=Money(2000)))
    before = of(world).totals
    without_tax(world)
    assert of(world).totals == before
    quote = world.get(Quote, world.done(PublishQuote(order=world.order)).row("quote"))
    assert (quote.inclusive, quote.gross) == (True, before.gross)


def test_a_job_opened_before_that_was_kept_goes_by_the_setting(world: World) -> None:
    order = world.get(WorkOrder, world.order)
    order.prices = None
    with world.session() as session:
        assert includes_tax(session, order)
    without_tax(world)
    with world.session() as session:
        assert not includes_tax(session, order)


def test_the_sums_can_be_asked_for_beside_the_lines(world: World) -> None:
    world.save("tax_code", code="19", name="VAT", percent="19")
    charge(world, 1190, "19")
    rows = world.app.ask("order_bill", world.actor, order=world.order).rows
    assert [row["line"] for row in rows] == ["part"] * 5 + ["charge", "net", "tax", "gross"]
    assert [row["what"] for row in rows[-3:]] == ["Net", "Tax 19", "To pay"]
    assert (rows[-3]["net"], rows[-2]["tax"], rows[-1]["gross"]) == (Money(5500), Money(190), Money(5690))


def test_a_job_with_very_many_lines_can_be_asked_for(world: World) -> None:
    for place in range(1, 131):
        charge(world, place)
    assert world.app.count("order_bill", world.actor, order=world.order) == 130 + 5 + 2


def test_a_charge_can_be_taken_off_again_and_one_of_nothing_is_none(world: World) -> None:
    command = AddCharge(order=world.order, what="Tow", amount=Money(5000))
    answer = world.done(command)
    assert of(world).totals.gross == Money(5 * 900 + 5000)
    world.done(command.undone_by(answer.id))
    assert of(world).totals.gross == Money(5 * 900)
    assert world.codes(AddCharge(order=world.order, what="Tow", amount=Money(0))) == ["work_orders.no_charge"]


def test_something_can_be_taken_off_the_bill(world: World) -> None:
    world.save("tax_code", code="19", name="VAT", percent="19")
    charge(world, -119, "19")
    assert of(world).lines[-1].amounts.tax == Money(-19)


def test_a_code_that_nobody_made_leaves_the_line_without_tax_and_tells_somebody(world: World) -> None:
    answer = world.done(AddCharge(order=world.order, what="Tow", amount=Money(5000), tax_code="99"))
    assert [problem.code for problem in answer.problems] == ["taxes.holds_not"]
    assert of(world).lines[-1].amounts.tax == NOTHING


def charge(world: World, amount: int, code: str = "") -> None:
    world.done(AddCharge(order=world.order, what="Fee", amount=Money(amount), tax_code=code))
