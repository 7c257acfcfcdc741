"""Many new rows written down at once: the canonical text of each one's image, put together column by column."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from itertools import repeat
from json.encoder import encode_basestring
from operator import is_
from typing import Any

from app.kernel.entity import Entity
from app.kernel.many import Written
from app.kernel.rows import codecs, same
from app.kernel.types import canonical


def texts(entity: type[Entity], columns: Mapping[str, Sequence[Any]]) -> list[Written]:
    """What `canonical(image(entity, row))` says of each row, for a quarter of the time; there must be a row."""
    known = codecs(entity)
    begun, each = [], []
    for name in sorted(columns):
        values, write = columns[name], known[name][0]
        if all(map(is_, values, repeat(values[0]))):
            (told,) = _told(values[:1], write)
            begun.append(f'"{name}":{told.replace("%", "%%")}')
        else:
            begun.append(f'"{name}":%s')
            each.append(_told(values, write))
    whole = "{" + ",".join(begun) + "}"
    count = len(next(iter(columns.values())))
    return [Written(whole % told) for told in zip(*each, strict=True)] if each else [Written(whole % ())] * count


def _told(values: Sequence[Any], write: Callable[[Any], Any]) -> list[str]:
    """The JSON of a column's values."""
    plain = values if write is same else [None if value is None else write(value) for value in values]
    kinds = set(map(type, plain))
    if kinds == {str}:
        return list(map(encode_basestring, plain))
    return list(map(repr, plain)) if kinds == {int} else list(map(canonical, plain))
