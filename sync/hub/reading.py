"""The hub's rows as SQLite keeps them, read in bulk: no objects are made of a million rows that only change their house."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import Column
from sqlalchemy.exc import OperationalError
from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.rows import table_of
from app.kernel.types import Id, Json, canonical
from sync.hub.feed import Reach

TOGETHER = 10_000  # rows at once


def rows(session: Session, entity: type[Entity], reach: Reach) -> Iterator[list[tuple[Any, ...]]]:
    """The rows in reach, in the order of their ids, each with the table's columns as SQLite keeps them."""
    connection = session.connection()
    post = connection.dialect.name == "postgresql"
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor(f"rows_of_{entity.__tablename__}", binary=True) if post else driver.cursor()
    try:
        cursor.execute(_wanted(entity, reach, post=post))
        plain = [place for place, column in enumerate(table_of(entity).columns) if isinstance(column.type, Json)] if post else []
        while some := cursor.fetchmany(TOGETHER):
            yield [_written(row, plain) for row in some] if plain else some
    finally:
        cursor.close()


def changed(session: Session, entity: type[Entity], reach: Reach, after: int, upto: int) -> list[tuple[Any, ...]]:
    """The rows in reach that the feed has under a number after `after` and up to `upto`, as they are now, as above; the plain
    data are text as the database keeps it."""
    connection = session.connection()
    post = connection.dialect.name == "postgresql"
    driver: Any = connection.connection.driver_connection
    cursor = driver.cursor(binary=True) if post else driver.cursor()
    try:
        pointed = f"SELECT row_id FROM feed WHERE entity = '{entity.__tablename__}' AND seq > {after:d} AND seq <= {upto:d}"  # noqa: S608
        cursor.execute(_wanted(entity, reach, f" AND id IN ({pointed})", post=post))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
    except connection.dialect.loaded_dbapi.OperationalError as error:  # as SQLAlchemy has it: the database is away
        raise OperationalError(None, None, error) from error
    finally:
        cursor.close()


def _wanted(entity: type[Entity], reach: Reach, further: str = "", *, post: bool) -> str:
    names = ", ".join(_as_kept(column) if post else column.name for column in table_of(entity).columns)
    where = " AND ".join(_conditions(entity, reach, _post_id if post else _lite_id))
    return f"SELECT {names} FROM {entity.__tablename__} WHERE {where}{further} ORDER BY id"  # noqa: S608, of our own names and ids


def _as_kept(column: Column[Any]) -> str:
    if isinstance(column.type, Id):
        return f"uuid_send({column.name})"
    return f"{column.name}::text" if isinstance(column.type, Json) else column.name


def _conditions(entity: type[Entity], reach: Reach, written: Callable[[UUID], str]) -> Iterator[str]:
    """The same as `Reach.holds`, for all rows at once."""
    yield f"org_id = {written(reach.org_id)}"
    scope, places = entity.__about__.scope, reach.places(entity)
    if places is not None:
        named = ", ".join(written(place) for place in sorted(places))
        among = f" OR {scope.value} IN ({named})" if named else ""
        yield f"({scope.value} IS NULL{among})"


def _post_id(ident: UUID) -> str:
    return f"'{ident.hex}'::uuid"


def _lite_id(ident: UUID) -> str:
    return f"x'{ident.hex}'"


def _written(row: Sequence[Any], plain: Sequence[int]) -> tuple[Any, ...]:
    """A row whose plain data are in their one text."""
    made = list(row)
    for place in plain:
        if made[place] is not None:
            made[place] = canonical(json.loads(made[place]))
    return tuple(made)
