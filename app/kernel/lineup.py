"""Line-up: the order in which all rows of an Ask stand, taken once, so that any line of a million is found without a search.

Taking it reads every row that passes, and only where somebody waits behind a screen for it: never for a page. For the stores of
terminals, which are SQLite's.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, String, Table, func, select, type_coerce
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kernel.problems import Trouble
from app.kernel.queries import Ask, Filter, Row, end_of, key_of, narrowed, page, told
from app.kernel.types import Id

BYTES = 16  # of one id
STEPS = 20_000  # of SQLite's machine, from one look at whether anybody still wants to know to the next
Cancelled = Callable[[], bool]


class Unwanted(Exception):
    """Nobody waits for the answer any more."""


class LineUp:
    """The keys of all rows in their order, each of so many ids; a million keys of one id take 16 MB."""

    def __init__(self, packed: bytes, ids: int = 1) -> None:
        self._packed, self._width = packed, ids * BYTES

    def __len__(self) -> int:
        return len(self._packed) // self._width

    def __eq__(self, other: object) -> bool:
        return isinstance(other, LineUp) and other._packed == self._packed

    def __hash__(self) -> int:
        return hash(self._packed)

    def keys(self, first: int = 0, count: int | None = None) -> list[str]:
        """The keys of so many lines, in hex."""
        last = len(self) if count is None else min(len(self), first + count)
        return [self._packed[line * self._width : (line + 1) * self._width].hex() for line in range(first, last)]

    def line_of(self, ident: UUID) -> int | None:
        """The first line whose key begins with an id."""
        place = self._packed.find(ident.bytes)
        while place > 0 and place % self._width:
            place = self._packed.find(ident.bytes, place + 1)
        return place // self._width if place >= 0 else None


def can_line_up(ask: Ask) -> bool:
    """Whether rows are told apart by ids alone."""
    columns = ask.statement.selected_columns
    return all(isinstance(columns[name].type, Id) for name in ask.key)


def taken(session: Session, ask: Ask, *, sort: str = "", filters: Sequence[Filter] = ()) -> LineUp:
    """All rows that pass, in order. Whatever the column, they are read as they lie on the disk and sorted then: along an index
    each row would be fetched from another place."""
    order = sort or ask.order
    name, down = order.lstrip("-"), order.startswith("-")
    source, conditions = narrowed(ask, _read_through(ask.statement), filters)
    found = [key_of(source.c[one], ask, one) for one in dict.fromkeys((name, *ask.key))]
    found = [func.coalesce(key, key) for key in found]
    keys = (
        select(*(source.c[one] for one in ask.key)).where(*conditions).order_by(*(key.desc() if down else key for key in found))
    )
    lined = keys.subquery("lined")
    hexed: ColumnElement[Any] = func.hex(lined.c[ask.key[0]])
    for one in ask.key[1:]:
        hexed = hexed.op("||")(func.hex(lined.c[one]))
    whole = select(func.group_concat(hexed, "", type_=String))
    packed = session.scalar(whole, execution_options={"needs": ask.needs})
    return LineUp(bytes.fromhex(packed or ""), len(ask.key))


def rows_at(session: Session, ask: Ask, keys: Sequence[str]) -> list[Row | None]:
    """The rows with these keys as they are now; None for one that is gone. Each is looked up, whatever the planner believes."""
    wanted = func.json_each(json.dumps(list(keys))).table_valued("key", "value")
    parts = [
        func.unhex(func.substr(wanted.c.value, 1 + 2 * BYTES * place, 2 * BYTES)).label(name)
        for place, name in enumerate(ask.key)
    ]
    asked = select(type_coerce(wanted.c.key, Integer).label("line"), *parts).cte("asked").prefix_with("MATERIALIZED")
    source = (ask.statement if ask.found is None else ask.found).subquery("ask")
    on = [source.c[name] == type_coerce(func.coalesce(asked.c[name], asked.c[name]), Id()) for name in ask.key]
    rows: list[Row | None] = [None] * len(keys)
    found = session.execute(
        select(asked.c.line, source).select_from(asked).join(source, _all(on)), execution_options={"needs": ask.needs}
    )
    here = {row.pop("line"): row for row in map(dict, found.mappings())}
    for line, row in zip(here, told(ask, list(here.values())), strict=True):
        rows[line] = row
    return rows


def lines(
    session: Session, ask: Ask, up: LineUp, first: int, count: int, sort: str = "", filters: Sequence[Filter] = ()
) -> list[Row | None]:
    """So many rows from a line on. Where an index runs in their order they are read along it, from the row before them."""
    order = sort or ask.order
    if filters or ask.told is not None or not _runs_along(ask, order.lstrip("-")):
        return rows_at(session, ask, up.keys(first, count))
    before = rows_at(session, ask, up.keys(first - 1, 1))[0] if first else None
    if first and before is None:
        return rows_at(session, ask, up.keys(first, count))
    after = end_of(ask, order, before) if before is not None else None
    count = min(count, len(up) - first)
    found = page(session, ask, after=after, limit=count, sort=sort).rows
    return [*found, *[None] * (count - len(found))]


def _runs_along(ask: Ask, name: str) -> bool:
    """Whether an index has the rows in the order of a column."""
    if name in ask.led:
        return True
    if name in ask.key or ask.column(name).empty:
        return False
    [column, *more] = ask.statement.selected_columns[name].base_columns
    table = getattr(column, "table", None)
    if more or not isinstance(table, Table):
        return False
    return any([one.name for one in index.columns][:2] == ["org_id", column.name] for index in table.indexes)


def _all(conditions: Sequence[ColumnElement[bool]]) -> ColumnElement[bool]:
    first, *rest = conditions
    for one in rest:
        first = first & one
    return first


def _read_through(statement: Select[*tuple[Any, ...]]) -> Select[*tuple[Any, ...]]:
    """A statement of one table is read from its beginning to its end."""
    froms = statement.get_final_froms()
    return statement.with_hint(froms[0], "NOT INDEXED", "sqlite") if len(froms) == 1 and hasattr(froms[0], "key") else statement


@contextmanager
def while_wanted(session: Session, cancelled: Cancelled) -> Iterator[None]:
    """Whatever is asked within ends soon after nobody wants it any more; then `Unwanted` is raised."""
    driver: Any = session.connection().connection.driver_connection
    driver.set_progress_handler(lambda: int(cancelled()), STEPS)
    try:
        yield
    except (DBAPIError, Trouble):
        if cancelled():
            raise Unwanted from None
        raise
    finally:
        driver.set_progress_handler(None, 0)
    if cancelled():
        raise Unwanted
