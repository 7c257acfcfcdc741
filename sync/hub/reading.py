"""The hub's rows as SQLite keeps them, read in bulk: no objects are made of a million rows that only change their house."""

from __future__ import annotations

import json
from collections.abc import Iterator, Sequence
from functools import cache
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
        cursor.execute(*_wanted(entity, reach, post=post))
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
        cursor.execute(*_wanted(entity, reach, (after, upto), post=post))
        found: list[tuple[Any, ...]] = cursor.fetchall()
        return found
    except connection.dialect.loaded_dbapi.OperationalError as error:  # as SQLAlchemy has it: the database is away
        raise OperationalError(None, None, error) from error
    finally:
        cursor.close()


def _wanted(entity: type[Entity], reach: Reach, between: tuple[int, int] | None = None, *, post: bool) -> tuple[str, list[Any]]:
    """The question, and what it is asked with: so PostgreSQL knows it again, whichever terminal it is asked for."""
    names = _names(entity, post)
    place, given = "%s" if post else "?", list[Any]()
    where = " AND ".join(_conditions(entity, reach, place, given))
    if between is not None:
        near = _near(reach, place)
        pointed = f"SELECT row_id FROM feed WHERE entity = '{entity.__tablename__}' AND seq > {place} AND seq <= {place}{near}"  # noqa: S608
        where, given = f"{where} AND id IN ({pointed})", [*given, *between, *(reach.held or ())]
    told = given if post else [one.bytes if isinstance(one, UUID) else one for one in given]
    return f"SELECT {names} FROM {entity.__tablename__} WHERE {where} ORDER BY id", told  # noqa: S608, of our own names


@cache
def _names(entity: type[Entity], post: bool) -> str:
    return ", ".join(_as_kept(column) if post else column.name for column in table_of(entity).columns)


def _near(reach: Reach, place: str) -> str:
    """The feed knows where a row lies: those of other places are not even looked up."""
    held = reach.held
    return "" if held is None else f" AND (place IS NULL OR place IN ({', '.join([place] * len(held))}))"


def _as_kept(column: Column[Any]) -> str:
    if isinstance(column.type, Id):
        return f"uuid_send({column.name})"
    return f"{column.name}::text" if isinstance(column.type, Json) else column.name


def _conditions(entity: type[Entity], reach: Reach, place: str, given: list[Any]) -> Iterator[str]:
    """The same as `Reach.holds`, for all rows at once; `given` gets what stands at the `place`s."""
    yield f"org_id = {place}"
    given.append(reach.org_id)
    scope, places = entity.__about__.scope, reach.places(entity)
    if places is not None:
        among = f" OR {scope.value} IN ({', '.join([place] * len(places))})" if places else ""
        yield f"({scope.value} IS NULL{among})"
        given += sorted(places)


def _written(row: Sequence[Any], plain: Sequence[int]) -> tuple[Any, ...]:
    """A row whose plain data are in their one text."""
    made = list(row)
    for place in plain:
        if made[place] is not None:
            made[place] = canonical(json.loads(made[place]))
    return tuple(made)
