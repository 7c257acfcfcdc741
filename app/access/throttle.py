"""How often somebody may try a PIN: five failures lock the person, and the terminal, for fifteen minutes.

A try is written down before its PIN is checked, so that ending the program in between wins nothing. Locks are measured in
the time that the program has been awake, kept over its starts: the machine's clock may be set as anyone likes, and switching
the terminal off and on never shortens a lock.
"""

from __future__ import annotations

import copy
import time
from collections.abc import Callable
from datetime import datetime
from uuid import UUID

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from app.access.model import AccessTry
from app.kernel import locks
from app.kernel.problems import Problem
from app.kernel.words import _

MOST = 5
WINDOW = LOCK = 15 * 60 * 1000  # milliseconds
TRIED, PASSED, FORGIVEN, LOCKED = "tried", "passed", "forgiven", "locked"


class Throttle:
    """Counts tries in the store of one terminal. Its functions run on the writer thread, each in a session of its own."""

    def __init__(
        self, session: Session, terminal: UUID, now: Callable[[], datetime], tick: Callable[[], float] = time.monotonic
    ) -> None:
        """`now` is the wall clock for people who read the log; `tick` counts seconds and never goes back."""
        self.terminal = terminal
        self._most = MOST
        self._now = now
        self._awake = _Awake(session, tick)

    def at(self, terminal: UUID, most: int) -> Throttle:
        """The same counting for another place, such as an address that calls the hub: there, `most` failures lock it."""
        other = copy.copy(self)
        other.terminal, other._most = terminal, most
        return other

    def awake(self, session: Session) -> int:
        """Milliseconds that the program has been awake, as far as the store can tell."""
        return self._awake.now(session)

    def admit(self, session: Session, person: UUID) -> tuple[int, Problem | None]:
        """Notes a try before it is checked. Returns its number, or why it is not let through; the caller commits first. At
        the hub those who try at once, through whichever process, are counted one after the other."""
        locks.hold(session, [person.hex, self.terminal.hex], "tries")
        left = self.locked_for(session, person)
        row = self.note(session, LOCKED if left else TRIED, person)
        return row.id, locked(left) if left else None

    def locked_for(self, session: Session, person: UUID) -> int:
        """Milliseconds until the person may try here again; 0 when they may now."""
        here = self._until(session, AccessTry.terminal_id == self.terminal, self._most)
        until = max(self._until(session, AccessTry.person_id == person, MOST), here)
        return max(0, until - self.awake(session))

    def left(self, session: Session, person: UUID) -> int:
        """How many failures are free before the person is locked."""
        failed = self._open(session, AccessTry.person_id == person, WINDOW, MOST)
        return 0 if self.locked_for(session, person) else MOST - len(failed)

    def passed(self, session: Session, number: int, person: UUID) -> None:
        """The try was right: the failures before it were slips of the same hand."""
        self.forgive(session, person)
        session.execute(update(AccessTry).where(AccessTry.id == number).values(outcome=PASSED))

    def forgive(self, session: Session, person: UUID) -> None:
        """Forgets what stands against a person, because they were right or got a new PIN."""
        mine = update(AccessTry).where(AccessTry.person_id == person, AccessTry.outcome == TRIED)
        session.execute(mine.values(outcome=FORGIVEN))

    def note(self, session: Session, outcome: str, person: UUID | None = None) -> AccessTry:
        """Writes one line of the security log."""
        row = AccessTry(awake=self.awake(session), at=self._now(), terminal_id=self.terminal, person_id=person, outcome=outcome)
        session.add(row)
        session.flush()
        return row

    def _until(self, session: Session, whose: ColumnElement[bool], most: int) -> int:
        """When the lock ends that the last failures made, if so many came close enough together."""
        last = self._open(session, whose, WINDOW + LOCK, most)
        return last[0] + LOCK if len(last) == most and last[0] - last[-1] < WINDOW else 0

    def _open(self, session: Session, whose: ColumnElement[bool], span: int, most: int) -> list[int]:
        """When the last few failures were that still count, newest first."""
        since = self.awake(session) - span
        wanted = select(AccessTry.awake).where(whose, AccessTry.outcome == TRIED, AccessTry.awake > since)
        return list(session.scalars(wanted.order_by(AccessTry.id.desc()).limit(most)))


class _Awake:
    """A clock that nobody can set: it goes on where the store's last line left it, whichever process wrote that line."""

    def __init__(self, session: Session, tick: Callable[[], float]) -> None:
        self._tick = tick
        self._base, self._started = _last_awake(session), tick()

    def now(self, session: Session) -> int:
        told, last = self._base + int((self._tick() - self._started) * 1000), _last_awake(session)
        if last > told:  # another process of the hub has been awake for longer
            self._base, self._started = last, self._tick()
        return max(told, last)


def _last_awake(session: Session) -> int:
    return session.scalar(select(AccessTry.awake).order_by(AccessTry.id.desc()).limit(1)) or 0


def locked(left: int) -> Problem:
    return Problem(
        "access.locked",
        _("Too many wrong PINs: signing in by PIN is locked."),
        field="pin",
        hint=_("Wait {minutes} minutes, or ask a supervisor for a new PIN."),
        values={"minutes": -(-left // 60_000)},
    )
