"""The hybrid logical clock: stamps that only ever rise, and stay near the wall clock while it can be believed.

A stamp is one whole number, 48 bits of milliseconds since 1970 above 16 bits of counter (Kulkarni and others, "Logical
Physical Clocks", 2014), so that stamps sort as numbers in every database.
"""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable
from datetime import datetime

from app.kernel.types import moment

COUNTER_BITS = 16
SLACK_MS = 5 * 60 * 1000  # a stamp further ahead than this comes from a clock that is wrong
EARLIEST_MS = 1_767_225_600_000  # the first of January 2026: no clock can have been right before this program was made
YEAR_MS = 366 * 86_400_000
BEHIND, EARLY, LEAPT, AHEAD = "behind", "early", "leapt", "ahead"  # why a clock is in doubt


def stamp_of(ms: int, counter: int = 0) -> int:
    """The stamp of a millisecond since 1970."""
    return ms << COUNTER_BITS | counter


def stamp_ms(stamp: int) -> int:
    """Milliseconds since 1970 in a stamp."""
    return stamp >> COUNTER_BITS


def stamp_time(stamp: int) -> datetime:
    """The moment in a stamp, in UTC."""
    return moment(stamp_ms(stamp))


def _wall_ms() -> int:
    return time.time_ns() // 1_000_000


def _awake_ms() -> int:
    """Milliseconds that the machine has been on, asleep or not, where it tells; nobody can set that."""
    if sys.platform.startswith("linux"):
        return time.clock_gettime_ns(time.CLOCK_BOOTTIME) // 1_000_000
    if sys.platform == "darwin":  # Python's own monotonic clock stands still there while the machine sleeps
        return time.clock_gettime_ns(time.CLOCK_MONOTONIC) // 1_000_000
    return time.monotonic_ns() // 1_000_000


class Clock:
    """One terminal's or hub's clock. Threads may share it; `wall` gives milliseconds since 1970.

    `awake` counts milliseconds that nobody can set; against it a wall clock that is set shows. A wall of a test's own has none.
    """

    def __init__(self, wall: Callable[[], int] = _wall_ms, awake: Callable[[], int] | None = None) -> None:
        self._wall = wall
        self._awake = awake or (_awake_ms if wall is _wall_ms else None)
        self._offset = 0
        self._last = 0
        self._believed = False  # whether a hub has told the time since the wall was set last
        self._gap = 0  # from the last stamp in the store to the start, in milliseconds
        self._lock = threading.Lock()
        self._base = self._beside()

    def _beside(self) -> int:
        """The wall as it stands beside what nobody can set; the same as long as nobody sets it."""
        return self._wall() - self._awake() if self._awake is not None else 0

    def now_ms(self) -> int:
        """The wall clock corrected by the hub's offset, in milliseconds since 1970: to show, never to order by."""
        return max(0, self._wall() + self._offset)

    def now(self) -> datetime:
        """The corrected wall clock as a moment in UTC."""
        return moment(self.now_ms())

    @property
    def offset(self) -> int:
        """What is added to the wall clock, in milliseconds."""
        return self._offset

    @property
    def last(self) -> int:
        """The highest stamp seen or given so far."""
        return self._last

    @property
    def moved_ms(self) -> int:
        """By how much somebody has set the wall since the start, or since a hub told the time."""
        return self._beside() - self._base

    @property
    def doubt(self) -> str:
        """Why the time cannot be believed, empty where nothing speaks against it.

        It is before this program was made (early), it was set while the program ran (leapt), it is behind stamps already given
        (behind), or more than a year after the last one before the start (ahead). What a hub has told is believed.
        """
        now = self.now_ms()
        if now < EARLIEST_MS:
            return EARLY
        if abs(self.moved_ms) > SLACK_MS:
            return LEAPT
        if self._believed:
            return ""
        if stamp_ms(self._last) > now + SLACK_MS:
            return BEHIND
        return AHEAD if self._gap > YEAR_MS else ""

    @property
    def suspect(self) -> bool:
        """Whether there is a doubt: then what is done is kept and sent as ever, and says so."""
        return bool(self.doubt)

    def tick(self) -> int:
        """A stamp above every earlier one; when the wall stands still or goes back, the counter carries on."""
        with self._lock:
            self._last = max(self._last + 1, stamp_of(self.now_ms()))
            return self._last

    def receive(self, stamp: int) -> bool:
        """Takes note of another clock's stamp; False, and nothing changes, when it is more than five minutes ahead."""
        with self._lock:
            if stamp_ms(stamp) > self.now_ms() + SLACK_MS:
                return False
            self._last = max(self._last, stamp)
            return True

    def correct(self, offset_ms: int) -> None:
        """Sets what to add to the wall clock, as measured against the hub; it replaces the offset before, and is believed."""
        with self._lock:
            self._offset, self._believed, self._base = offset_ms, True, self._beside()

    def resume(self, last_stamp: int) -> None:
        """Goes on above the last stamp in the store, however far ahead it is: our own stamps are never given twice."""
        with self._lock:
            if last_stamp and not self._last:
                self._gap = self.now_ms() - stamp_ms(last_stamp)
            self._last = max(self._last, last_stamp)
