"""Many rows at once: at the hub one statement over arrays, which costs PostgreSQL and us a tenth of a statement for each row."""

from __future__ import annotations

from collections.abc import Callable, Collection, Hashable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from functools import cache, lru_cache, partial
from itertools import repeat
from operator import is_
from typing import Any, TypeVar, cast
from uuid import UUID

from sqlalchemy import Boolean, Column, ColumnElement, Select, String, Table, any_, bindparam, literal, select
from sqlalchemy.engine.default import DefaultDialect
from sqlalchemy.orm import Session
from sqlalchemy.types import BigInteger, TypeDecorator

from app.kernel.ahead import ahead_of
from app.kernel.arrays import array, single
from app.kernel.types import Id, Json, canonical

E = TypeVar("E")
AT_ONCE = 2000  # rows of one statement: while the database works on one, a second one that is large waits to be sent
FEW = 50
ANY = DefaultDialect()  # quantities, money, times and days go to every database alike
NOTHING, ONE, EACH = range(3)  # what a column holds: no value, the same in every row, or one of each row's own
Row = dict[str, Any]
Columns = Mapping[str, Sequence[Any]]
Names = tuple[str, ...]
Bind = Callable[[Any], Any]


class Written(str):
    """Plain data that has been written down canonically already."""

    __slots__ = ()


def among(session: Session, column: Any, values: Collection[Any]) -> ColumnElement[bool]:
    """Whether a column has one of these values. At the hub they go as one array, not as a parameter each."""
    if session.get_bind().dialect.name != "postgresql":
        return cast("ColumnElement[bool]", column.in_(values))
    from sqlalchemy.dialects.postgresql import ARRAY  # a terminal need not load what only the hub speaks

    return cast("ColumnElement[bool]", column == any_(literal(list(values), ARRAY(column.type))))


def on_hub(session: Session) -> bool:
    return session.get_bind().dialect.name == "postgresql"


def among_given(column: Any, hub: bool) -> ColumnElement[bool]:
    """The same for a question that is put together once and asked often: its values come as the parameter `given`."""
    if not hub:
        return cast("ColumnElement[bool]", column.in_(bindparam("given", expanding=True)))
    from sqlalchemy.dialects.postgresql import ARRAY

    return cast("ColumnElement[bool]", column == any_(bindparam("given", type_=ARRAY(column.type))))


def with_ids(session: Session, entity: type[E], idents: Collection[UUID]) -> list[E]:
    """The rows of an entity with these ids."""
    return list(session.scalars(_with_ids(cast(Hashable, entity), on_hub(session)), {"given": list(idents)}))


@cache
def _with_ids(entity: Any, hub: bool) -> Select[Any]:
    return select(entity).where(among_given(entity.id, hub))


@contextmanager
def driven(session: Session) -> Iterator[Any]:
    """The driver's own connection, for rows by the thousand: of what goes through it no object is made on the way. What it
    raises comes as any other statement's trouble does."""
    connection = session.connection()
    try:
        yield connection.connection.driver_connection
    except connection.dialect.loaded_dbapi.Error as error:
        connection._handle_dbapi_exception(error, None, None, None, None)


def insert_many(session: Session, table: Table, rows: Sequence[Row]) -> None:
    """Writes new rows, which all name the same columns."""
    if rows:
        _write(session, table, _columns(rows), "")


def insert_columns(session: Session, table: Table, columns: Columns) -> None:
    """The same of rows that are given column by column."""
    _write(session, table, columns, "")


def upsert_many(session: Session, table: Table, rows: Sequence[Row], key: tuple[str, ...], does: str = "") -> None:
    """Writes rows; where the key is there already, the other given columns are replaced, or what `does` says in SQL is done.
    No key may come twice."""
    if rows:
        upsert_columns(session, table, _columns(rows), key, does)


def upsert_columns(session: Session, table: Table, columns: Columns, key: tuple[str, ...], does: str = "") -> None:
    """The same of rows that are given column by column."""
    replaced = does or ", ".join(f'"{name}" = excluded."{name}"' for name in columns if name not in key)
    clash = f" ON CONFLICT ({', '.join(key)}) DO " + (f"UPDATE SET {replaced}" if replaced else "NOTHING")
    _write(session, table, columns, clash)


def _columns(rows: Sequence[Row]) -> Columns:
    return {name: [row[name] for row in rows] for name in rows[0]}


def _write(session: Session, table: Table, columns: Columns, clash: str) -> None:
    hub, names = on_hub(session), tuple(columns)
    binds = _binds(table, names, hub)
    write = _by_arrays if hub else _one_by_one
    for start in range(0, len(columns[names[0]]), AT_ONCE):
        some = [column[start : start + AT_ONCE] for column in columns.values()]
        held = tuple(_held(column) for column in some)
        bound = [_bound(column, bind, what) for column, bind, what in zip(some, binds, held, strict=True)]
        statement, given = write(table, names, bound, held, clash)
        connection, ahead = session.connection(), ahead_of(session)  # a savepoint begins where its connection is first asked for
        if ahead is not None and (len(some[0]) >= FEW or ahead.is_under_way):
            ahead.send(statement, given)
        else:
            connection.exec_driver_sql(statement, given)


def _held(column: Sequence[Any]) -> int:
    """What a column holds. Of few rows it is not asked, so that their statements are the same whatever they hold."""
    first = column[0]
    if (first is not None and len(column) < FEW) or not all(map(is_, column, repeat(first))):
        return EACH
    return NOTHING if first is None else ONE


def _bound(column: Sequence[Any], bind: Bind | None, held: int) -> Sequence[Any]:
    if bind is None or held == NOTHING:
        return column
    return [bind(value) for value in column] if held == EACH else [bind(column[0])] * len(column)


def _one_by_one(table: Table, names: Names, columns: list[Sequence[Any]], _held: object, clash: str) -> tuple[str, Any]:
    return _put(table, names, clash), list(zip(*columns, strict=True))


@lru_cache(maxsize=512)
def _put(table: Table, names: Names, clash: str) -> str:
    return f'INSERT INTO "{table.name}" ({_quoted(names)}) VALUES ({", ".join("?" * len(names))}){clash}'  # noqa: S608


def _by_arrays(table: Table, names: Names, columns: list[Sequence[Any]], held: tuple[int, ...], clash: str) -> tuple[str, Any]:
    held = held if EACH in held else (EACH, *held[1:])  # something must tell how many rows there are
    given = list(zip([_sent(table.c[name]) for name in names], columns, held, strict=True))
    ones = [single(kind, column[0]) for kind, column, what in given if what == ONE]
    arrays = [array(kind, column) for kind, column, what in given if what == EACH]
    return _put_arrays(table, names, held, clash), (*ones, *arrays)


@lru_cache(maxsize=512)
def _put_arrays(table: Table, names: Names, held: tuple[int, ...], clash: str) -> str:
    """Values go in binary (`%b`), for which nothing is escaped; one that is the same in every row goes once."""
    each = [name for name, what in zip(names, held, strict=True) if what == EACH]
    arrays = ", ".join(f"%b::{_sent(table.c[name])}[]" for name in each)
    taken = ", ".join(_taken(table.c[name], what) for name, what in zip(names, held, strict=True))
    return (
        f'INSERT INTO "{table.name}" ({_quoted(names)}) '  # noqa: S608
        f"SELECT {taken} FROM unnest({arrays}) AS given ({_quoted(each)}){clash}"
    )


def _taken(column: Column[Any], held: int) -> str:
    """Where a column's values come from."""
    if held == NOTHING:
        return f"NULL::{_kind(column)}"
    given = f"%b::{_sent(column)}" if held == ONE else f'given."{column.name}"'
    return given if _sent(column) == _kind(column) else f"{given}::{_kind(column)}"


def _sent(column: Column[Any]) -> str:
    """What PostgreSQL calls the values of a column on their way: plain data goes as text."""
    return "text" if _kind(column) == "jsonb" else _kind(column)


def _quoted(names: Iterable[str]) -> str:
    return ", ".join(f'"{name}"' for name in names)


@cache
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
def _binds(table: Table, names: Names, hub: bool) -> tuple[Bind | None, ...]:
    """Kept by the kind of database, not by its engine: whatever is kept here would keep a closed store in memory."""
    return tuple(_bind(table.c[name].type, hub) for name in names)


def _bind(of_type: Any, hub: bool) -> Bind | None:
    """How a value goes to the driver; None for what goes as it is."""
    if isinstance(of_type, Json):
        return _as_json
    if isinstance(of_type, Id):
        return None if hub else _as_bytes
    if not isinstance(of_type, TypeDecorator):
        return None
    return partial(_as_bound, of_type)


def _as_json(value: Any) -> str | None:
    return value if value is None or type(value) is Written else canonical(value)


def _as_bytes(value: UUID | None) -> bytes | None:
    return None if value is None else value.int.to_bytes(16, "big")


def _as_bound(of_type: TypeDecorator[Any], value: Any) -> Any:
    return None if value is None else of_type.process_bind_param(value, ANY)
