"""A damaged store is set aside, never deleted, and the newest backup that can be proved takes its place.

Each folder of what was set aside holds a note of why, from which people are told as soon as the store is open again.
"""

from __future__ import annotations

import json
import logging
import os
from collections.abc import Iterable, Iterator
from contextlib import closing, suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

from sqlcipher3 import dbapi2 as driver

from app.kernel import backups, outbox
from app.kernel.backups import Backup
from app.kernel.files import keep_names, make_folder, write_whole
from app.kernel.journal import SLIPS
from app.kernel.keys import KeyKeeper
from app.kernel.problems import Trouble
from app.kernel.store import PUT_BACK, connect, locked, mark_in

WHY = "why.json"
DAMAGED = ("store.damaged", "store.behind")  # what a backup of the same key is put back for
KEYS = ("store.key", "key.missing")  # and for these, where the head of the store only was meant to tell another key
SALVAGED = 5000  # commands that are looked for in what was set aside
_BESIDE = ("-wal", "-shm")  # -journal is not: in WAL mode there is none
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Mishap:
    """What happened to a store: when it was found, by which problem's code, from when the backup is that took its place, and
    the first file of the black box that goes beyond it."""

    at: str
    code: str
    made: str
    box: int
    folder: str = ""


def folder_of(store: Path) -> Path:
    """Where damaged stores are set aside."""
    return store.with_name(store.name + ".quarantine")


def put_back(store: Path, keeper: KeyKeeper, code: str) -> Backup | None:
    """Puts the newest whole backup in a store's place; None where there is none whose key is here, and then nothing is touched.

    Cut short anywhere it leaves a store that is still seen to be damaged, so the next start does it again.
    """
    wanted = [one for one in backups.backups(store) if _replaces(store, one, code)]
    if not wanted:
        return None
    with locked(store) as lock:
        found = _laid(store, wanted, keeper)
        if found is not None:
            set_aside(store, found, code)
            _passing(store).replace(store)
            keep_names(store.parent)
            lock.write(PUT_BACK)
        lock.release()
    return found


def _replaces(store: Path, backup: Backup, code: str) -> bool:
    """Whether a backup may take the store's place for this reason."""
    if code in KEYS:
        differs = int.from_bytes(mark_in(store), "big") ^ int(backup.mark, 16)
        return 0 < differs.bit_count() <= SLIPS
    if code in DAMAGED:
        return mark_in(store).hex() == backup.mark
    return code == "store.foreign" or (code == "store.missing" and _passing(store).exists())


def _laid(store: Path, wanted: Iterable[Backup], keeper: KeyKeeper) -> Backup | None:
    """The backup that now lies ready beside the store, proved."""
    for backup in wanted:
        try:
            key = keeper.find_beside(store.parent, bytes.fromhex(backup.mark))
            if key is None:
                continue
            backups.lay(backup, _passing(store))
            backups.prove(_passing(store), key)
            return backup
        except Trouble as trouble:
            log.warning("%s", trouble.problem.sentence)
    _passing(store).unlink(missing_ok=True)
    return None


def _passing(store: Path) -> Path:
    return store.with_name(store.name + ".back")


def set_aside(store: Path, backup: Backup, code: str) -> Path:
    """Puts a store away for this backup; the folder where it lies now. The file stays in its place too until the other takes
    it, so that at no moment there is none."""
    now = datetime.now(UTC)
    aside = _fresh(folder_of(store) / f"{now:%Y%m%d-%H%M%S}")
    why = Mishap(now.isoformat(timespec="seconds"), code, backup.made, backup.box)
    write_whole(aside / WHY, json.dumps(asdict(why)).encode())
    if store.exists():
        _linked(store, aside / store.name)
    for end in _BESIDE:
        beside = store.with_name(store.name + end)
        if beside.exists():
            beside.replace(aside / beside.name)
    keep_names(aside)
    keep_names(store.parent)
    return aside


def _fresh(wanted: Path) -> Path:
    """A folder of its own, also where one was made in the same second."""
    found, count = wanted, 1
    while found.exists():
        count += 1
        found = wanted.with_name(f"{wanted.name}-{count}")
    make_folder(found)
    return found


def _linked(store: Path, to: Path) -> None:
    try:
        os.link(store, to)
    except OSError:  # a disk without links: for a moment there is no store, and the backup beside it is taken up again
        store.replace(to)


def salvaged(store: Path, mishap: Mishap, key: bytes) -> list[str]:
    """The newest envelopes that can still be read in what was set aside, in their order: every page of them has its seal, and
    each hangs in the chain on the one before it."""
    found: list[tuple[str, str]] = []
    with suppress(driver.DatabaseError), closing(connect(folder_of(store) / mishap.folder / store.name, key, "ro")) as connection:
        for content, link in connection.execute("SELECT content, chain FROM envelope ORDER BY seq DESC LIMIT ?", (SALVAGED,)):
            if found and outbox.chained(link, found[-1][0]) != found[-1][1]:
                break
            found.append((content, link))
    return [content for content, _link in reversed(found)]


def mishaps(store: Path) -> Iterator[Mishap]:
    """What was set aside so far, the oldest first."""
    folder = folder_of(store)
    for aside in sorted(folder.iterdir()) if folder.is_dir() else ():
        try:
            yield Mishap(**{**json.loads((aside / WHY).read_bytes()), "folder": aside.name})
        except (OSError, ValueError, TypeError):  # a folder that somebody else put there
            continue
