"""Asking: filters and orders as data, pages by key that stay right while others write, and a key that knows it was damaged."""

from __future__ import annotations

import base64
from itertools import product
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from samples import Samples
from sqlalchemy import func, select

from app.kernel.ids import new_id
from app.kernel.problems import Refused
from app.kernel.queries import Ask, Column, Filter, page
from app.kernel.standard import Retire, SaveRecord
from app.kernel.types import Quantity
from app.parts.model import Part
from world import World


@pytest.fixture
def shelf(anywhere: World) -> World:
    """Parts of every sort: with and without a price, a category, a minimum."""
    anywhere.save("organisation", id=anywhere.org, name="Moto Keller")
    for place in range(12):
        fields: dict[str, Any] = {"code": f"P-{place:02}", "name": f"Part {place}", "core": place % 2 == 0}
        fields |= {"price": place * 100} if place % 3 else {}
        fields |= {"category": "ABC"[place % 3]} if place % 4 else {}
        fields |= {"least": f"{place}.5"} if place % 5 else {}
        anywhere.save("part", **fields)
    return anywhere


def asked(world: World, *filters: Filter, name: str = "part", sort: str = "code", limit: int = 50) -> list[str]:
    """The codes that a question finds, page by page."""
    found: list[str] = []
    after = None
    while True:
        one = world.app.ask(name, world.actor, filters=filters, sort=sort, limit=limit, after=after)
        found += [row["code"] for row in one.rows]
        after = one.next
        if after is None:
            return found


CONDITIONS = [
    (Filter("code", "=", "P-03"), [3]),
    (Filter("code", "!=", "P-03"), [*range(3), *range(4, 12)]),
    (Filter("code", "<", "P-03"), [0, 1, 2]),
    (Filter("code", "<=", "P-03"), [0, 1, 2, 3]),
    (Filter("code", ">", "P-09"), [10, 11]),
    (Filter("code", ">=", "P-09"), [9, 10, 11]),
    (Filter("name", "has", "part 1"), [1, 10, 11]),
    (Filter("name", "has", "%"), []),
    (Filter("code", "in", ["P-01", "P-05", "P-99"]), [1, 5]),
    (Filter("core", "=", True), [0, 2, 4, 6, 8, 10]),
    (Filter("least", ">", Quantity.parse("8")), [8, 9, 11]),
    (Filter("category", "=", None), [0, 4, 8]),
]


def test_a_condition_leaves_what_it_says(shelf: World) -> None:
    for condition, expected in CONDITIONS:
        assert asked(shelf, condition) == [f"P-{place:02}" for place in expected], condition
        assert shelf.app.count("part", shelf.actor, [condition]) == len(expected)


def test_conditions_add_up(shelf: World) -> None:
    assert asked(shelf, Filter("core", "=", True), Filter("code", ">", "P-05")) == ["P-06", "P-08", "P-10"]


def test_a_condition_on_nothing_there_is_is_refused_in_words(shelf: World) -> None:
    for wrong, code in ((Filter("colour", "=", "red"), "ask.no_column"), (Filter("code", "~", "x"), "ask.no_operator")):
        with pytest.raises(Refused) as refused:
            asked(shelf, wrong)
        assert [problem.code for problem in refused.value.problems] == [code]
    with pytest.raises(Refused, match="no column"):
        asked(shelf, sort="colour")


def test_rows_without_a_value_come_first_upwards_and_last_downwards(shelf: World) -> None:
    for column, down in product(["category", "price", "least", "core", "name", "mpn"], ["", "-"]):
        whole = asked(shelf, sort=down + column)
        assert len(whole) == 12
        assert [asked(shelf, sort=down + column, limit=limit) for limit in (1, 2, 5)] == [whole] * 3
        rows = {row.code: getattr(row, column) for row in shelf.rows(Part)}
        empty = [rows[code] in (None, "") for code in whole]
        assert empty == sorted(empty, reverse=not down), (column, down)


def test_rows_that_come_or_go_between_two_pages_shift_nothing(shelf: World) -> None:
    first = shelf.app.ask("part", shelf.actor, sort="code", limit=4)
    shelf.save("part", code="P-00-A", name="Before")
    shelf.save("part", code="P-04-A", name="After")
    shelf.done(Retire(entity="part", id=first.rows[1]["id"]))
    second = shelf.app.ask("part", shelf.actor, sort="code", limit=4, after=first.next)
    assert [row["code"] for row in second.rows] == ["P-04", "P-04-A", "P-05", "P-06"]


def test_a_page_has_at_least_one_row_and_at_most_a_thousand(shelf: World) -> None:
    assert len(shelf.app.ask("part", shelf.actor, limit=0).rows) == 1
    assert len(shelf.app.ask("part", shelf.actor, limit=10**9).rows) == 12


def test_what_a_query_does_not_know_is_refused(shelf: World) -> None:
    for arguments, code in (({"colour": "red"}, "ask.no_argument"), ({"low": "perhaps"}, "ask.unreadable")):
        with pytest.raises(Refused) as refused:
            shelf.app.ask("stock", shelf.actor, **arguments)
        assert refused.value.problems[0].code == code
    with pytest.raises(Refused, match="no query"):
        shelf.app.ask("stok", shelf.actor)


# --------------------------------------------------------------------------------------------------------- damaged keys


def refused_key(world: World, key: str, sort: str = "price") -> bool:
    try:
        world.app.ask("part", world.actor, sort=sort, after=key, limit=3)
    except Refused as refused:
        return refused.problems[0].code == "ask.key"
    return False


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(text=st.text(max_size=80) | st.binary(max_size=60).map(lambda raw: base64.urlsafe_b64encode(raw).decode()))
def test_a_key_that_is_none_is_refused_in_words(world: World, text: str) -> None:
    assert refused_key(world, text) or not text


def test_a_key_that_lost_or_changed_a_letter_is_refused(world: World) -> None:
    key = world.app.ask("part", world.actor, sort="price", limit=2).next or ""
    for place in range(0, len(key) - 2, 3):
        assert refused_key(world, key[:place] + key[place + 4 :])
        assert refused_key(world, key[:place] + ("B" if key[place] == "A" else "A") + key[place + 1 :])


def test_a_key_belongs_to_its_order(world: World) -> None:
    key = world.app.ask("part", world.actor, sort="price", limit=2).next or ""
    assert refused_key(world, key, "name")
    assert not refused_key(world, key, "price")
    assert not refused_key(world, key, "-price")


def test_two_columns_may_tell_rows_apart(world: World) -> None:
    world.save("part_bin", part_id=world.part.hex, bin_id=world.bin.hex)
    rows = [world.app.ask("stock", world.actor, limit=2, sort="name")]
    while rows[-1].next:
        rows.append(world.app.ask("stock", world.actor, limit=2, sort="name", after=rows[-1].next))
    names = [row["name"] for one in rows for row in one.rows]
    assert names == sorted(names)
    assert len(names) == 5


def test_links_are_shown_by_the_title_of_what_they_point_to(world: World) -> None:
    row = next(row for row in world.app.ask("bin", world.actor).rows if row["code"] == "A-01")
    assert row["warehouse"] == "WH"


def test_a_select_of_any_kind_can_be_asked(world: World) -> None:
    statement = select(Part.unit.label("unit"), func.count().label("parts")).group_by(Part.unit)
    ask = Ask(statement, (Column("unit", "Unit"), Column("parts", "Parts", "number")), order="unit", key=("unit",))
    with world.app.read(world.actor) as session:
        assert page(session, ask).rows == [{"unit": "pcs", "parts": 5}]


def test_a_list_leaves_secrets_out(bare: World) -> None:
    bare.save("organisation", id=bare.org, name="Moto Keller")
    Samples(bare).record(bare.app.registry.entities["badge"])
    (row,) = bare.app.ask("badge", bare.actor).rows
    assert "code_hash" not in row


def test_saving_by_an_unknown_id_makes_the_record_under_that_id(bare: World) -> None:
    ident = new_id()
    bare.done(SaveRecord(entity="customer", id=ident, fields={"name": [None, "Ada"]}))
    assert [row["id"] for row in bare.app.ask("customer", bare.actor).rows] == [ident]
