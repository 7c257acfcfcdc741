"""What a store's write-ahead journal (`-wal`) tells after an unclean stop: whether commits that were in it can be read no more.

SQLite lays down a journal up to the first frame that is not whole, and says nothing of those after it. After a power cut these
are a transaction that nobody was told of. Two finished transactions there, or a spoilt head, are damage. For the format see
sqlite.org/fileformat2.html#the_write_ahead_log and sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
import sys
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

HEAD, FRAME_HEAD = 32, 24
_MAGIC = (0x377F0682, 0x377F0683)  # the last bit: checksums read words of big-endian bytes
_LAST_FRAME = 16  # where the index (-shm) has, in the machine's own order, the number of the last frame that is whole
_SALTS, _INDEX = 32, 48  # by which journal's salts; and its length, twice in a row


@dataclass(frozen=True)
class Index:
    """What a program that ended without a close left in the index (-shm): by which journal's salts, and how many frames of it
    were finished. In the same run of the machine that is still true, though nobody waited for it to be on the disk."""

    salts: bytes
    frames: int


def index_of(store: Path) -> Index | None:
    """The index beside a store that nobody has open; None where there is none, or it was just being written."""
    path = store.with_name(store.name + "-shm")
    if not path.exists():
        return None
    with path.open("rb") as file:
        first, second = file.read(_INDEX), file.read(_INDEX)
    salts, frames = first[_SALTS : _SALTS + 8], first[_LAST_FRAME : _LAST_FRAME + 4]
    return Index(salts, int.from_bytes(frames, sys.byteorder)) if first == second and salts.strip(b"\0") else None


def is_spoilt(store: Path, left: Index | None) -> bool:
    """Whether the journal of a store that was not closed has lost commits. While a connection is open that has read the store."""
    with _journal(store).open("rb") as file:
        head = file.read(HEAD)
        if not head.strip(b"\0"):
            return left is not None and left.frames > 0
        if not _is_whole(head):
            return True
        frames = _frames(store)
        if left is not None and left.salts == head[16:24] and left.frames > frames:
            return True
        return _finished_after(file, frames, head) > 1


def is_strange(store: Path, left: Index) -> bool:
    """Whether the journal is not the one that was there. Before any connection reads the store.

    Whoever begins a journal anew says so in the index first, with the first salt counted on, and writes its head then; on a
    journal that never held a commit, a head with any salts. Up to the first commit of it nobody was told of anything.
    """
    with _journal(store).open("rb") as file:
        head = file.read(HEAD)
        if len(head) < HEAD:
            return left.frames > 0
        there, known = (int.from_bytes(salts[:4], "big") for salts in (head[16:24], left.salts))
        if head[16:24] == left.salts or there == _next(known):
            return False
        return left.frames > 0 or (_next(there) != known and _finished_after(file, 0, head) > 1)


def _next(salt: int) -> int:
    return (salt + 1) & 0xFFFFFFFF


def pages(store: Path) -> set[int]:
    """The pages that the journal holds: what stands for them in the store does not count. Under the same condition."""
    found = set()
    with _journal(store).open("rb") as file:
        page = int.from_bytes(file.read(HEAD)[8:12], "big")
        for place in range(_frames(store)):
            file.seek(HEAD + place * (FRAME_HEAD + page))
            found.add(int.from_bytes(file.read(4), "big"))
    return found


def _journal(store: Path) -> Path:
    return store.with_name(store.name + "-wal")


def _frames(store: Path) -> int:
    """How many frames SQLite found to be whole."""
    with store.with_name(store.name + "-shm").open("rb") as index:
        index.seek(_LAST_FRAME)
        return int.from_bytes(index.read(4), sys.byteorder)


def _is_whole(head: bytes) -> bool:
    """Whether the head of a journal has the checksum that it tells."""
    if len(head) < HEAD or int.from_bytes(head[:4], "big") not in _MAGIC:
        return False
    words = struct.unpack((">" if head[3] & 1 else "<") + "6I", head[:24])
    first = second = 0
    for place in range(0, 6, 2):
        first = (first + words[place] + second) & 0xFFFFFFFF
        second = (second + words[place + 1] + first) & 0xFFFFFFFF
    return struct.unpack(">2I", head[24:32]) == (first, second)


def _finished_after(file: BinaryIO, whole: int, head: bytes) -> int:
    """How many frames of this journal's own, behind the last whole one, end a transaction."""
    page, salts = int.from_bytes(head[8:12], "big"), head[16:24]
    found, at = 0, HEAD + whole * (FRAME_HEAD + page)
    while True:
        file.seek(at)
        frame = file.read(FRAME_HEAD)
        if len(frame) < FRAME_HEAD:
            return found
        found += frame[8:16] == salts and any(frame[4:8])
        at += FRAME_HEAD + page
