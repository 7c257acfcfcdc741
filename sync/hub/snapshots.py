"""The hub's snapshots: built once for all terminals of one reach, kept on its disk, and built anew when the feed has gone far on.

One file holds both the organisation's masters and a site's own rows: sites that share an organisation pay for the masters'
place on the hub's disk, and in return a terminal gets one file that is ready as it is. What happened since it was built the
feed brings.
"""

from __future__ import annotations

import json
import logging
import os
import shutil
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Future
from concurrent.futures import TimeoutError as Unfinished
from dataclasses import replace
from hashlib import sha256
from pathlib import Path
from uuid import UUID

from sqlalchemy import URL, Engine, func, select
from sqlalchemy.orm import Session

from app.kernel import feed
from app.kernel.files import FileLock, keep_names, make_folder
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import FeedRow
from app.kernel.registry import Registry
from app.kernel.words import _
from app.migrations import head
from sync.hub.building import MANIFEST, build, piece_name
from sync.hub.feed import Reach
from sync.snapshots import FORMS, Manifest

Make = Callable[[Reach, str, Path], None]  # builds the snapshot of a reach, in a form, into an empty folder
MOST_BEHIND = 50_000  # rows that have changed since; with more, catching up takes longer than a terminal should wait
OLDEST = 24 * 3600.0  # seconds
GRACE = 3600.0  # seconds after the last piece that somebody fetched of one that has been replaced
FORGOTTEN = 7 * 24 * 3600.0  # the same for one of which there is no newer: the next terminal of its reach gets a new one
PATIENCE = 20.0  # seconds that a terminal is kept waiting for a build before it asks again
_LOOK_AGAIN = 0.5  # seconds, while another process of this hub builds
log = logging.getLogger(__name__)


class Snapshots:
    """Keeps the snapshots of one hub in a folder, which all its processes share."""

    def __init__(self, folder: Path, engine: Engine, make: Make, *, now: Callable[[], float] = time.time) -> None:
        self.folder = folder
        self._engine = engine
        self._make = make
        self._now = now
        self._building: dict[str, Future[Manifest]] = {}
        self._lock = threading.Lock()

    def manifest(self, reach: Reach, form: str, patience: float = PATIENCE) -> Manifest:
        """The newest snapshot of a reach, built first where there is none that will do; Trouble while that takes longer."""
        if form not in FORMS:
            raise Refused(_no_such_form(form))
        key = key_of(reach, form)
        found = self._newest(key)
        if found is not None and self._will_do(reach, found):
            return found
        try:
            return self._built(key, reach, form).result(patience)
        except Unfinished as error:
            raise _building() from error

    def piece(self, reach: Reach, name: str, number: int) -> Path:
        """The file of one piece; Refused when there is none, or it is not of this reach."""
        path = self.folder / name / piece_name(number)
        mine = any(name == f"{key_of(reach, form)}-{name.rpartition('-')[2]}" for form in FORMS)
        if not (mine and name.isascii() and name.replace("-", "").isalnum() and path.is_file()):
            raise Refused(_gone())
        os.utime(path.parent)  # somebody is still fetching it
        return path

    def _newest(self, key: str) -> Manifest | None:
        """The last one that was finished."""
        found = sorted(self.folder.glob(f"{key}-*/{MANIFEST}"), key=lambda path: path.stat().st_mtime)
        return Manifest.of_json(json.loads(found[-1].read_text("utf-8"))) if found else None

    def _will_do(self, reach: Reach, found: Manifest) -> bool:
        """Whether the feed brings the rest soon enough, and is still the feed that this one was built from."""
        with Session(self._engine) as session:
            session.info["orgs"] = {reach.org_id}
            now = feed.state(session)
            later = select(FeedRow.row_id).where(FeedRow.org_id == reach.org_id, FeedRow.seq > found.cursor)
            behind = session.scalar(select(func.count()).select_from(later.limit(MOST_BEHIND + 1).subquery())) or 0
        age = self._now() - (self.folder / found.name / MANIFEST).stat().st_mtime
        same = now.epoch == found.epoch and now.floor <= found.cursor <= now.last
        return same and behind <= MOST_BEHIND and (age <= OLDEST or not behind)

    def _built(self, key: str, reach: Reach, form: str) -> Future[Manifest]:
        """The build of a snapshot: the one that runs, for everybody who asks meanwhile, else a new one."""
        with self._lock:
            running = self._building.get(key)
            if running is None:
                running = self._building[key] = Future()
                threading.Thread(target=self._run, args=(key, reach, form, running), name="snapshot", daemon=True).start()
            return running

    def _run(self, key: str, reach: Reach, form: str, told: Future[Manifest]) -> None:
        try:
            made = self._build(key, reach, form)
        except BaseException as error:  # whoever waits for it hears it
            self._forget(key)
            told.set_exception(error)
        else:
            self._forget(key)
            told.set_result(made)

    def _forget(self, key: str) -> None:
        with self._lock:
            del self._building[key]

    def _build(self, key: str, reach: Reach, form: str) -> Manifest:
        """Builds into a passing folder, which gets its name when it is whole; another process may have been quicker."""
        make_folder(self.folder)
        lock = self._turn(key)
        try:
            found = self._newest(key)
            if found is not None and self._will_do(reach, found):
                return found
            self._sweep(key)
            name = f"{key}-{new_id().hex}"
            passing = self.folder / f"new-{name}"
            make_folder(passing)
            self._make(reach, form, passing)
            made = replace(Manifest.of_json(json.loads((passing / MANIFEST).read_text("utf-8"))), name=name)
            (passing / MANIFEST).write_text(json.dumps(made.as_json()), encoding="utf-8")
            _to_disk(passing)
            passing.rename(self.folder / name)
            keep_names(self.folder)
            return made
        finally:
            lock.release()

    def _turn(self, key: str) -> FileLock:
        """The right to build for this key, as soon as no other process has it."""
        while True:
            try:
                return FileLock(self.folder / f"{key}.lock")
            except BlockingIOError:
                time.sleep(_LOOK_AGAIN)

    def _sweep(self, key: str) -> None:
        """Clears what was cut short, and what nobody fetches any more: older ones, those of reaches that are gone."""
        for left in self.folder.glob(f"new-{key}-*"):
            shutil.rmtree(left, ignore_errors=True)
        for folder in self.folder.glob("*-*"):
            idle = self._now() - folder.stat().st_mtime
            if idle > (GRACE if folder.name.startswith(f"{key}-") else FORGOTTEN):
                shutil.rmtree(folder, ignore_errors=True)


def key_of(reach: Reach, form: str) -> str:
    """What snapshots have in common that serve the same terminals."""
    told = [reach.org_id.hex, _named(reach.sites), _named(reach.warehouses), form, head()]
    return sha256("\n".join(told).encode()).hexdigest()[:24]


def _named(places: frozenset[UUID] | None) -> str:
    return "all" if places is None else ",".join(sorted(place.hex for place in places))


class HubSource:
    """The hub as a terminal's source of snapshots, where both are one process."""

    def __init__(self, snapshots: Snapshots, reach: Reach) -> None:
        self._snapshots = snapshots
        self._reach = reach

    def manifest(self, form: str) -> Manifest:
        return self._snapshots.manifest(self._reach, form)

    def piece(self, name: str, number: int, start: int = 0) -> Iterator[bytes]:
        return pieces_of(self._snapshots.piece(self._reach, name, number), start)


# ------------------------------------------------------------------------------------------------------- where it runs


def here(engine: Engine, registry: Registry) -> Make:
    """Builds in this process: for tests, and for a hub that serves nobody yet."""
    return lambda reach, form, folder: _ignored(build(engine, registry, reach, form, folder))


def _ignored(_made: Manifest) -> None:
    """The manifest lies in the folder."""


def in_a_child(url: URL) -> Make:
    """Builds in a process of its own, which yields to those that serve: nobody's push waits for it."""

    def make(reach: Reach, form: str, folder: Path) -> None:
        order = {"url": url.render_as_string(hide_password=False), "folder": str(folder), "form": form, "reach": _told(reach)}
        run = subprocess.run(
            [sys.executable, "-m", "sync.hub.child"], input=json.dumps(order), capture_output=True, text=True, check=False
        )
        if run.returncode:
            log.error("The snapshot for %s could not be built:\n%s", reach.name, run.stderr)
            raise _failed()

    return make


def _told(reach: Reach) -> dict[str, object]:
    places = {"sites": reach.sites, "warehouses": reach.warehouses}
    return {"org": reach.org_id.hex} | {name: some and sorted(one.hex for one in some) for name, some in places.items()}


def pieces_of(path: Path, start: int) -> Iterator[bytes]:
    """The bytes of a piece from `start` on, as they go over the line."""
    with path.open("rb") as file:
        file.seek(start)
        while some := file.read(1 << 18):
            yield some


def _building() -> Trouble:
    message = _("The hub is making this terminal's first store; that takes a while for large catalogues.")
    return Trouble("snapshot.building", message, _("The terminal asks again by itself."))


def _failed() -> Trouble:
    message = _("The hub could not make a store for this terminal.")
    return Trouble("snapshot.failed", message, _("See the hub's log, then try again."))


def _gone() -> Problem:
    return Problem(
        "snapshot.gone",
        _("The hub has replaced this snapshot by a newer one."),
        hint=_("The terminal fetches the newer one by itself."),
    )


def _no_such_form(form: str) -> Problem:
    message, hint = _("There is no snapshot of the form “{form}”."), _("Ask for: file, columns.")
    return Problem("snapshot.form", message, hint=hint, values={"form": form[:20]})


def _to_disk(folder: Path) -> None:
    """A snapshot that has its name is whole, also after a power cut."""
    for path in folder.iterdir():
        with path.open("rb") as file:
            os.fsync(file.fileno())
    keep_names(folder)
