"""Lists of a store that has been kept for years: the newest page is read from an index, and nothing is sorted for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

from app.kernel.types import Quantity
from app.stock.commands import ReceiveStock
from app.stock.model import Lot
from world import World


def plans(world: World, name: str, *, after: str | None, sort: str, **arguments: UUID) -> list[str]:
    """How SQLite goes about a page, as it tells itself."""
    found: list[str] = []

    def listen(connection: Any, _cursor: Any, statement: str, parameters: Any, *_more: Any) -> None:
        if statement.lstrip().startswith("SELECT ask"):
            plan = connection.connection.dbapi_connection.cursor().execute(f"EXPLAIN QUERY PLAN {statement}", parameters)
            found.extend(line[3] for line in plan)

    event.listen(world.app.read_engine, "before_cursor_execute", listen)
    world.app.ask(name, world.actor, after=after, limit=2, sort=sort, **arguments)
    event.remove(world.app.read_engine, "before_cursor_execute", listen)
    return found


@pytest.mark.parametrize("page", [1, 2])
@pytest.mark.parametrize(
    ("name", "sort"),
    [
        ("movements", ""),
        ("movements", "stamp"),
        ("stock", ""),
        ("stock", "name"),
        ("parts", "name"),
        ("part", ""),
        ("stock_line", ""),
    ],
)
def test_no_page_of_a_long_list_sorts_the_whole_table(world: World, name: str, sort: str, page: int) -> None:
    after = world.app.ask(name, world.actor, limit=2, sort=sort).next if page == 2 else None
    told = plans(world, name, after=after, sort=sort)
    assert told
    assert not [line for line in told if line == "USE TEMP B-TREE FOR ORDER BY"], told


def test_what_went_through_one_bin_is_read_from_its_own_index(world: World) -> None:
    assert any("ix_stock_line_bin" in line for line in plans(world, "movements", after=None, sort="", bin=world.bin))


@pytest.mark.parametrize("sort", ["", "-code", "name"])
def test_stock_is_read_along_the_parts_and_each_finds_its_bins(world: World, sort: str) -> None:
    told = plans(world, "stock", after=None, sort=sort)
    assert told[0].startswith("SEARCH part USING INDEX ix_part_"), told
    assert told[1] == "SEARCH balance USING PRIMARY KEY (part_id=?)", told
    assert any(line.startswith("SEARCH bin") and "(id=?)" in line for line in told), told


def test_what_runs_low_is_sought_only_among_parts_that_have_a_minimum(world: World) -> None:
    assert "SEARCH part USING INDEX ix_part_least (org_id=?" in plans(world, "stock", after=None, sort="", low=True)[0]


def test_what_went_through_one_lot_is_read_from_its_own_index(world: World) -> None:
    part = world.save("part", code="PUMP", name="Fuel pump", tracking="serial")
    world.done(ReceiveStock(part=part, bin=world.bin, quantity=Quantity(1), lot="SN-1"))
    [lot] = world.rows(Lot)
    assert any("ix_stock_line_lot" in line for line in plans(world, "movements", after=None, sort="", lot=lot.id))


def test_the_same_rows_come_whatever_leads(world: World) -> None:
    world.done(ReceiveStock(part=world.part, bin=world.other_bin, quantity=Quantity(2)))
    ways = [world.app.ask("stock", world.actor, sort=sort, limit=100).rows for sort in ("code", "name", "on_hand", "bin")]
    as_set = [sorted((row["code"], row["bin"], str(row["on_hand"])) for row in rows) for rows in ways]
    assert len(as_set[0]) == 6
    assert all(one == as_set[0] for one in as_set)
    assert world.app.count("stock", world.actor) == 6
    world.save("part", id=world.part, least="10")
    assert [row["code"] for row in world.app.ask("stock", world.actor, low=True).rows] == ["PT-0", "PT-0"]
    assert world.app.count("stock", world.actor, low=True) == 2
    keeper = world.person("Kim", "KEE", place=world.warehouse)
    assert world.app.count("stock", keeper) == 6
