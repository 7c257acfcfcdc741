"""What a bench found: measured on this machine, beside the machine's own limit in the same run."""

from __future__ import annotations

import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Result:
    """What one bench did and found. Metric names carry their unit; a target is a comparison and a number."""

    bench: str
    n: int
    metrics: dict[str, float]
    limits: dict[str, float] = field(default_factory=dict)
    ratios: dict[str, float] = field(default_factory=dict)
    targets: dict[str, tuple[str, float]] = field(default_factory=dict)
    did: str = ""

    def meets(self, name: str) -> bool:
        """Whether the number of that name reaches its target."""
        way, wanted = self.targets[name]
        found = {**self.metrics, **self.ratios}[name]
        return found <= wanted if way == "<=" else found >= wanted

    @property
    def met(self) -> bool:
        return all(self.meets(name) for name in self.targets)

    def as_json(self) -> dict[str, Any]:
        return {
            "bench": self.bench,
            "n": self.n,
            "metrics": self.metrics,
            "limits": self.limits,
            "ratios": self.ratios,
            "targets": {name: list(target) for name, target in self.targets.items()},
            "met": self.met,
        }


Bench = Callable[[int | None], Result]


def timed(act: Callable[[], object]) -> float:
    """The milliseconds that something takes."""
    begun = time.perf_counter()
    act()
    return (time.perf_counter() - begun) * 1000


@contextmanager
def meanwhile(act: Callable[[], None], every: float) -> Iterator[None]:
    """Does something on a thread of its own, again and again after so many seconds, for as long as the block runs."""
    ended = threading.Event()

    def run() -> None:
        while not ended.wait(every):
            act()

    beside = threading.Thread(target=run)
    beside.start()
    try:
        yield
    finally:
        ended.set()
        beside.join()


def spread(times_ms: list[float], prefix: str = "") -> dict[str, float]:
    """The median, 99th percentile and worst of some times, in milliseconds."""
    ordered = sorted(times_ms)
    at = {"p50_ms": 0.5, "p99_ms": 0.99}
    found = {prefix + name: round(ordered[min(len(ordered) - 1, int(len(ordered) * part))], 3) for name, part in at.items()}
    return {**found, prefix + "max_ms": round(ordered[-1], 3)}


def tell(sentence: str) -> None:
    """What takes long is said before it begins, beside the figures and not among them."""
    sys.stderr.write(f"{sentence}\n")
    sys.stderr.flush()
