"""A disk that refuses: SQLite's own file layer, where from the n-th write or sync on nothing goes through until there is room.

The functions that SQLite calls for its files (see sqlite.org/c3ref/io_methods.html) are replaced in memory, in this process only;
neither the store nor the driver knows of it.
"""

from __future__ import annotations

import ctypes
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from sqlcipher3 import _sqlite3

OK, FULL, IOERR_WRITE, IOERR_FSYNC = 0, 13, 778, 1034  # see sqlite.org/rescode.html
_NEVER = 1 << 60
_POINTER, _INT, _LONG = ctypes.c_void_p, ctypes.c_int, ctypes.c_int64
_OPEN = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _POINTER, _INT, _POINTER)
_WRITE = ctypes.CFUNCTYPE(_INT, _POINTER, _POINTER, _INT, _LONG)
_TRUNCATE = ctypes.CFUNCTYPE(_INT, _POINTER, _LONG)
_SYNC = ctypes.CFUNCTYPE(_INT, _POINTER, _INT)


class _Vfs(ctypes.Structure):
    """The head of sqlite3_vfs, up to the function that opens a file."""

    _fields_ = (
        ("version", _INT),
        ("size_of_file", _INT),
        ("longest", _INT),
        ("next", _POINTER),
        ("name", _POINTER),
        ("data", _POINTER),
        ("open", _POINTER),
    )


class _Methods(ctypes.Structure):
    """sqlite3_io_methods, version 3."""

    _fields_ = (
        ("version", _INT),
        ("close", _POINTER),
        ("read", _POINTER),
        ("write", _POINTER),
        ("truncate", _POINTER),
        ("sync", _POINTER),
        ("others", _POINTER * 13),
    )


class FaultyDisk:
    """Counts writes and syncs of every file that SQLite opens from now on; `after` tells from which one on they fail."""

    def __init__(self) -> None:
        self.writes = 0  # since it was told last
        self.refused = 0
        self._after, self._code, self._sync_code = _NEVER, FULL, IOERR_FSYNC
        self._lock = threading.Lock()
        self._methods: dict[int, _Methods] = {}
        self._kept: list[object] = []
        library = ctypes.CDLL(_sqlite3.__file__)
        library.sqlite3_vfs_find.restype = ctypes.POINTER(_Vfs)
        self._vfs = library.sqlite3_vfs_find(None).contents
        self._there = _OPEN(self._vfs.open)
        ours = _OPEN(self._open)
        self._kept.append(ours)
        self._vfs.open = ctypes.cast(ours, _POINTER).value

    def fail(self, after: int, code: int = FULL) -> None:
        """The write or sync after so many is the first that fails; all later ones do too."""
        with self._lock:
            self.writes, self.refused = 0, 0
            self._after, self._code = after, code

    def recover(self) -> None:
        """There is room again."""
        self.fail(_NEVER)

    @property
    def failing(self) -> bool:
        """Whether something was refused, and still would be."""
        return self.refused > 0

    def _refuses(self) -> bool:
        with self._lock:
            self.writes += 1
            refused = self.writes > self._after
            self.refused += refused
            return refused

    def _open(self, vfs: int, name: int, file: int, flags: int, told: int) -> int:
        result = self._there(vfs, name, file, flags, told)
        place = ctypes.cast(file, ctypes.POINTER(_POINTER))
        methods = place[0]
        if methods is not None:
            place[0] = ctypes.addressof(self._wrapped(methods))
        return result

    def _wrapped(self, address: int) -> _Methods:
        with self._lock:
            if address not in self._methods:
                self._methods[address] = self._made(_Methods.from_address(address))
            return self._methods[address]

    def _made(self, there: _Methods) -> _Methods:
        copy = _Methods()
        ctypes.pointer(copy)[0] = there
        write, truncate, sync = _WRITE(there.write), _TRUNCATE(there.truncate), _SYNC(there.sync)
        ours = (
            _WRITE(lambda file, data, size, at: self._code if self._refuses() else write(file, data, size, at)),
            _TRUNCATE(lambda file, size: self._code if self._refuses() else truncate(file, size)),
            _SYNC(lambda file, flags: self._sync_code if self._refuses() else sync(file, flags)),
        )
        self._kept += (write, truncate, sync, ours)
        copy.write, copy.truncate, copy.sync = (ctypes.cast(one, _POINTER).value for one in ours)
        return copy


_installed: list[FaultyDisk] = []


@contextmanager
def faulty_disk() -> Iterator[FaultyDisk]:
    """The one of this process; what is opened after the block is written as ever."""
    if not _installed:
        _installed.append(FaultyDisk())
    disk = _installed[0]
    disk.recover()
    try:
        yield disk
    finally:
        disk.recover()
