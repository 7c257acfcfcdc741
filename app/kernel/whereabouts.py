"""Whereabouts: where this machine's data lies, how much of it there is, and how safe it is."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Any

from sqlalchemy import Engine, func, select
from sqlalchemy.orm import Session

from app.kernel import backups, quarantine, recovery
from app.kernel.dispatch import Station
from app.kernel.journal import file_of, numbers
from app.kernel.records import WAITING, EnvelopeRow
from app.kernel.words import _


@dataclass(frozen=True)
class Piece:
    """A part of the data: what it is, where it lies, how many bytes it has and how many files."""

    name: str
    label: str
    path: Path
    size: int
    files: int = 1


@dataclass(frozen=True)
class Whereabouts:
    """All of it, with when it was backed up last, whether another machine could open that, and what waits for the hub."""

    pieces: tuple[Piece, ...]
    backed_up: datetime | None
    opens_elsewhere: bool
    enrolled: bool
    waiting: int

    def as_json(self) -> dict[str, Any]:
        listed = [{"name": one.name, "path": str(one.path), "bytes": one.size, "files": one.files} for one in self.pieces]
        return {
            "pieces": listed,
            "backed_up": self.backed_up.isoformat() if self.backed_up else None,
            "opens_elsewhere": self.opens_elsewhere,
            "enrolled": self.enrolled,
            "waiting": self.waiting,
        }


def whereabouts(store: Path, engine: Engine, station: Station, reports: Path) -> Whereabouts:
    """Looks at the disk and the store; for a reader's thread."""
    with Session(engine) as session:
        waiting = session.scalar(select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.state == WAITING)) or 0
        wrapped = bool(recovery.kept(session))
    last = next(iter(backups.backups(store)), None)
    return Whereabouts(tuple(_pieces(store, reports)), last.at if last else None, wrapped, station.enrolled, waiting)


def _pieces(store: Path, reports: Path) -> Iterator[Piece]:
    beside = [one for one in (store, store.with_name(store.name + "-wal"), store.with_name(store.name + "-shm")) if one.exists()]
    yield Piece("store", _("What was done and what there is"), store, sum(map(_size, beside)), len(beside))
    box = [file_of(store, number) for number in numbers(store)]
    if box:
        yield Piece("box", _("The black box: the latest commands once more"), box[0], sum(map(_size, box)), len(box))
    for name, label, folder in (
        ("backups", _("Backups"), backups.folder_of(store)),
        ("aside", _("Damaged stores that were set aside"), quarantine.folder_of(store)),
        ("reports", _("Reports of mistakes, and how the screen looks"), reports),
    ):
        files = [one for one in folder.rglob("*") if one.is_file()] if folder.is_dir() else []
        yield Piece(name, label, folder, sum(map(_size, files)), len(files))


def _size(file: Path) -> int:
    try:
        return file.stat().st_size
    except OSError:  # it has just gone
        return 0
