"""The terminal's store: one encrypted SQLite file, written by one connection, safe against kill and power cut.

The file starts with sixteen bytes in the clear, SQLCipher's salt: eight that say what it is, and eight that tell which key
it wants. So a wrong file, a wrong key and a damaged file are told apart before anything is touched.
"""

from __future__ import annotations

import hashlib
import os
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import ExceptionContext
from sqlalchemy.pool import QueuePool
from sqlcipher3 import dbapi2 as driver

from app.kernel.files import FileLock, keep_names, make_folder, network_of
from app.kernel.problems import Trouble
from app.kernel.words import _

KIND = b"FETTLE1\0"
FAMILY = b"FETTLE"
APPLICATION_ID = 0x46455454
OLDEST_SQLITE = (3, 51, 3)  # before it, two connections could ruin the file (the WAL-reset bug)
READERS = 4
SETTINGS = {
    "journal_mode": "wal",
    "synchronous": 2,  # FULL: an acknowledged commit outlives a power cut
    "foreign_keys": 1,
    "busy_timeout": 5000,
    "wal_autocheckpoint": 1000,
    "journal_size_limit": 64 * 1024 * 1024,
    "temp_store": 2,  # MEMORY: nothing in the clear on the disk
    "secure_delete": 2,  # FAST
    "trusted_schema": 0,
    "mmap_size": 0,
}
_RUNNING, _CLEAN = "running", "stopped cleanly"


def mark_of(key: bytes) -> bytes:
    """Eight bytes that tell which key a store wants, and nothing else about it."""
    return hashlib.sha256(b"fettle store " + key).digest()[:8]


def mark_in(path: Path) -> bytes:
    """The mark of the key that the store at `path` wants; Trouble when there is no store, or none that we can read."""
    if not path.exists():
        raise Trouble("store.missing", _("There is no store at {path}."), _("Check the folder, or set up a new store there."), {"path": path})
    if not path.is_file():
        raise _foreign(path)
    with path.open("rb") as file:
        head = file.read(16)
    if head[:8] == KIND and len(head) == 16:
        return head[8:]
    raise _newer(path) if head.startswith(FAMILY) and len(head) == 16 else _foreign(path)


class Store:
    """An open store. `writer` is its one writing connection, for the writer thread; `reader` serves everybody else.

    Transactions begin when SQLAlchemy begins one: the writer's with BEGIN IMMEDIATE, also around changes of tables.
    """

    def __init__(self, path: Path, key: bytes, lock: FileLock) -> None:
        """For `create` and `open` only, which make sure that the file is a store and that nobody else has it."""
        self.path = path
        self._lock = lock
        self.writer = _engine(path, key, 1, "BEGIN IMMEDIATE", SETTINGS)
        self.reader = _engine(path, key, READERS, "BEGIN", {**SETTINGS, "query_only": 1})

    @classmethod
    def create(cls, path: Path, key: bytes) -> Store:
        """Makes an empty store, on the disk for good before it is opened; Trouble when something is there already."""
        _check_program(driver.sqlite_version_info)
        _check_disk(path)
        make_folder(path.parent)
        lock = _locked(path)
        with _kept_on_success(lock):
            if path.exists():
                raise Trouble("store.exists", _("There is something at {path} already."), _("Open it, or choose another place for the new store."), {"path": path})
            _make_file(path, key)
            lock.write(_RUNNING)
            return cls(path, key, lock)

    @classmethod
    def open(cls, path: Path, key: bytes, known: Collection[str]) -> Store:
        """Opens a store whose revision of the tables is among the `known` ones of this program.

        Refuses with a Trouble, and changes nothing in the file, when it is no store, wants another key, is damaged, comes
        from a newer program, lies on a network drive or is open elsewhere. After an unclean stop every page is checked.
        """
        _check_program(driver.sqlite_version_info)
        _check_disk(path)
        if mark_in(path) != mark_of(key):
            raise Trouble("store.key", _("The store at {path} was made with another key."), _("Open it on the machine, and as the user, that made it; or restore a backup of this machine's store."), {"path": path})
        lock = _locked(path)
        with _kept_on_success(lock):
            _examine(path, key, known, every_page=lock.read() != _CLEAN)
            lock.write(_RUNNING)
            return cls(path, key, lock)

    def close(self) -> None:
        """Puts everything into the one file and lets go of it. A connection still in use makes the next start check all."""
        in_use = self.reader.pool.checkedout() + self.writer.pool.checkedout()  # type: ignore[attr-defined]
        self.reader.dispose()
        self.writer.dispose()
        if not in_use:
            self._lock.write(_CLEAN)
        self._lock.release()
