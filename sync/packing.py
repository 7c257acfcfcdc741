"""Many rows of one entity as one packed block of columns, in the order of their ids: the form for slow lines."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

import msgspec

from app.kernel.entity import Entity
from app.kernel.registry import Registry
from app.kernel.rows import table_of
from app.kernel.types import Id
from sync import columns
from sync.filling import Some

_FEW_IDS = 4  # an id that comes so often on average is said once


def packed(entity: type[Entity], rows: Sequence[Sequence[Any]]) -> bytes:
    """Rows with all columns of their table, as SQLite keeps them. There is at least one."""
    table = table_of(entity)
    turned = zip(*rows, strict=True)
    written = [
        _ids(values) if isinstance(column.type, Id) else columns.written(values)
        for column, values in zip(table.columns, turned, strict=True)
    ]
    names = [column.name for column in table.columns]
    return msgspec.msgpack.encode([entity.__tablename__, len(rows), names, written])


def unpacked(registry: Registry, block: bytes) -> Some | None:
    """What `packed` packed; None for an entity that this program does not know. ValueError for anything else.

    A column that this program lacks is left aside; one that the block lacks is empty.
    """
    try:
        name, count, names, written = msgspec.msgpack.decode(block, type=tuple[str, int, list[str], list[list[Any]]])
    except msgspec.DecodeError as error:
        raise ValueError("no block") from error
    if not 0 < count <= columns.MOST_ROWS or len(names) != len(written):
        raise ValueError("no block of rows")
    entity = registry.entities.get(name)
    return None if entity is None else (entity, list(_rows(entity, count, dict(zip(names, written, strict=True)))))


def _rows(entity: type[Entity], count: int, written: dict[str, columns.Column]) -> Iterator[tuple[Any, ...]]:
    none = [columns.SAME, None]
    read = [
        _read_ids(written.get(column.name, none), count)
        if isinstance(column.type, Id)
        else columns.read(written.get(column.name, none), count)
        for column in table_of(entity).columns
    ]
    return zip(*read, strict=True)


def _ids(values: Sequence[bytes | None]) -> columns.Column:
    """A column of ids: those that come often are said once, the others turned so that what they share lies together."""
    distinct = dict.fromkeys(values)
    if len(distinct) * _FEW_IDS <= len(values) or None in distinct:
        places = dict(zip(distinct, range(len(distinct)), strict=True))
        inner = [None if one is None else one.hex() for one in distinct]
        return [columns.FEW, columns.written(inner), columns.written([places[one] for one in values])]
    return [columns.IDS, columns.planes(b"".join(values), columns.ID)]  # type: ignore[arg-type]


def _read_ids(column: Any, count: int) -> Sequence[bytes | None]:
    match column:
        case [columns.IDS, packed]:
            joined = columns.turned_back(packed, columns.ID, count)
            return [joined[at : at + columns.ID] for at in range(0, len(joined), columns.ID)]
        case [columns.FEW, inner, places]:
            return _read_few(inner, columns.read(places, count))
        case _:
            return columns.read([columns.SAME, None], count)


def _read_few(inner: Any, places: Sequence[Any]) -> Sequence[bytes | None]:
    if not all(isinstance(place, int) and place >= 0 for place in places):
        raise ValueError("no place")
    told = columns.read(inner, max(places) + 1)
    distinct = [None if one is None else bytes.fromhex(one) for one in told]
    return [distinct[place] for place in places]
