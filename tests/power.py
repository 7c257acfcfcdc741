"""Power cuts without a plug: the real program's writes, taken from a trace of it, and the disks that a cut could have left.

A write that no fsync has followed may be on the disk, or not, or in part (whole sectors of it); that is all SQLite relies on.
"""

from __future__ import annotations

import json
import random
import re
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from uuid import UUID

from killing import KEEPER, Shop, commands, started

from app.kernel import journal
from app.kernel.store import Store
from app.migrations import revisions

CALLS = "openat,close,pwrite64,write,ftruncate,fsync,fdatasync,unlink"
SECTOR = 512
STDOUT = 1
Image = tuple[dict[str, bytearray], set[str]]
_CALL = re.compile(r"^(\d+) +(\w+)\((.*)\) += (-?\d+)")
_BYTES = re.compile(rb"\\x([0-9a-f]{2})")


@dataclass(frozen=True)
class Event:
    """Something the program asked of the disk (write, cut, sync, gone), or an answer that it gave (said)."""

    kind: str
    name: str = ""  # of the file
    offset: int = 0
    data: bytes = b""


# ------------------------------------------------------------------------------------------------------------ the trace


def traced(shop: Shop, dice: random.Random, number: int) -> list[Event]:
    """Runs so many commands in the real program, and what came of them at the disk."""
    lines = commands(shop, dice, number)
    log, said = shop.folder.with_name("trace"), shop.folder.with_name("said")
    said.write_text("".join(json.dumps(line) + "\n" for line in lines))
    shop.sent |= {line["id"]: line for line in lines}
    strace = ["strace", "-f", "-xx", "-s", "1000000", "-o", str(log), "-e", f"trace={CALLS}"]
    with (
        said.open() as source,
        started(
            ["-m", "ui.cli", "--store", shop.path, "do", "--batch", "-"], before=strace, stdin=source, stdout=subprocess.DEVNULL
        ) as child,
    ):
        child.wait(120)
    return list(_events(log, shop.folder))


def _events(log: Path, folder: Path) -> Iterator[Event]:
    """The trace's calls that concern the store's files or the answers; the index in -shm does not outlive a cut."""
    files: dict[int, str] = {}
    for call, arguments, result in _calls(log):
        if result < 0:
            continue
        if call == "openat":
            path = Path(_quoted(arguments).decode(errors="replace"))
            files.pop(result, None)
            if path.parent == folder and not path.name.endswith(("-shm", ".lock", ".key")):
                files[result] = path.name
        elif call == "unlink":
            yield Event("gone", Path(_quoted(arguments).decode()).name)
        else:
            yield from _on_file(call, arguments, files)


def _on_file(call: str, arguments: str, files: dict[int, str]) -> Iterator[Event]:
    number = int(arguments.partition(",")[0])
    name = files.get(number, "")
    if call == "write" and number == STDOUT:
        yield Event("said", data=_quoted(arguments))
    elif call == "close":
        files.pop(number, None)
    elif name and call == "pwrite64":
        yield Event("write", name, int(arguments.rpartition(",")[2]), _quoted(arguments))
    elif name and call == "ftruncate":
        yield Event("cut", name, int(arguments.rpartition(",")[2]))
    elif name and call in ("fsync", "fdatasync"):
        yield Event("sync", name)


def _calls(log: Path) -> Iterator[tuple[str, str, int]]:
    """Each call when it has returned; one that another thread interrupted in the trace is put together again."""
    begun: dict[str, str] = {}
    with log.open() as lines:
        for line in lines:
            thread, _space, rest = line.strip().partition(" ")
            if rest.endswith("<unfinished ...>"):
                begun[thread] = rest.removesuffix("<unfinished ...>").strip()
                continue
            resumed = re.match(r" *<\.\.\. \w+ resumed>(.*)", rest)
            found = _CALL.match(f"{thread} {begun.pop(thread, '') + resumed[1] if resumed else rest}")
            if found:
                yield found[2], found[3], int(found[4])


def _quoted(arguments: str) -> bytes:
    """The one text among a call's arguments."""
    return bytes(int(one, 16) for one in _BYTES.findall(arguments[arguments.index('"') :].encode()))


# ------------------------------------------------------------------------------------------------------------ the disks


@dataclass
class Disk:
    """What is on the disk for sure, and the writes that are still on their way, in order."""

    sure: dict[str, bytearray]
    pending: dict[str, list[Event]] = field(default_factory=dict)

    def take(self, event: Event) -> None:
        if event.kind == "gone":
            self.sure.pop(event.name, None)
            self.pending.pop(event.name, None)
        elif event.kind == "sync":
            self.sure[event.name] = self._with(event.name, self.pending.pop(event.name, []))
        else:
            self.sure.setdefault(event.name, bytearray())
            self.pending.setdefault(event.name, []).append(event)

    def after(self, lost: Callable[[list[Event]], list[Event]]) -> dict[str, bytearray]:
        """The files after a cut that leaves, of the writes on their way, those that `lost` gives."""
        return {name: self._with(name, lost(self.pending.get(name, []))) for name in self.sure}

    def _with(self, name: str, events: list[Event]) -> bytearray:
        content = bytearray(self.sure.get(name, b""))
        for event in events:
            if event.kind == "cut":
                del content[event.offset :]
            end = event.offset + len(event.data)
            content.extend(b"\0" * (end - len(content)))
            content[event.offset : end] = event.data
        return content


def losses(dice: random.Random) -> list[Callable[[list[Event]], list[Event]]]:
    """Nothing lost, all, any half, and the last write torn between two sectors."""

    def torn(events: list[Event]) -> list[Event]:
        if not events or events[-1].kind != "write":
            return events
        last = events[-1]
        kept = dice.randrange(0, len(last.data) + 1, SECTOR)
        return [*events[:-1], Event("write", last.name, last.offset, last.data[:kept])]

    return [list, lambda _events: [], lambda events: [one for one in events if dice.random() < 0.5], torn]


def images(start: Mapping[str, bytes], events: Sequence[Event], dice: random.Random, share: float) -> Iterator[Image]:
    """The disk after a cut at any write, under every loss, or a share of them all; with the commands answered by then."""
    disk = Disk({name: bytearray(content) for name, content in start.items()})
    answered: set[str] = set()
    said = b""
    for event in events:
        if event.kind == "said":
            *whole, said = (said + event.data).split(b"\n")
            answered |= {UUID(one["id"]).hex for one in map(json.loads, whole) if one["status"] != "refused"}
            continue
        disk.take(event)
        for lost in losses(dice) if event.kind != "sync" else [list]:
            if dice.random() < share:
                yield disk.after(lost), set(answered)


def survivors(shop: Shop, image: dict[str, bytearray], folder: Path) -> set[str]:
    """The ids of the commands in a store that the program opens after the cut, every page of it read."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(mode=0o700)
    for name, content in image.items():
        (folder / name).write_bytes(content)
    path = folder / shop.path.name
    store = Store.open(path, KEEPER.find(shop.path), revisions())
    try:
        with store.reader.connect() as connection:
            last = connection.exec_driver_sql("SELECT max(stamp) FROM envelope").scalar()
            assert journal.last_stamp(path, store.key) <= last, "the black box knows of more than the store"
            return set(connection.exec_driver_sql("SELECT lower(hex(id)) FROM envelope").scalars())
    finally:
        store.close()
