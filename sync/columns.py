"""Rows side by side as columns: what is alike is said once, and whole numbers and ids lie so that they pack well.

A column is a short list whose first item says how it is written. Every reader below checks lengths and types before it
believes them, and raises ValueError for whatever no writer of ours makes.
"""

from __future__ import annotations

import json
import sys
from array import array
from collections.abc import Callable, Sequence
from itertools import repeat
from typing import Any

from app.kernel.types import canonical

Column = list[Any]
SAME, WHOLE, IDS, TEXTS, FEW, MANY, SPARSE, PLAIN_DATA = range(8)
MOST_ROWS, MOST_COLUMNS, DEEPEST = 100_000, 500, 32
ID, HEX = 16, 32  # bytes of an id, and its hexadecimal digits
_WIDEST = 8  # bytes of a whole number
_SCALARS = {str, int, bool, float, type(None)}
_NESTED = {dict, list, tuple}
_BIG = sys.byteorder == "big"


# ------------------------------------------------------------------------------------------------------------- writing


def written(values: Sequence[Any]) -> Column:
    """A column of plain values: what `image` makes of a row's column. There is at least one."""
    kinds = set(map(type, values))
    if type(None) in kinds and len(kinds) > 1:
        return _sparse(values)
    if kinds & _NESTED:  # also beside plain values: a setting is a list here and a yes or no there
        return [PLAIN_DATA, written([canonical(value) for value in values])]
    if len(kinds) > 1 or kinds == {float}:
        return [MANY, list(values)]
    return _alike(values, kinds.pop())


def _sparse(values: Sequence[Any]) -> Column:
    there = bytes(value is not None for value in values)
    return [SPARSE, there, written([value for value in values if value is not None])]


def _alike(values: Sequence[Any], kind: type) -> Column:
    """A column of one kind that compares well: no numbers beside truths, and no fractions."""
    distinct = dict.fromkeys(values)
    if len(distinct) == 1:
        return [SAME, values[0]]
    if len(distinct) * (4 if kind is int else 2) <= len(values) and len(distinct) < 1 << 16:
        places = dict(zip(distinct, range(len(distinct)), strict=True))
        return [FEW, len(distinct), written(list(distinct)), _numbers([places[value] for value in values])]
    if kind is int:
        return _whole(values)
    return _texts(values) if kind is str else [MANY, list(values)]


def _whole(values: Sequence[int]) -> Column:
    low, high = min(values), max(values)
    if high - low >= 1 << 63:
        return [MANY, list(values)]
    return [WHOLE, low, _numbers([value - low for value in values])]


def _texts(values: Sequence[str]) -> Column:
    packed = id_bytes(values)
    if packed is not None:
        return [IDS, planes(packed, ID)]
    joined = "\0".join(values)
    return [TEXTS, joined] if joined.count("\0") == len(values) - 1 else [MANY, list(values)]


def id_bytes(values: Sequence[str]) -> bytes | None:
    """The bytes of ids one after another; None where one is not an id as we write it."""
    if set(map(len, values)) != {HEX}:
        return None
    joined = "".join(values)
    try:
        packed = bytes.fromhex(joined)
    except ValueError:
        return None
    return packed if packed.hex() == joined else None


def _numbers(values: Sequence[int]) -> bytes:
    """Whole numbers from 0 up in as few bytes each as the largest one needs: first all lowest bytes, then the next."""
    wide = array("Q", values)
    if _BIG:
        wide.byteswap()
    raw = wide.tobytes()
    width = max(1, (max(values).bit_length() + 7) // 8)
    return b"".join(raw[place::_WIDEST] for place in range(width))


def planes(raw: bytes, width: int) -> bytes:
    """Items of equal width, turned: all first bytes, then all second ones. What is alike then lies together."""
    return b"".join(raw[place::width] for place in range(width))


# ------------------------------------------------------------------------------------------------------------- reading


def read(column: Any, count: int) -> Sequence[Any]:
    """The `count` values of a column; ValueError when it is none."""
    return _read(column, count, DEEPEST)


def _read(column: Any, count: int, depth: int) -> Sequence[Any]:
    if not (isinstance(column, list) and column and type(column[0]) is int and depth):
        raise ValueError("no column")
    reader, size = _READERS.get(column[0], (_read_same, 0))
    if len(column) != size:
        raise ValueError("half a column, or one of a kind that we do not know")
    values: Sequence[Any] = reader(count, depth - 1, *column[1:])
    if len(values) != count:
        raise ValueError("a column of another length")
    return values


def _read_same(count: int, _depth: int, value: Any) -> Sequence[Any]:
    if type(value) not in _SCALARS:
        raise ValueError("no plain value")
    return list(repeat(value, count))


def _read_whole(count: int, _depth: int, low: Any, raw: Any) -> Sequence[Any]:
    if type(low) is not int:
        raise ValueError("no number")
    return [low + value for value in _read_numbers(raw, count)]


def _read_ids(count: int, _depth: int, raw: Any) -> Sequence[Any]:
    joined = turned_back(raw, ID, count).hex()
    return [joined[start : start + HEX] for start in range(0, len(joined), HEX)]


def _read_texts(_count: int, _depth: int, joined: Any) -> Sequence[Any]:
    if not isinstance(joined, str):
        raise ValueError("no text")
    return joined.split("\0")


def _read_few(count: int, depth: int, many: Any, distinct: Any, raw: Any) -> Sequence[Any]:
    if type(many) is not int or not 0 < many <= count:
        raise ValueError("no number of values")
    values = _read(distinct, many, depth)
    places = _read_numbers(raw, count)
    if max(places) >= many:
        raise ValueError("a value that is not there")
    return [values[place] for place in places]


def _read_many(_count: int, _depth: int, values: Any) -> Sequence[Any]:
    if not isinstance(values, list) or not set(map(type, values)) <= _SCALARS:
        raise ValueError("no plain values")
    return values


def _read_sparse(count: int, depth: int, there: Any, inner: Any) -> Sequence[Any]:
    if not isinstance(there, bytes) or len(there) != count or set(there) - {0, 1}:
        raise ValueError("no marks")
    values = iter(_read(inner, sum(there), depth))
    return [next(values) if one else None for one in there]


def _read_plain(count: int, depth: int, texts: Any) -> Sequence[Any]:
    values = _read(texts, count, depth)
    if set(map(type, values)) != {str}:
        raise ValueError("no plain data")
    return [json.loads(value) if shallow(value, DEEPEST) else _too_deep() for value in values]


def _too_deep() -> Any:
    raise ValueError("too deep")


def shallow(text: str, most: int) -> bool:
    """Whether a JSON text can be read without going deeper than `most`. Brackets inside its strings only make us careful."""
    opening = text.count("[") + text.count("{")
    return opening <= most or _depth(text) <= most


def _depth(text: str) -> int:
    """How deep a JSON text nests, at least; strings are left out."""
    outside = "".join(text.replace("\\\\", "").replace('\\"', "").split('"')[::2])
    deepest = depth = 0
    for step in map(_STEPS.get, outside):
        if step:
            depth += step
            deepest = max(deepest, depth)
    return deepest


def _read_numbers(raw: Any, count: int) -> array[int]:
    if not isinstance(raw, bytes) or not count or not 0 < len(raw) <= count * _WIDEST or len(raw) % count:
        raise ValueError("no numbers")
    wide = bytearray(count * _WIDEST)
    for place in range(len(raw) // count):
        wide[place::_WIDEST] = raw[place * count : (place + 1) * count]
    values = array("Q", bytes(wide))
    if _BIG:
        values.byteswap()
    return values


def turned_back(raw: Any, width: int, count: int) -> bytes:
    """What `planes` turned; ValueError when it is not `count` items of that width."""
    if not isinstance(raw, bytes) or len(raw) != width * count:
        raise ValueError("no items of that width")
    items = bytearray(len(raw))
    for place in range(width):
        items[place::width] = raw[place * count : (place + 1) * count]
    return bytes(items)


_STEPS = {"[": 1, "{": 1, "]": -1, "}": -1}
_READERS: dict[int, tuple[Callable[..., Sequence[Any]], int]] = {  # and how many items such a column has
    SAME: (_read_same, 2),
    WHOLE: (_read_whole, 3),
    IDS: (_read_ids, 2),
    TEXTS: (_read_texts, 2),
    FEW: (_read_few, 4),
    MANY: (_read_many, 2),
    SPARSE: (_read_sparse, 3),
    PLAIN_DATA: (_read_plain, 2),
}
