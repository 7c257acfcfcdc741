"""The caretaker: a thread beside the work that backs the store up, and looks through all of it when nobody needs the machine."""

from __future__ import annotations

import logging
import threading
import time
from collections.abc import Callable
from contextlib import closing
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy.exc import SQLAlchemyError
from sqlalchemy.orm import Session
from sqlcipher3 import dbapi2 as driver

from app.kernel import backups, journal, meta, squeezing
from app.kernel.backups import Backup
from app.kernel.journal import Journal
from app.kernel.problems import Problem, Trouble
from app.kernel.room import Room
from app.kernel.store import ALL, SEALS, Store, connect, is_whole, mark_of
from app.kernel.types import moment
from app.kernel.words import _
from app.kernel.writer import Writer
from app.kernel.zones import local_time

EVERY = timedelta(minutes=15)  # between two backups of a store that is worked in
LARGE = 256 << 20  # bytes; a larger store is copied more rarely by as much
SOON = timedelta(minutes=1)  # after the last one, when somebody signs out
DAILY = timedelta(hours=20)  # between two looks through all of it
NIGHT = range(1, 5)  # hours of the terminal's own zone
REST = 600.0  # seconds without a commit after which nobody is thought to be there by day
SETTLED = 60.0  # seconds after a start in which the first people scan
LOOK = 30.0  # seconds between two looks at what is due
LOOKED = "looked_through"  # the fact: when all of it was last looked through, in milliseconds since 1970
log = logging.getLogger(__name__)


class Caretaker:
    """`start` it beside a window; `close` it before the store. `told` hears, on the caretaker's thread, of damage."""

    def __init__(
        self,
        store: Store,
        box: Journal,
        writer: Writer,
        zone: Callable[[], str],
        now: Callable[[], datetime],
        told: Callable[[Problem], None] = lambda _problem: None,
        room: Room | None = None,
    ) -> None:
        self.store, self.box, self.writer, self.room = store, box, writer, room
        self._zone, self._now, self._told = zone, now, told
        self.failing: Problem | None = None  # why the last backup came to nothing
        self._stirred = time.monotonic()
        self._woken, self._closing = threading.Event(), threading.Event()
        self._left, self._found, self._after = False, False, 0.0
        self._again = 0.0  # when a backup that failed is tried again
        self._thread = threading.Thread(target=self._run, name="caretaker", daemon=True)

    def start(self, after: float = SETTLED) -> None:
        """Begins, `after` so many seconds: whoever has just come is not made to share the machine."""
        self._after = after
        self._thread.start()

    def left(self) -> None:
        """Somebody signed out: what they did is backed up now."""
        self._left = True
        self._woken.set()

    def stir(self) -> None:
        """Something was committed: somebody is there."""
        self._stirred = time.monotonic()

    def close(self) -> None:
        """Ends the thread; a backup that is being made is given up."""
        self._closing.set()
        self._woken.set()
        if self._thread.is_alive():
            self._thread.join()

    def _run(self) -> None:
        self._woken.wait(self._after)
        while not self._closing.is_set():
            try:
                self.step()
            except _Ended:
                return
            except Exception:  # it must not end before the program does: nobody would make backups any more
                log.exception("The caretaker could not do its work.")
            self._woken.wait(LOOK)
            self._woken.clear()

    # ------------------------------------------------------------------------------------------------------ what is due

    def step(self) -> None:
        """Does what is due now."""
        left, self._left = self._left, False
        if self.room is not None:
            self.room.look()
        if self._found:
            return  # whoever starts again gets the newest whole backup, and none of a damaged store
        if time.monotonic() >= self._again and self.is_due(SOON if left else EVERY):
            self.back_up()
        elif self._squeezes():
            squeezing.squeeze(self.writer, self._pace)
        elif not self.store.read:
            self.store.read = self.look_through(SEALS)
        elif self._is_night_or_rest() and abs(self._now() - self._looked()) > DAILY:
            self.look_through()

    def is_due(self, wait: timedelta = EVERY) -> bool:
        """Whether something was done since the last backup and that is long enough ago, or the terminal is somebody else now."""
        last = next((one for one in backups.backups(self.store.path) if one.mark == mark_of(self.store.key).hex()), None)
        if last is None:
            return True
        state = self._state()
        longer = max(1.0, self.store.path.stat().st_size / LARGE)
        return last.state[:1] != state[:1] or (backups.age(last, self._now()) > wait * longer and last.state != state)

    def _state(self) -> list[Any]:
        with self.store.reader.connect() as connection:
            return backups.state_of(connection.connection.driver_connection)

    def _squeezes(self) -> bool:
        with Session(self.store.reader) as session:
            return squeezing.is_wanted(session)

    def _is_night_or_rest(self) -> bool:
        return local_time(self._now(), self._zone()).hour in NIGHT or time.monotonic() - self._stirred > REST

    def _looked(self) -> datetime:
        with Session(self.store.reader) as session:
            return moment(int(meta.read(session, LOOKED) or 0))

    # ------------------------------------------------------------------------------------------------------- doing it

    def back_up(self) -> Backup | None:
        """Makes a backup and removes those that are too many; None where it came to nothing, and `failing` says why."""
        try:
            to = backups.new_path(self.store.path, self._now())
            backups.hold_room(self.store.path.parent, self.store.path.stat().st_size)
            made = backups.take(self.store.path, self.store.key, to, self.box.next_file(), self._pace)
        except Trouble as trouble:
            self._failed(trouble.problem)
            return None
        self.failing = None
        self.store.read = True  # a backup reads every page
        kept = backups.prune(self.store.path)
        held = kept[1].box if len(kept) > 1 else 0
        journal.remove_before(self.store.path, min(one.box for one in kept), held=held)
        return made

    def _failed(self, problem: Problem) -> None:
        self.failing = problem
        self._again = time.monotonic() + EVERY.total_seconds()
        log.warning("No backup: %s", problem.sentence)
        if problem.code == "store.damaged":
            self._damaged()
        elif problem.code == "backup.damaged":  # each page has its seal, and yet the copy is not whole
            self.look_through()

    def _pace(self) -> None:
        self._hold_on()
        backups.pause()

    def _hold_on(self) -> None:
        if self._closing.is_set():
            raise _Ended

    def look_through(self, depth: str = ALL) -> bool:
        """Reads every page, and by its depth holds trees and indexes against each other; False where something is damaged."""
        with closing(connect(self.store.path, self.store.key, "rw")) as connection:
            connection.execute("PRAGMA query_only = ON")
            connection.set_progress_handler(self._closing.is_set, 1000)
            try:
                whole = is_whole(connection, depth)
                # a page that was just being written may look spoilt: while the writer rests, none is
                whole = whole or self.writer.submit(is_whole, connection, depth).result()
            except driver.DatabaseError:
                self._hold_on()
                whole = False
        if not whole:
            self._damaged()
            return False
        try:
            if depth == ALL:
                self.writer.run(self._note_looked)
        except (Trouble, SQLAlchemyError) as error:
            log.warning("That the store is whole could not be noted: %s", error)
        return True

    def _note_looked(self) -> None:
        with self.writer.sessions() as session:
            meta.keep(session, LOOKED, int(self._now().timestamp() * 1000))
            session.commit()

    def _damaged(self) -> None:
        self._found = True
        self.store.suspect()
        self._told(met())


class _Ended(Exception):
    """The program closes while a backup is made, or the store looked through."""


def met() -> Problem:
    """What people are told when damage is met while they work."""
    message = _("A part of the store cannot be read any more.")
    hint = _("Close Fettle and start it again: the newest backup takes its place, and what was done since is done again.")
    return Problem("store.met", message, hint=hint)
