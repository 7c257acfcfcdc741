"""Backups of a store: whole encrypted copies, each proved before it counts, with what is needed to open it elsewhere.

A backup is a store's file with a note behind it: when it was made, of what, and the store's key wrapped under the recovery
code. Work goes on while one is made: a reader's snapshot is copied some pages at a time.
"""

from __future__ import annotations

import json
import os
import shutil
import struct
import time
from collections.abc import Callable, Collection, Iterator
from contextlib import closing
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime, timedelta
from hashlib import sha256
from itertools import chain
from itertools import count as count_from
from pathlib import Path
from typing import Any, BinaryIO

from sqlcipher3 import dbapi2 as driver

from app.kernel import meta, recovery
from app.kernel.files import keep_names, make_folder
from app.kernel.problems import Trouble
from app.kernel.store import APPLICATION_ID, connect, is_whole
from app.kernel.store_troubles import trouble_of
from app.kernel.words import _

SUFFIX = ".fettle-backup"
NEWEST, DAYS = 8, 7  # how many stay: the newest, and the last one of each of as many days
LEAST = 2  # stay however little room there is
SHARE = 2  # all of them take at most one part in so many of the room that there is without them
IDENTITY = (meta.STATION, "hub", recovery.WRAPPED)  # facts that stand in no command: where one changes, a backup is due at once
_END, _TAIL = b"FTBACKUP", struct.Struct("<I8s")
_STEP, _PAUSE = 256, 0.002  # pages copied at once; and seconds between, in which others have the disk
_PIECE = 1 << 20


@dataclass(frozen=True)
class Backup:
    """What a backup's note says. `box` is the first file of the black box that holds what it does not; `state` tells whether
    anything was done since."""

    made: str
    mark: str  # which key opens it
    size: int  # bytes of the store in it
    hash: str  # their SHA-256
    box: int
    state: list[Any]
    tables: str
    wrapped: str = ""
    path: Path = Path()

    @property
    def at(self) -> datetime:
        return datetime.fromisoformat(self.made)


def folder_of(store: Path) -> Path:
    """Where the backups are that the program makes by itself."""
    return store.with_name(store.name + ".backups")


def go_on() -> None:
    """Nobody wants a backup to end before it is done."""


def take(store: Path, key: bytes, to: Path, box: int, pace: Callable[[], None] = go_on) -> Backup:
    """Copies an open store into the file `to`, proves the copy, and gives it its name only then.

    For any thread but the writer's. `pace` is called between pieces: it may wait, or raise to end it. Trouble where the disk
    has no room or the copy is not whole; nothing is left behind then.
    """
    make_folder(to.parent)
    hold_room(to.parent, store.stat().st_size)
    passing = to.with_name(to.name + ".part")
    try:
        with closing(connect(store, key, "rw")) as source:
            source.execute("PRAGMA query_only = ON")
            source.execute("BEGIN")
            state, wrapped, tables = _facts(source)
            copy(source, passing, key, pace)
        prove(passing, key)
        made = datetime.now(UTC).isoformat(timespec="milliseconds")
        size, hashed = passing.stat().st_size, _hash(passing, passing.stat().st_size)
        backup = Backup(made, _mark(passing), size, hashed, box, state, tables, wrapped, to)
        _sign(passing, backup)
        passing.replace(to)
        keep_names(to.parent)
    except OSError as error:
        raise trouble_of(error, to) or error from error
    except driver.DatabaseError as error:  # pages are read on one side and written on the other: a bad seal is the store's
        raise trouble_of(error, store) or error from error
    finally:
        passing.unlink(missing_ok=True)
    return backup


def hold_room(folder: Path, size: int) -> None:
    """Trouble where a file of so many bytes would fill the disk."""
    free = shutil.disk_usage(folder).free
    if free < size + (300 << 20):
        message = _("There is no room for a backup: it needs {needed} MB, and {free} MB of the disk are free.")
        values = {"needed": size // 1_000_000 + 300, "free": free // 1_000_000}
        raise Trouble("backup.room", message, _("Make room, or send backups to another disk: fettle backup FILE."), values)


def copy(source: Any, to: Path, key: bytes, pace: Callable[[], None] = go_on) -> None:
    """The pages of an open connection into a new store under `key`, which need not be that of the source."""
    to.unlink(missing_ok=True)
    os.close(os.open(to, os.O_CREAT | os.O_EXCL, 0o600))
    with closing(connect(to, key, "rw")) as target:
        for setting in ("journal_mode = OFF", "synchronous = OFF"):  # a cut leaves a file that is begun anew anyway
            target.execute(f"PRAGMA {setting}")
        source.backup(target, pages=_STEP, progress=lambda *_so_far: pace())
    with to.open("rb+") as file:
        os.fsync(file.fileno())


def prove(path: Path, key: bytes) -> None:
    """Trouble where a copy of a store cannot be opened, or a page of it is not whole."""
    try:
        with closing(connect(path, key, "ro&immutable=1")) as connection:
            ours = connection.execute("PRAGMA application_id").fetchone() == (APPLICATION_ID,)
            if ours and is_whole(connection):
                return
    except driver.DatabaseError:
        pass
    message = _("The backup {path} is not whole.")
    raise Trouble("backup.damaged", message, _("Use another one, and have the disk checked."), {"path": path})


def _facts(source: Any) -> tuple[list[Any], str, str]:
    """What was done last in a store, its wrapped key, and the step of its tables."""
    tables = source.execute("SELECT version_num FROM alembic_version").fetchone()[0]
    wrapped = source.execute("SELECT value FROM meta WHERE key = ?", (recovery.WRAPPED,)).fetchone()
    return state_of(source), json.loads(wrapped[0]) if wrapped else "", str(tables)


def state_of(connection: Any) -> list[Any]:
    """By what a store that was worked in is told from one that was not: a hash of which terminal and whose it is, then its last
    command, what sync brought, and its latest draft."""
    facts = dict(connection.execute("SELECT key, value FROM meta WHERE key IN (?, ?, ?, ?)", (*IDENTITY, "cursor")))
    identity = sha256("\n".join(str(facts.get(name)) for name in IDENTITY).encode()).hexdigest()[:16]
    last = connection.execute("SELECT max(seq) FROM envelope").fetchone()[0]
    draft = connection.execute("SELECT max(at) FROM draft").fetchone()[0]
    return [identity, last, facts.get("cursor"), draft]


# ------------------------------------------------------------------------------------------------------ notes of backups


def read(path: Path) -> Backup:
    """The note of a backup; Trouble where the file is none, or was cut short."""
    try:
        with path.open("rb") as file:
            return replace(_note(file), path=path)
    except (OSError, ValueError, TypeError, struct.error) as error:
        message = _("{path} is no backup of a store.")
        hint = _("Choose a file that ends in {suffix}, and see that it was copied whole.")
        raise Trouble("backup.foreign", message, hint, {"path": path, "suffix": SUFFIX}) from error


def _note(file: BinaryIO) -> Backup:
    size = file.seek(0, os.SEEK_END)
    file.seek(max(0, size - _TAIL.size))
    length, end = _TAIL.unpack(file.read(_TAIL.size))
    if end != _END or length > size:
        raise ValueError("no note")
    file.seek(size - _TAIL.size - length)
    found = Backup(**json.loads(file.read(length)))
    if found.size != size - _TAIL.size - length:
        raise ValueError("cut short")
    return found


def _sign(path: Path, backup: Backup) -> None:
    note = json.dumps({name: value for name, value in asdict(backup).items() if name != "path"}).encode()
    with path.open("ab") as file:
        file.write(note + _TAIL.pack(len(note), _END))
        file.flush()
        os.fsync(file.fileno())


def _mark(path: Path) -> str:
    with path.open("rb") as file:
        return file.read(16)[8:].hex()


def _hash(path: Path, size: int) -> str:
    with path.open("rb") as file:
        found = sha256()
        for start in range(0, size, _PIECE):
            found.update(file.read(min(_PIECE, size - start)))
    return found.hexdigest()


def backups(store: Path) -> list[Backup]:
    """The backups that the program made of a store by itself, the newest first; files that are none are passed over."""
    folder = folder_of(store)
    return sorted(_readable(folder) if folder.is_dir() else (), key=_order, reverse=True)


def _order(one: Backup) -> tuple[int, str]:
    """By the black box's file that each began, for a clock may have been set between two of them."""
    return one.box, one.made


def _readable(folder: Path) -> Iterator[Backup]:
    for path in folder.iterdir():
        if path.name.endswith(SUFFIX):
            try:
                yield read(path)
            except Trouble:
                continue


def lay(backup: Backup, to: Path, pace: Callable[[], None] = go_on) -> None:
    """Copies the store out of a backup into the file `to`; Trouble where it is not what was written."""
    to.unlink(missing_ok=True)
    try:
        with backup.path.open("rb") as file, open(os.open(to, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as out:
            found, left = sha256(), backup.size
            while left and (piece := file.read(min(_PIECE, left))):
                found.update(piece)
                out.write(piece)
                left -= len(piece)
                pace()
            out.flush()
            os.fsync(out.fileno())
    except OSError as error:
        raise trouble_of(error, backup.path) or error from error
    if found.hexdigest() != backup.hash:
        message = _("The backup {path} is not whole.")
        raise Trouble("backup.damaged", message, _("Use another one, and have the disk checked."), {"path": backup.path})


# ------------------------------------------------------------------------------------------------------------- keeping


def new_path(store: Path, now: datetime) -> Path:
    """Where the next one goes: no other has the name."""
    head = f"{now.astimezone(UTC):%Y%m%d-%H%M%S}"
    names = (f"{head}{end}{SUFFIX}" for end in chain([""], (f"-{count}" for count in count_from(2))))
    return next(path for path in (folder_of(store) / name for name in names) if not path.exists())


def to_keep(found: Collection[Backup], room: int) -> list[Backup]:
    """Which of these stay, the newest first, when all may take `room` bytes together."""
    ordered = sorted(found, key=_order, reverse=True)
    last_of_day: dict[str, Backup] = {}
    for one in ordered:
        last_of_day.setdefault(one.made[:10], one)
    days = list(last_of_day.values())[:DAYS]
    wanted = [one for place, one in enumerate(ordered) if place < NEWEST or one in days]
    taken, kept = 0, list[Backup]()
    for one in wanted:
        taken += one.size
        if len(kept) < LEAST or taken <= room:
            kept.append(one)
    return kept


def prune(store: Path) -> list[Backup]:
    """Removes the backups that are too many; those that stay, the newest first."""
    found = backups(store)
    if not found:
        return []
    free = shutil.disk_usage(folder_of(store)).free + sum(one.size for one in found)
    kept = to_keep(found, free // SHARE)
    for one in found:
        if one not in kept:
            one.path.unlink(missing_ok=True)
    return kept


def age(backup: Backup | None, now: datetime) -> timedelta:
    """How far its making is from now, in either direction, for clocks are set; for ever where there is none."""
    return abs(now - backup.at) if backup is not None else timedelta.max


def pause() -> None:
    """The pace of a backup beside which people work."""
    time.sleep(_PAUSE)
