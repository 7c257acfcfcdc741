"""What a disk, or what lies on it, does to a store, in words: what is so, and what to do."""

from __future__ import annotations

import errno
from collections.abc import Callable, Mapping
from pathlib import Path

from app.kernel.problems import Trouble
from app.kernel.words import _


def _at_path(code: str, message: str, hint: str) -> Callable[[Path], Trouble]:
    """What makes the trouble of a store, once it is known of which one."""
    return lambda path: Trouble(code, message, hint, {"path": path})


_PUT_BACK = _("Keep the file as it is, and put a backup back: fettle restore FILE.")
foreign = _at_path(
    "store.foreign",
    _("{path} is not a store of Fettle."),
    _("Choose the store itself, or another place for a new one."),
)
occupied = _at_path(
    "store.occupied",
    _("There is something at {path} already."),
    _("Open it, or choose another place for a new store."),
)
other_key = _at_path(
    "store.key",
    _("The store at {path} was made with another key."),
    _("Open it on the machine, and as the user, that made it."),
)
newer = _at_path(
    "store.newer",
    _("The store at {path} was written by a newer version of Fettle."),
    _("Update this program; the store was left as it is."),
)
unreadable = _at_path(
    "store.unreadable",
    _("The store at {path} cannot be read."),
    _("See that you may read and write its folder, and that its disk is there."),
)
read_only = _at_path(
    "store.read_only",
    _("The store at {path} cannot be written: nothing of this was saved."),
    _("See that its disk and its file are not read-only."),
)
faulty_disk = _at_path(
    "store.disk",
    _("The disk of {path} reports a fault: nothing of this was saved."),
    _("Write down what you did, and have the disk checked first."),
)
full_disk = _at_path(
    "store.full",
    _("The disk of {path} is full: nothing of this was saved."),
    _("Make room on the disk, then do it again."),
)
damaged = _at_path("store.damaged", _("The store at {path} is damaged."), _PUT_BACK)
behind = _at_path("store.behind", _("The store at {path} lacks commands that were answered."), _PUT_BACK)

NOT_SAVED = frozenset({"store.full", "store.disk", "store.read_only", "store.unreadable"})
"""Codes of what a disk does to a write, which may go through when it is done again."""

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
