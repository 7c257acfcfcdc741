"""Commit times: how long a commit takes to be on the disk for good, over the last ones that people waited for."""

from __future__ import annotations

import time
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

SLOW_MS = 100.0  # from here on, 99 times of 100, the disk is slower than people can work
KEPT = 1000  # commits, the last ones


class CommitTimes:
    """Milliseconds of the last commits. The writer's thread measures; anybody may read."""

    def __init__(self, tick: Callable[[], float] = time.perf_counter) -> None:
        self._tick = tick
        self._taken: deque[float] = deque(maxlen=KEPT)

    @contextmanager
    def measured(self) -> Iterator[None]:
        """Around a commit; one that failed tells nothing of how long one takes."""
        started = self._tick()
        yield
        self._taken.append((self._tick() - started) * 1000)

    @property
    def count(self) -> int:
        return len(self._taken)

    def after(self, share: float) -> float:
        """Milliseconds within which that share of them was done, such as 0.99; 0 where there was none."""
        taken = sorted(self._taken.copy())
        return taken[min(len(taken) - 1, int(len(taken) * share))] if taken else 0.0
