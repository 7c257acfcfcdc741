"""A row as plain data and back: one codec for audit, undo, feed, snapshot and fingerprint."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from functools import cache
from typing import Any, cast
from uuid import UUID

from sqlalchemy import Table

from app.kernel.entity import Base, Entity
from app.kernel.money import Money, MoneyType
from app.kernel.types import DayType, Id, Json, Quantity, QuantityType, UtcTime, canonical, millis, moment

Image = dict[str, Any]
Codec = tuple[Callable[[Any], Any], Callable[[Any], Any]]


def same(value: Any) -> Any:
    return value


def _read_day(value: Any) -> Any:
    return DayType().process_result_value(value, None)  # type: ignore[arg-type]


def _codec(of_type: object) -> Codec:
    """How a column's value becomes plain data, and back."""
    match of_type:
        case Id():
            return lambda value: value.hex, UUID
        case QuantityType():
            return lambda value: value.thousandths, Quantity.of_thousandths
        case MoneyType():
            return lambda value: value.minor, Money
        case UtcTime():
            return millis, moment
        case DayType():
            return lambda value: value.isoformat(), _read_day
        case Json():
            return same, same
        case _:
            return same, same


@cache
def codecs(entity: type[Entity]) -> dict[str, Codec]:
    return {column.key: _codec(column.type) for column in entity.__table__.columns}


def image(entity: type[Entity], values: Mapping[str, Any]) -> Image:
    """The plain data of a row (or of some of its columns): ids as hex, amounts as scaled integers, times as milliseconds."""
    known = codecs(entity)
    return {name: None if value is None else known[name][0](value) for name, value in values.items() if name in known}


def values(entity: type[Entity], plain: Mapping[str, Any]) -> dict[str, Any]:
    """Column values from plain data; columns this version does not know are left aside."""
    known = codecs(entity)
    return {name: None if value is None else known[name][1](value) for name, value in plain.items() if name in known}


def row_values(row: Entity) -> dict[str, Any]:
    """All columns of a loaded row."""
    known = vars(row)  # what is there is read past the mapper, which takes ten times as long
    return {name: known[name] if name in known else getattr(row, name) for name in codecs(type(row))}


def columns_of(entity: type[Entity], rows: Sequence[Entity]) -> dict[str, list[Any]]:
    """All columns of new rows of one entity, column by column."""
    known = [vars(row) for row in rows]
    try:
        return {name: [held[name] for held in known] for name in codecs(entity)}
    except KeyError:  # somebody left a column out
        return {name: [getattr(row, name) for row in rows] for name in codecs(entity)}


def row_image(row: Entity) -> Image:
    return image(type(row), row_values(row))


def line(plain: Mapping[str, Any]) -> str:
    """The canonical text of a row, equal on every replica: what fingerprints are made of."""
    return canonical(dict(plain))


def table_of(entity: type[Base]) -> Table:
    return cast(Table, entity.__table__)
