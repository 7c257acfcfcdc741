"""Power cuts without a plug: the disks that a cut could have left, at any moment of a trace of the real program.

A write that no fsync has followed may be on the disk, or not, or in part (whole sectors of it); that is all SQLite relies on.
A name that no fsync of its folder has followed may lead nowhere yet, or still to what it led to; names go to the disk in order.
"""

from __future__ import annotations

import random
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from traced import Event

SECTOR = 512
Files = dict[str, bytearray]
Cut = tuple[Files, bytes]  # the disk after it, and what had been said by then


@dataclass(frozen=True)
class Loss:
    """What a cut leaves of a file's writes that are on their way, and of a folder's names."""

    writes: Callable[[list[Event]], list[Event]]
    names: Callable[[list[Event]], list[Event]]


def losses(dice: random.Random) -> list[Loss]:
    """Nothing lost; all; all names alone; any half of the writes, and names from some moment on; the last write torn."""

    def half(events: list[Event]) -> list[Event]:
        return [one for one in events if dice.random() < 0.5]

    def begun(events: list[Event]) -> list[Event]:
        return events[: dice.randint(0, len(events))]

    def torn(events: list[Event]) -> list[Event]:
        """The last write ends, or begins, in the midst of it."""
        if not events or events[-1].kind != "write":
            return events
        last, place = events[-1], dice.randrange(0, len(events[-1].data) + 1, SECTOR)
        first = dice.random() < 0.5
        part = (last.offset, last.data[:place]) if first else (last.offset + place, last.data[place:])
        return [*events[:-1], Event("write", last.file, *part)]

    return [Loss(list, list), Loss(_none, _none), Loss(list, _none), Loss(half, begun), Loss(torn, list)]


def _none(_events: list[Event]) -> list[Event]:
    return []


@dataclass
class Disk:
    """What is on the disk for sure, and what is still on its way to it, in order."""

    names: dict[str, int]
    sure: dict[int, bytearray]
    writes: dict[int, list[Event]] = field(default_factory=dict)  # by file
    moves: dict[str, list[Event]] = field(default_factory=dict)  # by folder

    @classmethod
    def holding(cls, files: Mapping[str, bytes]) -> Disk:
        """A disk with these files, numbered as a trace numbers them."""
        numbered = list(enumerate(files.items(), 1))
        return cls({name: number for number, (name, _) in numbered}, {number: bytearray(data) for number, (_, data) in numbered})

    def take(self, event: Event) -> None:
        match event.kind:
            case "sync":
                self.sure[event.file] = self._content(event.file, self.writes.pop(event.file, []))
            case "kept":
                self.names = _led(self.names, self.moves.pop(event.folder, []))
            case "names":
                self.moves.setdefault(event.folder, []).append(event)
            case "write" | "cut":
                self.writes.setdefault(event.file, []).append(event)

    def after(self, loss: Loss) -> Files:
        """The files after a cut with such a loss."""
        names = self.names
        for moves in self.moves.values():
            names = _led(names, loss.names(moves))
        return {name: self._content(file, loss.writes(self.writes.get(file, []))) for name, file in names.items()}

    def _content(self, file: int, events: list[Event]) -> bytearray:
        content = bytearray(self.sure.get(file, b""))
        for event in events:
            if event.kind == "cut":
                del content[event.offset :]
            end = event.offset + len(event.data)
            content.extend(b"\0" * (end - len(content)))
            content[event.offset : end] = event.data
        return content


def _led(names: Mapping[str, int], moves: Sequence[Event]) -> dict[str, int]:
    """Where names lead after some moves."""
    led = dict(names)
    for name, file in (one for move in moves for one in move.names):
        if file is None:
            led.pop(name, None)
        else:
            led[name] = file
    return led


def images(start: Mapping[str, bytes], events: Sequence[Event], dice: random.Random, number: int) -> Iterator[Cut]:
    """So many of all the disks that a cut can leave, spread evenly over its moments and its losses."""
    disk, said, kinds = Disk.holding(start), b"", losses(dice)
    possible = len(events) * len(kinds)
    chosen = set(dice.sample(range(possible), min(number, possible)))
    for place, event in enumerate(events):
        disk.take(event)
        said += event.data if event.kind == "said" else b""
        for kind, loss in enumerate(kinds):
            if place * len(kinds) + kind in chosen:
                yield disk.after(loss), said


def laid(files: Files, folder: Path) -> None:
    """Writes the files into an empty folder."""
    folder.mkdir(mode=0o700)
    for name, content in files.items():
        (folder / name).parent.mkdir(mode=0o700, exist_ok=True)
        (folder / name).write_bytes(content)
