"""What a sealed file holds, record by record: whose it is, commands in their order, then files."""

from __future__ import annotations

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import zstandard

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

TOGETHER = 500  # commands in one record
LARGEST = 64 << 20  # bytes of a record once it is unpacked
_HEAD, _COMMANDS, _FILE = b"H", b"C", b"F"


@dataclass(frozen=True)
class Head:
    """Whose the commands are, and where they go on: the first one's number, and the chain's value before it."""

    terminal: UUID
    organisation: UUID
    first_number: int
    prev_hash: str


def head(found: Head) -> bytes:
    plain = {"terminal": found.terminal.hex, "organisation": found.organisation.hex}
    return _HEAD + json.dumps({**plain, "first_number": found.first_number, "prev_hash": found.prev_hash}).encode()


def together(texts: Iterable[str]) -> Iterator[list[str]]:
    """Commands, as many at a time as one record surely holds: those that bring many rows are large."""
    some: list[str] = []
    room = LARGEST // 4
    for text in texts:
        if some and (len(some) == TOGETHER or len(text) > room):
            yield some
            some, room = [], LARGEST // 4
        some.append(text)
        room -= len(text)
    if some:
        yield some


def commands(texts: Sequence[str]) -> bytes:
    return _COMMANDS + zstandard.ZstdCompressor().compress(json.dumps(list(texts), ensure_ascii=False).encode())


def file(content: bytes) -> bytes:
    return _FILE + content


def read_head(records: Iterator[bytes]) -> Head:
    """The first record; Refused when it is none of ours."""
    try:
        kind, plain = _parted(next(records, b""))
        told: dict[str, Any] = json.loads(plain) if kind == _HEAD else {}
        return Head(UUID(told["terminal"]), UUID(told["organisation"]), int(told["first_number"]), str(told["prev_hash"]))
    except (ValueError, TypeError, KeyError, AttributeError) as error:
        raise Refused(_nothing_of_ours()) from error


def read(record: bytes) -> list[str] | bytes:
    """A further record: some commands, or a file; Refused when it is neither."""
    kind, plain = _parted(record)
    if kind == _FILE:
        return plain
    try:
        if kind == _COMMANDS:
            return [str(one) for one in json.loads(zstandard.ZstdDecompressor().stream_reader(plain).read(LARGEST))]
    except (zstandard.ZstdError, ValueError, TypeError) as error:
        raise Refused(_nothing_of_ours()) from error
    raise Refused(_nothing_of_ours())


def _parted(record: bytes) -> tuple[bytes, bytes]:
    return record[:1], record[1:]


def _nothing_of_ours() -> Problem:
    message = _("The file was sealed for this hub, but holds no terminal's commands.")
    return Problem("recovery.empty", message, hint=_("Take the file that the terminal wrote when it was wiped."))
