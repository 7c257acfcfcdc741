"""What a store's write-ahead journal (`-wal`) tells after an unclean stop: whether commits that were in it can be read no more.

SQLite lays down a journal up to the first frame that is not whole, and says nothing of those after it. After a power cut these
are a transaction that nobody was told of. Two finished transactions there, or a spoilt head, are damage. For the format see
sqlite.org/fileformat2.html#the_write_ahead_log and sqlite.org/walformat.html.
"""

from __future__ import annotations

import struct
import sys
from pathlib import Path
from typing import BinaryIO

HEAD, FRAME_HEAD = 32, 24
_MAGIC = (0x377F0682, 0x377F0683)  # the last bit: checksums read words of big-endian bytes
_LAST_FRAME = 16  # where the index (-shm) has, in the machine's own order, the number of the last frame that is whole
_SALTS = 32  # and by which journal's salts


def is_spoilt(store: Path) -> bool:
    """Whether the journal of a store that was not closed has lost commits. While a connection is open that has read the store."""
    with _journal(store).open("rb") as file:
        head = file.read(HEAD)
        if not head.strip(b"\0"):
            return False
        return not _is_whole(head) or _finished_after(file, _frames(store), head) > 1


def is_strange(store: Path) -> bool:
    """Whether the journal is not the one that belongs here, told by the index that the last program left beside it. Before any
    connection reads the store, and in the same run of the machine: an index is not waited for to be on the disk."""
    index = store.with_name(store.name + "-shm")
    if not index.exists():
        return False
    with _journal(store).open("rb") as file, index.open("rb") as known:
        head = file.read(HEAD)
        known.seek(_SALTS)
        salts = known.read(8)
    if len(head) < HEAD or not salts.strip(b"\0") or head[16:24] == salts:
        return False
    begun_anew = (int.from_bytes(salts[:4], "big") + 1) & 0xFFFFFFFF  # its head was just written, and nobody was told yet
    return int.from_bytes(head[16:20], "big") != begun_anew


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
