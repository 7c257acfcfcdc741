"""Tax codes: what may be saved, which rate holds on a day, and which code a line takes."""

from __future__ import annotations

from datetime import date
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.ids import new_id
from app.kernel.money import Rate
from app.kernel.problems import Refused
from app.kernel.standard import Retire, SaveRecord
from app.kernel.types import Quantity
from app.kernel.upkeep import SetSetting
from app.taxes.founding import keep_usual_tax, read_percent, usual_tax
from app.taxes.model import TaxCode
from app.taxes.rules import holds_on, rate_of
from app.work_orders.commands import AddService, PlanPart
from app.work_orders.model import PartLine, ServiceLine
from world import World

days = st.dates(date(2020, 1, 1), date(2030, 1, 1))


def row(valid_from: date | None, percent: int = 19) -> TaxCode:
    return TaxCode(id=new_id(), code="19", name="VAT", percent=Quantity(percent), valid_from=valid_from)


@given(st.lists(st.none() | days, max_size=8), days)
def test_the_newest_rate_that_has_begun_holds(begins: list[date | None], day: date) -> None:
    found = holds_on([row(one) for one in begins], day)
    begun = [one or date.min for one in begins if (one or date.min) <= day]
    assert (found is None) is (not begun)
    if found is not None:
        assert (found.valid_from or date.min) == max(begun)


def test_a_rate_is_exact() -> None:
    assert rate_of(TaxCode(percent=Quantity.parse("8.875"))) == Rate.parse("8.875")
    assert rate_of(None) == Rate(0)


def codes(world: World, **fields: object) -> list[str]:
    wanted = {"code": "19", "name": "VAT", "percent": "19"} | fields
    return world.codes(SaveRecord(entity="tax_code", id=None, fields={name: [None, value] for name, value in wanted.items()}))


@pytest.mark.parametrize(
    ("fields", "code"),
    [
        ({"percent": "-1"}, "taxes.percent"),
        ({"percent": "100.001"}, "taxes.percent"),
        ({"code": "  "}, "taxes.code"),
    ],
)
def test_a_code_that_makes_no_sense_is_not_saved(world: World, fields: dict[str, object], code: str) -> None:
    assert codes(world, **fields) == [code]


def test_a_code_has_one_rate_from_a_day(world: World) -> None:
    assert codes(world) == []
    assert codes(world) == ["taxes.twice"]
    assert codes(world, valid_from="2027-01-01", percent="20") == []
    assert codes(world, code="0", percent="0") == []
    assert [one["percent"] for one in world.app.ask("taxes", world.actor).rows] == [Quantity(0), Quantity(19), Quantity(20)]


def test_a_part_names_a_code_that_is_there(world: World) -> None:
    change = SaveRecord(entity="part", id=world.part, fields={"tax_code": ["", "19"]})
    answer = world.run(change)
    assert [problem.code for problem in answer.problems] == ["taxes.unknown"]
    assert answer.problems[0].sentence == "There is no tax code “19”."
    codes(world)
    world.done(change)


# ------------------------------------------------------------------------------------------------------ which a line takes


def tax_of_part(world: World, part: UUID) -> UUID | None:
    return next(one.tax_id for one in world.rows(PartLine) if one.part_id == part)


def test_a_line_takes_the_code_of_its_part_else_the_usual_one(world: World) -> None:
    full = world.save("tax_code", code="19", name="VAT", percent="19")
    low = world.save("tax_code", code="7", name="VAT, low", percent="7")
    world.done(SetSetting(key="taxes.default", value="19"))
    book = world.save("part", code="BOOK", name="Manual", price=900, tax_code="7")
    bulb = world.save("part", code="BULB", name="Bulb", price=900)
    for part in (book, bulb):
        world.done(PlanPart(order=world.order, part=part))
    world.done(AddService(order=world.order, what="Look at it"))
    assert (tax_of_part(world, book), tax_of_part(world, bulb)) == (low, full)
    assert [one.tax_id for one in world.rows(ServiceLine)] == [full]


def test_without_any_code_nothing_is_taxed_and_nobody_is_asked(world: World) -> None:
    answer = world.done(AddService(order=world.order, what="Look at it"))
    assert [one.tax_id for one in world.rows(ServiceLine)] == [None]
    assert answer.problems == ()


def test_a_line_keeps_the_rate_of_its_day(world: World) -> None:
    old = world.save("tax_code", code="19", name="VAT", percent="19")
    world.done(SetSetting(key="taxes.default", value="19"))
    world.done(AddService(order=world.order, what="Look at it"))
    new = world.save("tax_code", code="19", name="VAT", percent="16", valid_from="2020-07-01")
    world.done(AddService(order=world.order, what="Look again"))
    assert {one.what: one.tax_id for one in world.rows(ServiceLine)} == {"Look at it": old, "Look again": new}


def test_a_rate_that_lines_have_is_not_changed_under_them(world: World) -> None:
    tax = world.save("tax_code", code="19", name="VAT", percent="19")
    change = SaveRecord(entity="tax_code", id=tax, fields={"percent": ["19", "20"]})
    world.done(change)
    world.done(SetSetting(key="taxes.default", value="19"))
    world.done(AddService(order=world.order, what="Look at it"))
    assert world.codes(SaveRecord(entity="tax_code", id=tax, fields={"percent": ["20", "21"]})) == ["work_orders.taxed"]
    world.done(SaveRecord(entity="tax_code", id=tax, fields={"name": ["VAT", "Sales tax"]}))


def test_a_usual_code_that_was_taken_out_of_use_is_told(world: World) -> None:
    tax = world.save("tax_code", code="19", name="VAT", percent="19")
    world.done(SetSetting(key="taxes.default", value="19"))
    world.done(Retire(entity="tax_code", id=tax))
    answer = world.done(AddService(order=world.order, what="Look at it"))
    assert [problem.code for problem in answer.problems] == ["taxes.holds_not"]


# -------------------------------------------------------------------------------------------------------- the first screen


def test_the_usual_tax_is_kept_as_a_code_and_can_be_said_otherwise(world: World) -> None:
    for said, percent in (("19 %", "19"), ("19", "19"), ("8,1", "8.1"), ("8.1", "8.1"), ("", "")):
        keep_usual_tax(world.app, world.actor, said)
        assert usual_tax(world.app, world.org) == percent
    assert sorted(one.code for one in world.rows(TaxCode)) == ["19", "8.1"]


def test_a_usual_code_that_is_no_number_stays_when_nothing_else_is_said(world: World) -> None:
    world.save("tax_code", code="VAT", name="VAT", percent="20")
    world.done(SetSetting(key="taxes.default", value="VAT"))
    keep_usual_tax(world.app, world.actor, "VAT")
    assert usual_tax(world.app, world.org) == "VAT"


@pytest.mark.parametrize("said", ["nineteen", "101", "-1", "1e1", "8.1234"])
def test_what_is_no_rate_is_refused(said: str) -> None:
    with pytest.raises(Refused):
        read_percent(said)
