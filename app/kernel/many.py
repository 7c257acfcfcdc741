"""Many rows at once: at the hub one statement over arrays, which costs PostgreSQL and us a tenth of a statement for each row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from functools import lru_cache, partial
from typing import Any, cast

from sqlalchemy import Boolean, Column, ColumnElement, Dialect, String, Table, any_, literal
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, TypeDecorator

from app.kernel.types import Id, Json, canonical

AT_ONCE = 1000
Row = dict[str, Any]


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of these values. At the hub they go as one array, not as a parameter each."""
    if session.get_bind().dialect.name != "postgresql":
        return cast("ColumnElement[bool]", column.in_(values))
    from sqlalchemy.dialects.postgresql import ARRAY  # a terminal need not load what only the hub speaks

    return cast("ColumnElement[bool]", column == any_(literal(list(values), ARRAY(column.type))))


def insert_many(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Writes new rows, which all name the same columns."""
    _write(session, table, rows, "")


def upsert_many(session: Session, table: Table, rows: Sequence[Row], key: tuple[str, ...], does: str = "") -> None:
    """Writes rows; where the key is there already, the other given columns are replaced, or what `does` says in SQL is done.
    No key may come twice."""
    if rows:
        rest = [name for name in rows[0] if name not in key]
        replaced = does or ", ".join(f'"{name}" = excluded."{name}"' for name in rest)
        _write(
            session, table, rows, f" ON CONFLICT ({', '.join(key)}) DO " + (f"UPDATE SET {replaced}" if replaced else "NOTHING")
        )


def _write(session: Session, table: Table, rows: Sequence[Row], clash: str) -> None:
    if not rows:
        return
    connection, names = session.connection(), tuple(rows[0])
    binds = _binds(table, names, connection.dialect)
    for start in range(0, len(rows), AT_ONCE):
        some = rows[start : start + AT_ONCE]
        columns = [
            [row[name] for row in some] if bind is None else [bind(row[name]) for row in some]
            for name, bind in zip(names, binds, strict=True)
        ]
        if connection.dialect.name == "postgresql":
            filled = tuple(any(value is not None for value in column) for column in columns)
            arrays = tuple(column for column, is_filled in zip(columns, filled, strict=True) if is_filled)
            connection.exec_driver_sql(_by_arrays(table, names, filled, clash), arrays)
        else:
            connection.exec_driver_sql(_one_by_one(table, names, clash), list(zip(*columns, strict=True)))


@lru_cache(maxsize=512)
def _one_by_one(table: Table, names: tuple[str, ...], clash: str) -> str:
    return f'INSERT INTO "{table.name}" ({_quoted(names)}) VALUES ({", ".join("?" * len(names))}){clash}'  # noqa: S608


@lru_cache(maxsize=512)
def _by_arrays(table: Table, names: tuple[str, ...], filled: tuple[bool, ...], clash: str) -> str:
    """Arrays go in binary (`%b`), for which nothing is escaped. A column in which nothing is filled in has no array."""
    kinds = {name: _kind(table.c[name]) for name in names}
    given = [name for name, is_filled in zip(names, filled, strict=True) if is_filled]
    arrays = ", ".join(f"%b::{'text' if kinds[name] == 'jsonb' else kinds[name]}[]" for name in given)
    taken = ", ".join(f'"{name}"::{kinds[name]}' if name in given else f"NULL::{kinds[name]}" for name in names)
    return (
        f'INSERT INTO "{table.name}" ({_quoted(names)}) '  # noqa: S608
        f"SELECT {taken} FROM unnest({arrays}) AS given ({_quoted(given)}){clash}"
    )


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


def _kind(column: Column[Any]) -> str:
    """What PostgreSQL calls the values of a column."""
    held = column.type.impl if isinstance(column.type, TypeDecorator) else column.type
    match column.type, held:
        case Id(), _:
            return "uuid"
        case Json(), _:
            return "jsonb"
        case _, BigInteger():
            return "bigint"
        case _, Boolean():
            return "boolean"
        case _, String():
            return "text"
    raise TypeError(f"many values of {column} at once are not written yet")


@lru_cache(maxsize=512)
def _binds(table: Table, names: tuple[str, ...], dialect: Dialect) -> tuple[Callable[[Any], Any] | None, ...]:
    return tuple(_bind(table.c[name].type, dialect) for name in names)


def _bind(of_type: Any, dialect: Dialect) -> Callable[[Any], Any] | None:
    """How a value goes to the driver; None for what goes as it is."""
    if isinstance(of_type, Json):
        return _as_json
    if not isinstance(of_type, TypeDecorator) or (isinstance(of_type, Id) and dialect.name == "postgresql"):
        return None
    return partial(_as_bound, of_type, dialect)


def _as_json(value: Any) -> str | None:
    return None if value is None else canonical(value)


def _as_bound(of_type: TypeDecorator[Any], dialect: Dialect, value: Any) -> Any:
    return of_type.process_bind_param(value, dialect)
