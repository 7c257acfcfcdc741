"""Pages of rows for one terminal: what changed after a number, read by columns: no object is made of a row on its way."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterator, Sequence
from functools import cache
from typing import Any

from sqlalchemy import Boolean, bindparam, select
from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.records import FeedRow
from app.kernel.registry import Registry
from app.kernel.rows import table_of
from app.kernel.types import Id, Json
from sync.hub.feed import Reach, among_given, gone_between
from sync.hub.glance import FEW, Glance
from sync.hub.reading import changed
from sync.protocol import Page, Pull
from sync.sections import Lines, Section

TOGETHER = 4000  # rows of a page, at most, for a terminal that is far behind: each page costs the same few questions
Plain = Callable[[Any], Any]


def pages(session: Session, registry: Registry, reach: Reach, pull: Pull, horizon: int, seen: Glance | None = None) -> list[Page]:
    """The next pages after the cursor, up to the feed's head as the session sees it. A page never ends inside a transaction.
    What was `seen` already, which is where all that comes goes into one page, is not asked for again."""
    cursor, found, room = pull.cursor, list[Page](), pull.rows * pull.pages
    few = seen.coming if seen is not None else None
    while cursor < horizon and room > 0 and len(found) < pull.pages:
        most = max(min(pull.rows, room), min(room // 2, TOGETHER))
        upto, entities = ahead(session, reach, cursor, horizon, most) if few is None or most < FEW else (horizon, few)
        wanted = [registry.entities[name] for name in sorted(entities) if name not in pull.without]
        there = [_section(session, entity, reach, cursor, upto) for entity in wanted]
        gone = _left(session, registry, reach, cursor, upto) if seen is None or seen.left else ()
        left = [one for one in gone if one.entity not in pull.without]
        page = Page(Lines(tuple(one for one in (*there, *left) if len(one))), upto)
        found.append(page)
        room -= max(len(page.lines), pull.rows)
        cursor = upto
    return found


def ahead(session: Session, reach: Reach, after: int, horizon: int, most: int) -> tuple[int, Collection[str]]:
    """Up to which number about so many rows go, and the entities that are among them."""
    held = reach.held
    given = {"org": reach.org_id, "after": after, "upto": horizon, "most": most, "held": held}
    first = session.execute(_first(held is not None), given).all()
    entities = {entity for entity, _seq in first}
    if len(first) < most:
        return horizon, entities
    upto = int(first[-1].seq or horizon)
    rest = select(FeedRow.entity).where(FeedRow.org_id == reach.org_id, reach.among(FeedRow.place), FeedRow.seq == upto)
    return upto, entities | set(session.scalars(rest.distinct()))


@cache
def _first(narrow: bool) -> Any:
    """Built once: nearly every exchange asks it."""
    wanted = select(FeedRow.entity, FeedRow.seq).where(
        FeedRow.org_id == bindparam("org"),
        FeedRow.seq > bindparam("after"),
        FeedRow.seq <= bindparam("upto"),
        among_given(FeedRow.place, narrow),
    )
    return wanted.order_by(FeedRow.seq).limit(bindparam("most"))


def _section(session: Session, entity: type[Entity], reach: Reach, after: int, upto: int) -> Section:
    rows = changed(session, entity, reach, after, upto)
    names, plain = _columns(entity)
    given: list[Sequence[Any]] = [
        column if make is None else [None if value is None else make(value) for value in column]
        for column, make in zip(zip(*rows, strict=True), plain, strict=False)
    ]
    return Section(entity.__tablename__, given[names.index("id")] if rows else (), names, given)


@cache
def _columns(entity: type[Entity]) -> tuple[tuple[str, ...], tuple[Plain | None, ...]]:
    """The names of an entity's columns, and how what the database keeps becomes plain data; None for what is plain already."""
    columns = table_of(entity).columns
    return tuple(column.name for column in columns), tuple(_plain(column.type) for column in columns)


def _plain(of_type: object) -> Plain | None:
    match of_type:
        case Id():
            return bytes.hex
        case Json():
            return json.loads
        case Boolean():
            return bool
        case _:
            return None


def _left(session: Session, registry: Registry, reach: Reach, after: int, upto: int) -> Iterator[Section]:
    """The rows that left the terminal's places, or were erased, and did not come back."""
    named: dict[str, list[str]] = {}
    for entity, ident in gone_between(session, registry, reach, after, upto):
        named.setdefault(entity, []).append(ident.hex)
    for entity, idents in named.items():
        yield Section(entity, idents, None)
