"""The hybrid logical clock: stamps that only ever rise, and stay near the wall clock while it can be believed.

A stamp is one whole number, 48 bits of milliseconds since 1970 above 16 bits of counter (Kulkarni and others, "Logical
Physical Clocks", 2014), so that stamps sort as numbers in every database.
"""

from __future__ import annotations

import threading
import time
from collections.abc import Callable
from datetime import datetime

from app.kernel.types import moment

COUNTER_BITS = 16
SLACK_MS = 5 * 60 * 1000  # a stamp further ahead than this comes from a clock that is wrong


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


class Clock:
    """One terminal's or hub's clock. Threads may share it; `wall` gives milliseconds since 1970."""

    def __init__(self, wall: Callable[[], int] = _wall_ms) -> None:
        self._wall = wall
        self._offset = 0
        self._last = 0
        self._lock = threading.Lock()

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
    def suspect(self) -> bool:
        """Whether the wall clock stands more than five minutes behind stamps already given: someone set it back."""
        return stamp_ms(self._last) > self.now_ms() + SLACK_MS

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
        """Sets what to add to the wall clock, as measured against the hub; it replaces the offset before."""
        with self._lock:
            self._offset = offset_ms

    def resume(self, last_stamp: int) -> None:
        """Goes on above the last stamp in the store, however far ahead it is: our own stamps are never given twice."""
        with self._lock:
            self._last = max(self._last, last_stamp)
