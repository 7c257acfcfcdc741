"""Lists of a store that has been kept for years: the newest page is read from an index, and nothing is sorted for it."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import event

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
    ("name", "sort"), [("movements", ""), ("movements", "stamp"), ("parts", "name"), ("part", ""), ("stock_line", "")]
)
def test_no_page_of_a_long_list_sorts_the_whole_table(world: World, name: str, sort: str, page: int) -> None:
    after = world.app.ask(name, world.actor, limit=2, sort=sort).next if page == 2 else None
    told = plans(world, name, after=after, sort=sort)
    assert told
    assert not [line for line in told if line == "USE TEMP B-TREE FOR ORDER BY"], told


def test_what_went_through_one_bin_is_read_from_its_own_index(world: World) -> None:
    assert any("ix_stock_line_bin" in line for line in plans(world, "movements", after=None, sort="", bin=world.bin))
