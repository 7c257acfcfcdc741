"""What a disk, or what lies on it, does to a store, in words: what is so, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path

from app.kernel.problems import Trouble
from app.kernel.words import _


def foreign(path: Path) -> Trouble:
    message, hint = _("{path} is not a store of Fettle."), _("Choose the store itself, or another place for a new one.")
    return Trouble("store.foreign", message, hint, {"path": path})


def occupied(path: Path) -> Trouble:
    message, hint = _("There is something at {path} already."), _("Open it, or choose another place for a new store.")
    return Trouble("store.occupied", message, hint, {"path": path})


def other_key(path: Path) -> Trouble:
    message = _("The store at {path} was made with another key.")
    hint = _("Open it on the machine, and as the user, that made it.")
    return Trouble("store.key", message, hint, {"path": path})


def newer(path: Path) -> Trouble:
    message = _("The store at {path} was written by a newer version of Fettle.")
    return Trouble("store.newer", message, _("Update this program; the store was left as it is."), {"path": path})


def unreadable(path: Path) -> Trouble:
    message = _("The store at {path} cannot be read.")
    hint = _("See that you may read and write its folder, and that its disk is there.")
    return Trouble("store.unreadable", message, hint, {"path": path})


def read_only(path: Path) -> Trouble:
    message = _("The store at {path} cannot be written: nothing of this was saved.")
    return Trouble("store.read_only", message, _("See that its disk and its file are not read-only."), {"path": path})


def faulty_disk(path: Path) -> Trouble:
    message = _("The disk of {path} reports a fault: nothing of this was saved.")
    return Trouble("store.disk", message, _("Write down what you did, and have the disk checked first."), {"path": path})


def full_disk(path: Path) -> Trouble:
    message = _("The disk of {path} is full: nothing of this was saved.")
    return Trouble("store.full", message, _("Make room on the disk, then do it again."), {"path": path})


def damaged(path: Path) -> Trouble:
    message = _("The store at {path} is damaged.")
    hint = _("Keep the file as it is, and put a backup back: fettle restore FILE.")
    return Trouble("store.damaged", message, hint, {"path": path})


def behind(path: Path) -> Trouble:
    message = _("The store at {path} lacks commands that were answered.")
    hint = _("Keep the file as it is, and put a backup back: fettle restore FILE.")
    return Trouble("store.behind", message, hint, {"path": path})


_TROUBLES: Mapping[int, Callable[[Path], Trouble]] = {  # by SQLite's primary result code, see sqlite.org/rescode.html
    8: read_only,
    10: faulty_disk,
    11: damaged,
    13: full_disk,
    14: unreadable,
    26: damaged,
}


_BY_SYSTEM: Mapping[int, Callable[[Path], Trouble]] = {
    errno.ENOSPC: full_disk,
    errno.EDQUOT: full_disk,
    errno.EROFS: read_only,
    errno.EIO: faulty_disk,
}


def trouble_of(error: BaseException | None, path: Path) -> Trouble | None:
    """What the disk does to us, in words; None for what the program does wrong, which stays a bug."""
    if isinstance(error, OSError):
        return _BY_SYSTEM.get(error.errno or 0, unreadable)(path)
    found = _TROUBLES.get(getattr(error, "sqlite_errorcode", 0) & 0xFF)
    return found(path) if found else None
