"""A terminal's first store, ready from the hub: fetched piece by piece, sealed with this machine's key, put in place whole.

What is on this disk is encrypted at every moment. A cut, a kill or a full disk leaves the store that was there, or none, and
beside it what has been fetched so far: the next try goes on from there.
"""

from __future__ import annotations

import os
import shutil
import time
from collections.abc import Callable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlcipher3 import dbapi2 as driver

from app.kernel.dispatch import Station
from app.kernel.files import keep_names
from app.kernel.keys import KeyKeeper, machine_keeper
from app.kernel.problems import Refused, Trouble
from app.kernel.store import CLEAN, check_surroundings, locked, mark_in, mark_of
from app.kernel.store_troubles import trouble_of
from app.kernel.words import _
from app.migrations import head, revisions
from sync.snapshots import COLUMNS, FILE, Manifest, Source
from sync.terminal import laying
from sync.terminal.carrying import New, Outdated, complete
from sync.terminal.fetching import Fetching, Tell, silent
from sync.terminal.sealing import SALT
from sync.terminal.staging import Pages, Spool, Stage

SLOW_LINE = 2_000_000  # bytes a second; below, rows as columns are there sooner than a file's pages
PROBED = 2  # pieces of the file after which the line is judged
COLUMNS_TAKE = 0.15  # of the bytes that the file does
WORTH_IT = 10.0  # seconds that columns must save
LAID_ROW = 1_000  # bytes that one of them takes in the store, with its indexes and its words
LAID_A_SECOND = 25_000  # rows that this machine makes a store of, out of columns


@dataclass(frozen=True)
class Fetched:
    """What came of it: rows and bytes on the way, in which form, how long it took, and how many commands were carried over."""

    form: str
    rows: int
    size: int
    seconds: float
    carried: int


def fetch_store(
    source: Source,
    path: Path,
    station: Station,
    org_id: UUID,
    *,
    keeper: KeyKeeper | None = None,
    form: str = "",
    facts: Mapping[str, Any] | None = None,
    tell: Tell = silent,
    stop: Callable[[], bool] = lambda: False,
    sleep: Callable[[float], None] = time.sleep,
) -> Fetched:
    """Puts a store with everything in this terminal's reach at `path`; open it with `open_terminal` afterwards.

    What an earlier store there holds of its own (waiting commands, numbers, drafts, the scan log) is taken along, and its
    waiting commands are done again on the new rows. `facts` are written into the store's meta table beside the station. A
    `form` asks for one of the two ways; else the line decides. `tell` hears how far it is, `stop` ends it at the next piece.

    Trouble when the line, the hub or the disk fails; Refused when the hub does not know this terminal. Ask again: pieces that
    are here are not fetched twice.
    """
    started = time.monotonic()
    keeper = keeper or machine_keeper()
    check_surroundings(path)
    with locked(path) as lock:
        key = _key(path, keeper)
        work = _Work(source, path, key, Fetching(source, tell, stop, sleep))
        try:
            manifest, carried = _placed(work, form, New(station, org_id, facts or {}))
            lock.write(CLEAN)  # every page was just checked and written
        except Trouble as trouble:
            if trouble.problem.code == "snapshot.spoilt":
                Stage.clear(path)  # the next try begins anew
            raise
        except (OSError, driver.DatabaseError) as error:
            raise trouble_of(error, path) or error from error
        lock.release()
    return Fetched(manifest.form, manifest.rows, manifest.size, time.monotonic() - started, carried)


def _key(path: Path, keeper: KeyKeeper) -> bytes:
    """The key of the store that is there, or of the one that was begun; else a new one."""
    for there in (path, Stage.place(path)):
        if there.exists() and there.stat().st_size >= SALT:
            return keeper.find(there)
    key = keeper.make(path)
    Stage.begin(path, key)  # so that the key is found again after a kill
    return key


class _Work:
    """One try to fetch a store."""

    def __init__(self, source: Source, path: Path, key: bytes, fetching: Fetching) -> None:
        self.source = source
        self.path = path
        self.key = key
        self.fetching = fetching

    def fetched(self, form: str) -> Manifest:
        """Fetches all pieces of a snapshot into the stage; where the hub has replaced it meanwhile, of the next one."""
        begun = Stage.begun(self.path)
        if begun is not None and not (form in ("", begun.form) and _is_readable(begun)):
            begun = None
        while True:
            manifest = begun or _readable(self.fetching.manifest(form or FILE))
            begun = None
            try:
                if self._fetch(manifest, free=not form and manifest.form == FILE and manifest.schema == head()):
                    return manifest
                form = COLUMNS
            except (Refused, Trouble) as error:
                if error.problem.code != "snapshot.gone":
                    raise

    def _fetch(self, manifest: Manifest, *, free: bool) -> bool:
        """Fetches what is not here; False when the line turns out so slow that columns are the quicker way."""
        _check_room(self.path, manifest)
        stage = (Pages if manifest.form == FILE else Spool)(self.path, self.key, manifest)
        begun = time.monotonic()
        got = 0
        try:
            with ThreadPoolExecutor(stage.HELPERS, "snapshot") as helpers:
                if stage.done == len(manifest.pieces):
                    return True  # and perhaps it was made complete since: nothing of it may be touched
                for number in range(stage.done, len(manifest.pieces)):
                    packed = self.fetching.piece(manifest, number)
                    got += len(packed)
                    stage.put(number, helpers, packed)
                    if free and number == PROBED - 1 and _is_slow(got / max(time.monotonic() - begun, 1e-6), manifest):
                        return False
                stage.finish()
        finally:
            stage.close()
        return True


def _is_slow(speed: float, manifest: Manifest) -> bool:
    """Whether making the store here, out of fewer bytes, is quicker than waiting for the ready one."""
    saved = manifest.size * (1 - COLUMNS_TAKE) / speed - manifest.rows / LAID_A_SECOND
    return speed < SLOW_LINE and saved > WORTH_IT


def _is_readable(manifest: Manifest) -> bool:
    """Whether its tables are those of this program; an older file's are brought up to date, columns must fit as they are."""
    return manifest.schema in (revisions() if manifest.form == FILE else {head()})


def _readable(manifest: Manifest) -> Manifest:
    """Refuses what this program cannot read."""
    if not _is_readable(manifest):
        message = _("The hub is of another version: its tables are not those of this program.")
        raise Trouble("snapshot.schema", message, _("Update the older of the two, then fetch the store again."))
    return manifest


def _check_room(path: Path, manifest: Manifest) -> None:
    """Trouble before the first byte comes, where the disk cannot take the store beside the one that is there."""
    there = sum(left.stat().st_size for left in path.parent.glob(path.name + ".new*"))
    needed = manifest.plain if manifest.form == FILE else manifest.size + manifest.rows * LAID_ROW
    free = shutil.disk_usage(path.parent).free + there
    if free < needed:
        message = _("The store that the hub has ready needs {needed} MB; {free} MB are free on this disk.")
        values = {"needed": needed // 1_000_000 + 1, "free": free // 1_000_000}
        raise Trouble("snapshot.room", message, _("Make room on the disk, then try again."), values)


def _placed(work: _Work, form: str, new: New) -> tuple[Manifest, int]:
    """Fetches a snapshot and puts it in place; again where an earlier try was cut at its very end and work went on meanwhile."""
    manifest = work.fetched(form)
    try:
        return manifest, _put_in_place(work, manifest, new)
    except Outdated:
        Stage.clear(work.path)
    manifest = work.fetched(form)
    return manifest, _put_in_place(work, manifest, new)


def _put_in_place(work: _Work, manifest: Manifest, new: New) -> int:
    """Makes what was fetched a whole store under its passing name, then gives it its own: one rename, seen or not at all."""
    staged = Stage.place(work.path)
    if manifest.form == COLUMNS:
        laying.lay(work.path, work.key, manifest, new.org_id, work.fetching.tell)
    carried = complete(staged, work.path, work.key, new, manifest)
    _check_kept(staged, work.path, work.key)
    with staged.open("rb+") as file:
        os.fsync(file.fileno())
    staged.replace(work.path)
    keep_names(work.path.parent)
    Stage.clear(work.path)
    return carried


def _check_kept(staged: Path, store: Path, key: bytes) -> None:
    """Nothing may be left beside either file: a journal under the old name would be taken for the new store's."""
    left = [one.with_name(one.name + "-wal") for one in (staged, store)]
    if mark_in(staged) != mark_of(key) or any(one.exists() and one.stat().st_size for one in left):
        raise RuntimeError("a store was not closed")
