"""How much one terminal may ask: a bucket that fills at a steady rate, from which each request takes its share."""

from __future__ import annotations

import time
from collections.abc import Callable, Hashable
from threading import Lock

MOST = 10_000  # who asks is remembered for so many; the one who was silent longest is forgotten first


class Allowance:
    """`rate` a second, and as much as `room` at once after a pause. Threads may share it; `now` gives seconds."""

    def __init__(self, rate: float, room: float, now: Callable[[], float] = time.monotonic) -> None:
        self._rate, self._room, self._now = rate, room, now
        self._left: dict[Hashable, tuple[float, float]] = {}  # what was left, and when
        self._lock = Lock()

    def take(self, whose: Hashable, count: float = 1) -> float:
        """Nothing where the bucket holds as much, which is then taken; else the seconds until it does.

        Whoever asks for more than the bucket ever holds gets it once it is full, and waits the longer for the next.
        """
        with self._lock:
            now = self._now()
            left, since = self._left.pop(whose, (self._room, now))
            left = min(self._room, left + (now - since) * self._rate)
            lacking = min(count, self._room) - left
            self._left[whose] = (left if lacking > 0 else left - count, now)
            if len(self._left) > MOST:
                del self._left[next(iter(self._left))]
        return max(0.0, lacking / self._rate)
