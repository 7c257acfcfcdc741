"""Lists of values as PostgreSQL's arrays in binary, packed a column at a time: a third of what the driver takes for them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Sequence
from functools import cache, lru_cache
from typing import Any
from uuid import UUID

_HEAD = struct.Struct("!IIIII")  # dimensions, whether there are NULLs, the element's type, its length, the first place
_NULL = b"\xff\xff\xff\xff"
_LENGTHS = tuple(length.to_bytes(4, "big") for length in range(1024))
_OIDS = {"uuid": 2950, "bigint": 20, "boolean": 16, "text": 25}  # of pg_type, the same in every server


class Packed(bytes):
    """A value as the server itself writes it in binary."""


@cache
def speak_packed() -> None:
    """Lets the driver's connections that are made from now on send what is packed as it is."""
    from psycopg import adapters, pq  # a terminal need not load what only the hub speaks
    from psycopg.adapt import Dumper

    class AsItIs(Dumper):
        format = pq.Format.BINARY

        def dump(self, obj: Packed) -> bytes:
            return obj

    adapters.register_dumper(Packed, AsItIs)


def array(kind: str, values: Sequence[Any]) -> Packed | Sequence[Any]:
    """Values of one of PostgreSQL's kinds (uuid, bigint, boolean, text) or None, as its one-dimensional array. Numbers that are
    beyond it stay as they are, so that the server itself refuses them."""
    holes = None in values
    head = _HEAD.pack(1, holes, _OIDS[kind], len(values), 1)
    try:
        return Packed(head + (_with_holes(_ONE[kind], values) if holes else _WHOLE[kind](values)))
    except struct.error:
        return values


def single(kind: str, value: Any) -> Any:
    """One value of such a kind, which is not None."""
    try:
        return Packed(_ONE[kind](value))
    except struct.error:
        return value


def _uuid(value: UUID) -> bytes:
    return value.int.to_bytes(16, "big")


def _text(value: str) -> bytes:
    return value.encode()


_ONE: dict[str, Callable[[Any], bytes]] = {
    "uuid": _uuid,
    "bigint": struct.Struct("!q").pack,
    "boolean": struct.Struct("!?").pack,
    "text": _text,
}


def _length(of: bytes) -> bytes:
    return _LENGTHS[len(of)] if len(of) < len(_LENGTHS) else len(of).to_bytes(4, "big")


def _uuids(values: Sequence[UUID]) -> bytes:
    before = _LENGTHS[16]
    return before + before.join([value.int.to_bytes(16, "big") for value in values])


def _whole_numbers(values: Sequence[int]) -> bytes:
    told: list[int] = [8] * (2 * len(values))
    told[1::2] = values
    return _numbers(len(values)).pack(*told)


@lru_cache(maxsize=32)
def _numbers(count: int) -> struct.Struct:
    return struct.Struct("!" + "iq" * count)


def _truths(values: Sequence[bool]) -> bytes:
    return b"".join([b"\0\0\0\1\1" if value else b"\0\0\0\1\0" for value in values])


def _texts(values: Sequence[str]) -> bytes:
    written = [value.encode() for value in values]
    told: list[bytes] = written * 2
    told[::2] = [_length(one) for one in written]
    told[1::2] = written
    return b"".join(told)


def _with_holes(one: Callable[[Any], bytes], values: Sequence[Any]) -> bytes:
    told: list[bytes] = []
    for value in values:
        if value is None:
            told.append(_NULL)
        else:
            written = one(value)
            told += _length(written), written
    return b"".join(told)


_WHOLE: dict[str, Callable[[Sequence[Any]], bytes]] = {
    "uuid": _uuids,
    "bigint": _whole_numbers,
    "boolean": _truths,
    "text": _texts,
}
