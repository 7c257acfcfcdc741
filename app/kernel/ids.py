"""Identifiers: UUIDv7 for what is new, and ids derived from a command for what a replay must find again."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable
from hashlib import sha256
from uuid import UUID, SafeUUID

CROCKFORD = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
_PAIRS = tuple(first + second for first in CROCKFORD for second in CROCKFORD)
_VALUES = {letter: value for value, letter in enumerate(CROCKFORD)} | {"O": 0, "I": 1, "L": 1}
_lock = threading.Lock()
_last = [0]  # the newest time given out, in milliseconds


def _shaped(ms: int, rest: int) -> UUID:
    """A UUIDv7 (RFC 9562 §5.7) from a time in milliseconds since 1970 and 74 further bits."""
    high, low = rest >> 62 & 0xFFF, rest & (1 << 62) - 1
    return _whole(ms << 80 | 0x7 << 76 | high << 64 | 0b10 << 62 | low)


def _whole(number: int) -> UUID:
    """What `UUID(int=number)` makes, in a third of its time."""
    made = object.__new__(UUID)
    object.__setattr__(made, "int", number)
    object.__setattr__(made, "is_safe", SafeUUID.unknown)
    return made


def new_id(ms: int | None = None) -> UUID:
    """A new UUIDv7; two made by one process never sort backwards in time."""
    if ms is None:
        with _lock:
            ms = _last[0] = max(_last[0], time.time_ns() // 1_000_000)
    return _shaped(ms, int.from_bytes(os.urandom(10), "big") >> 6)


def derived_id(command: UUID, table: str, slot: str = "") -> UUID:
    """The id of the row that `command` makes in `table` at a natural slot: the same wherever the command runs."""
    return derived_ids(command, table)(slot)


def derived_ids(command: UUID, table: str) -> Callable[[str], UUID]:
    """The same for many slots."""
    begun, ms = command.bytes + table.encode() + b"\0", command.int >> 80
    return lambda slot: _shaped(ms, int.from_bytes(sha256(begun + slot.encode()).digest()[:10], "big") >> 6)


def short(ident: UUID) -> str:
    """The 26 characters of Crockford's base 32 that stand for an id on a label."""
    number = ident.int
    return "".join([_PAIRS[number >> shift & 1023] for shift in range(120, -1, -10)])


def unshort(text: str) -> UUID:
    """Reads `short` back, forgiving lower case and O, I, L; ValueError when it cannot be an id."""
    if len(text) != 26 or not text.isascii():
        raise ValueError("an id has 26 characters")
    number = 0
    for letter in text.upper():
        if letter not in _VALUES:
            raise ValueError(f"{letter} is not a letter of an id")
        number = number << 5 | _VALUES[letter]
    return UUID(int=number & (1 << 128) - 1) if number < 1 << 128 else _too_large()


def _too_large() -> UUID:
    raise ValueError("that is more than an id holds")
