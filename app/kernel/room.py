"""Room: how much of the disk is free, what stops as it fills, and the ballast that is given up so that work can go on."""

from __future__ import annotations

import logging
import os
import shutil
import sys
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel import backups
from app.kernel.files import keep_names
from app.kernel.problems import Problem
from app.kernel.registry import Registry
from app.kernel.settings import Setting, read_setting
from app.kernel.words import _

AMPLE, LOW, SHORT, FULL = "ample", "low", "short", "full"
MEGABYTE = 1 << 20
_PIECE = MEGABYTE  # of the ballast that is written at a time
log = logging.getLogger(__name__)

_level = partial(Setting, own=("site", "terminal"), group=_("Disk"))
WARN_AT = _level(
    "kernel.room_low",
    1000,
    _("Free disk below which people are told (MB)"),
    _("From here on the status line and the health page say that the disk is filling up."),
    least=200,
    most=100_000,
)
STOP_AT = _level(
    "kernel.room_short",
    300,
    _("Free disk below which nothing is fetched (MB)"),
    _("From here on no records, photos or backups are fetched or made. What is done here is saved, and still goes to the hub."),
    least=100,
    most=50_000,
)
GIVE_AT = _level(
    "kernel.room_full",
    100,
    _("Free disk below which the reserve is given up (MB)"),
    _("From here on the reserve, and then old backups, make room for the work."),
    least=20,
    most=10_000,
)
BALLAST = _level(
    "kernel.room_ballast",
    64,
    _("Reserve on the disk (MB)"),
    _("A file that is there only to be given up when the disk is full. It is made again once there is room."),
    least=0,
    most=4096,
)
SETTINGS = (WARN_AT, STOP_AT, GIVE_AT, BALLAST)


def free_on(folder: Path) -> int:
    """Bytes that this user may still write on a folder's disk."""
    return shutil.disk_usage(folder).free


def ballast_of(store: Path) -> Path:
    """Where the ballast of a store lies."""
    return store.with_name(store.name + ".ballast")


@dataclass(frozen=True)
class Levels:
    """Bytes of free disk below which people are told, below which nothing more is fetched, and below which the ballast of so
    many bytes is given up."""

    low: int = WARN_AT.default * MEGABYTE
    short: int = STOP_AT.default * MEGABYTE
    full: int = GIVE_AT.default * MEGABYTE
    ballast: int = BALLAST.default * MEGABYTE

    def of(self, free: int) -> str:
        """How it stands with so many bytes."""
        steps = ((self.full, FULL), (self.short, SHORT), (self.low, LOW))
        return next((name for bound, name in steps if free < bound), AMPLE)


def levels_in(session: Session, registry: Registry, org_id: UUID, *places: UUID | None) -> Levels:
    """The levels that the settings say for some places, the nearest first."""
    return Levels(*(int(read_setting(session, registry, org_id, one.key, *places)) * MEGABYTE for one in SETTINGS))


class Room:
    """The room there is beside a store. Threads may share it; `free` tells how many bytes of a folder's disk are free."""

    def __init__(self, store: Path, free: Callable[[Path], int] = free_on, levels: Levels = Levels()) -> None:
        self.store, self.levels = store, levels
        self._free = free
        self._lock = threading.Lock()
        self._listeners: list[Callable[[], None]] = []
        self.free = free(store.parent)
        self.level = levels.of(self.free)

    @property
    def has_ballast(self) -> bool:
        return ballast_of(self.store).exists()

    def measured(self) -> int:
        """Bytes that are free now."""
        return self._free(self.store.parent)

    @property
    def is_short(self) -> bool:
        """Whether nothing may be fetched or made now that can wait; measured anew."""
        return self.measured() < self.levels.short

    def learn(self, levels: Levels) -> None:
        """The settings say other levels now."""
        self.levels = levels

    def listen(self, changed: Callable[[], None]) -> Callable[[], None]:
        """Calls, on the thread that looked, when the level has changed; what is returned ends that."""
        self._listeners.append(changed)
        return lambda: self._listeners.remove(changed)

    def look(self) -> str:
        """Measures, and does what the level asks for: gives the ballast up, drops old backups, or makes the ballast again."""
        with self._lock:
            before, free = self.level, self.measured()
            if free < self.levels.full:
                free = self._make_room()
            elif free > self.levels.short + 2 * self.levels.ballast:
                self._lay_ballast()
            self.free, self.level = free, self.levels.of(free)
        if self.level != before:
            for listener in tuple(self._listeners):
                listener()
        return self.level

    def give(self) -> bool:
        """The disk has just refused a write: gives up the ballast, or the oldest backup there is besides the newest. Whether
        there was anything to give, so that the write may go through now."""
        with self._lock:
            return self._give_ballast() or self._give_backup(keep=1)

    def problem(self) -> Problem | None:
        """What people are told of it; None while there is room."""
        if self.level == AMPLE:
            return None
        return replace(_TOLD[self.level], values={"free": self.free // MEGABYTE})

    def against_files(self) -> Problem | None:
        """What stands against putting a file on a record now: it can wait, and gives way to the work. Measured anew."""
        free = self.measured()
        return _takes_no_file(free) if free < self.levels.short else None

    # ------------------------------------------------------------------------------------------------------- under the lock

    def _make_room(self) -> int:
        """Bytes that are free once everything that can wait was given up."""
        self._give_ballast()
        while (free := self.measured()) < self.levels.full and self._give_backup(keep=backups.LEAST):
            pass
        return free

    def _give_ballast(self) -> bool:
        if not _gone(ballast_of(self.store)):
            return False
        log.warning("The disk is full: the reserve was given up.")
        return True

    def _give_backup(self, keep: int) -> bool:
        there = backups.backups(self.store)
        if len(there) <= keep:
            return False
        if not _gone(there[-1].path):
            return False
        log.warning("The disk is full: the backup of %s was given up.", there[-1].made)
        return True

    def _lay_ballast(self) -> None:
        """Makes it, where there is none of that size; nothing is left of one that could not be made whole."""
        path, size = ballast_of(self.store), self.levels.ballast
        if (path.stat().st_size if path.exists() else 0) == size:
            return
        path.unlink(missing_ok=True)
        if not size:
            return
        passing = path.with_name(path.name + ".part")
        try:
            with open(os.open(passing, os.O_RDWR | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
                _fill(file.fileno(), size)
                os.fsync(file.fileno())
            passing.replace(path)
            keep_names(path.parent)
        except OSError as error:
            log.warning("The reserve could not be made: %s", error)
        finally:
            passing.unlink(missing_ok=True)


def _gone(path: Path) -> bool:
    """Removes a file; False where there is none, or it is held: that is no mistake of whoever needs the room."""
    try:
        path.unlink()
    except FileNotFoundError:
        return False
    except OSError as error:
        log.warning("%s could not be given up: %s", path.name, error)
        return False
    return True


def _fill(file: int, size: int) -> None:
    """Lays real blocks under a file: a hole, or what a disk can press together, would give nothing back."""
    if sys.platform.startswith("linux"):
        os.posix_fallocate(file, 0, size)
        return
    for start in range(0, size, _PIECE):
        os.write(file, os.urandom(min(_PIECE, size - start)))


def _takes_no_file(free: int) -> Problem:
    return Problem(
        "room.files",
        _("Only {free} MB of the disk are free: no photo or file is taken in."),
        hint=_("Make room on the disk, then attach it again. What is booked and written here is still saved."),
        values={"free": free // MEGABYTE},
    )


_told = partial(Problem, blocks=False)  # how much is free is put in when it is told
_TOLD = {
    LOW: _told(
        "room.low",
        _("The disk is filling up: {free} MB are free."),
        hint=_("Make room on the disk before it is full."),
    ),
    SHORT: _told(
        "room.short",
        _("Only {free} MB of the disk are free: nothing more is fetched or backed up."),
        hint=_("Make room on the disk. What is done here is saved, and still goes to the hub."),
    ),
    FULL: _told(
        "room.full",
        _("The disk is almost full: {free} MB are free, and the reserve was given up for the work."),
        hint=_("Make room on the disk now, or soon nothing can be saved."),
    ),
}
