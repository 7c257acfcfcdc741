"""Putting a store back by hand: from a backup that somebody brings, or from the store itself where its key was lost.

Where the key is on this machine the file is laid as it is. Elsewhere the recovery code opens it, and it is written anew under
a key that this machine makes and keeps for itself.
"""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path

from sqlcipher3 import dbapi2 as driver

from app.kernel import backups, journal, quarantine, recovery
from app.kernel.backups import Backup
from app.kernel.files import keep_names, make_folder
from app.kernel.keys import KeyKeeper, machine_keeper
from app.kernel.problems import Trouble
from app.kernel.store import PUT_BACK, check_surroundings, connect, locked, mark_in
from app.kernel.store_troubles import damaged, newer, trouble_of
from app.kernel.types import canonical

BY_HAND = "store.by_hand"  # why a store was set aside


@dataclass(frozen=True)
class Restored:
    """What was put back: from when it is, whether this machine had its key, and where the store before it lies now."""

    made: str
    here: bool
    aside: str = ""


def restore(
    store: Path,
    source: Path,
    code: Callable[[], str],
    known: Collection[str],
    *,
    again: bool = True,
    keeper: KeyKeeper | None = None,
) -> Restored:
    """Puts a backup, or a store whose key was lost, at `store`; `code` is asked where this machine has not the key of it.
    `known` are the steps of tables that this program knows: what a newer one made is refused.

    `again` leaves the black box, from which the next start does again what was done since. Trouble and Refused leave all as
    it was.
    """
    keeper = keeper or machine_keeper()
    check_surroundings(store)
    make_folder(store.parent)
    lost = source.exists() and not source.name.endswith(backups.SUFFIX) and _is_store(source)
    backup = _of_store(source) if lost else backups.read(source)
    if not lost and backup.tables not in known:
        raise newer(source)
    passing = store.with_name(store.name + ".back")
    with locked(store) as lock, _cleared(passing, store.with_name(store.name + ".anew")):
        other = _is_store(store) and mark_in(store).hex() != backup.mark
        wrapped = _laid(store, passing, backup, code, keeper, lost=lost)
        aside = _aside(store, backup, again=again)
        passing.replace(store)
        keep_names(store.parent)
        lock.write(PUT_BACK)
        if wrapped is not None or other:
            recovery.lay_beside(store, backup.wrapped if wrapped is None else wrapped)
        lock.release()
    return Restored(backup.made, wrapped is None, aside)


@contextmanager
def _cleared(*passing: Path) -> Iterator[None]:
    """Whatever happens, nothing is left under a passing name."""
    try:
        yield
    finally:
        for one in passing:
            one.unlink(missing_ok=True)


def _is_store(path: Path) -> bool:
    try:
        return bool(mark_in(path))
    except Trouble:
        return False


def _of_store(path: Path) -> Backup:
    """A store whose key was lost, told like a backup of itself."""
    return Backup("", mark_in(path).hex(), path.stat().st_size, "", 0, [], "", recovery.read_beside(path), path)


def _laid(store: Path, passing: Path, backup: Backup, code: Callable[[], str], keeper: KeyKeeper, *, lost: bool) -> str | None:
    """Lays what is to be the store beside it, proved. None where this machine had its key; else its new key, wrapped."""
    key = keeper.find_beside(store.parent, bytes.fromhex(backup.mark))
    if not lost:
        backups.lay(backup, passing)
    source = backup.path if lost else passing
    if key is not None:
        if lost:
            _write_anew(source, key, passing, key)
        backups.prove(passing, key)
        return None
    typed = code()
    opened = recovery.unwrap(backup.wrapped, typed)
    fresh = keeper.make(store)
    anew, wrapped = store.with_name(store.name + ".anew"), recovery.wrap(fresh, typed)
    _write_anew(source, opened, anew, fresh)
    with closing(connect(anew, fresh, "rw")) as connection:
        connection.execute("UPDATE meta SET value = ? WHERE key = ?", (canonical(wrapped), recovery.WRAPPED))
    anew.replace(passing)
    return wrapped


def _write_anew(source: Path, opened: bytes, to: Path, key: bytes) -> None:
    """A store that one key opens as one that another opens, proved."""
    try:
        with closing(connect(source, opened, "rw")) as connection:
            backups.copy(connection, to, key)
    except driver.DatabaseError as error:
        raise trouble_of(error, source) or damaged(source) from error
    backups.prove(to, key)


def _aside(store: Path, backup: Backup, *, again: bool) -> str:
    """Sets aside what stands in the store's place, and its black box with it where that is not to be read."""
    if not store.exists():
        return ""
    folder = quarantine.set_aside(store, backup, BY_HAND)
    boxes = () if again else journal.numbers(store)
    for number in boxes:
        box = journal.file_of(store, number)
        box.replace(folder / box.name)
    if boxes:
        journal.file_of(store, max(boxes) + 1).touch(0o600)  # numbers go on: backups name the file from which on they want more
    return str(folder)
