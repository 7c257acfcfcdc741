"""All rows of a list in their order, taken once: any line is found, the number is true, and who no longer asks is not served."""

from __future__ import annotations

from uuid import UUID

import pytest

from app.kernel import lineup, queries
from app.kernel.lineup import LineUp, Unwanted
from app.kernel.queries import Filter
from app.kernel.standard import SaveMany
from app.kernel.types import Quantity
from app.stock import queries as stock
from app.stock.commands import ReceiveStock
from world import World


@pytest.fixture
def many(world: World) -> World:
    rows = [{"code": f"X{(number * 7919) % 500:05d}", "name": f"Washer {number % 40}", "price": number} for number in range(500)]
    world.done(SaveMany(entity="part", rows=rows))
    return world


@pytest.mark.parametrize("sort", ["code", "-code", "name", "-name", "price", "-price", "category"])
def test_every_line_is_the_one_that_paging_would_come_to(many: World, sort: str) -> None:
    with many.app.read(many.actor) as session:
        ask = many.app.asked(session, "parts", many.actor)
        paged = list(queries.rows(session, ask, sort=sort))
        up = lineup.taken(session, ask, sort=sort)
        assert len(up) == len(paged) == 505
        assert lineup.rows_at(session, ask, up.keys(333, 20)) == paged[333:353]
        for first in (0, 1, 250, 490):
            assert lineup.lines(session, ask, up, first, 20, sort) == paged[first : first + 20]
        assert up.line_of(paged[417]["id"]) == 417


def test_only_what_passes_the_filters_stands_in_it(many: World) -> None:
    with many.app.read(many.actor) as session:
        ask = many.app.asked(session, "parts", many.actor)
        up = lineup.taken(session, ask, filters=[Filter("name", "=", "Washer 7")])
        assert [row["name"] for row in lineup.rows_at(session, ask, up.keys()) if row] == ["Washer 7"] * len(up)
        assert len(up) == queries.count(session, ask, [Filter("name", "=", "Washer 7")])


def test_a_row_that_is_gone_leaves_its_line_empty(many: World) -> None:
    with many.app.read(many.actor) as session:
        up = lineup.taken(session, many.app.asked(session, "parts", many.actor))
    many.gone("part", many.part)
    line = up.line_of(many.part)
    assert line is not None
    with many.app.read(many.actor) as session:
        rows = lineup.rows_at(session, many.app.asked(session, "parts", many.actor), up.keys(line, 2))
    assert rows[0] is None
    assert rows[1] is not None


@pytest.mark.parametrize("full", [2, 1_000])
def test_stock_of_a_bin_is_the_same_whether_it_is_sorted_or_read_along_the_parts(
    world: World, full: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stock, "FULL", full)
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(2)))
    with world.app.read(world.actor) as session:
        ask = world.app.asked(session, "stock", world.actor, {"bin": world.bin})
        for sort in ("code", "-code", "name", "on_hand"):
            paged = list(queries.rows(session, ask, sort=sort))
            up = lineup.taken(session, ask, sort=sort)
            assert [row["bin_id"] for row in paged] == [world.bin] * 5
            assert lineup.rows_at(session, ask, up.keys()) == paged


def test_nobody_sees_the_lines_of_another_organisation(many: World) -> None:
    stranger = World(many.app)
    stranger.save("organisation", id=stranger.org, name="Next door")
    with many.app.read(many.actor) as session:
        keys = lineup.taken(session, many.app.asked(session, "parts", many.actor)).keys(0, 3)
    with many.app.read(stranger.actor) as session:
        ask = many.app.asked(session, "parts", stranger.actor)
        assert len(lineup.taken(session, ask)) == 0
        assert lineup.rows_at(session, ask, keys) == [None] * 3


def test_what_nobody_waits_for_any_more_ends(many: World, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(lineup, "STEPS", 100)
    looks = [0]

    def gone() -> bool:
        looks[0] += 1
        return looks[0] > 3

    with many.app.read(many.actor) as session:
        ask = many.app.asked(session, "parts", many.actor)
        with pytest.raises(Unwanted), lineup.while_wanted(session, gone):
            lineup.taken(session, ask)
        assert len(lineup.taken(session, ask)) == 505, "the connection serves whoever asks next"


def test_a_line_is_found_where_ids_begin_and_not_between_them() -> None:
    one, two = UUID(int=0x11111111_11111111_11111111_11111122), UUID(int=0x11221111_11111111_11111111_11111111)
    across = UUID(bytes=(one.bytes + two.bytes)[2:18])
    up = LineUp(one.bytes + two.bytes)
    assert (up.line_of(one), up.line_of(two), up.line_of(across)) == (0, 1, None)
