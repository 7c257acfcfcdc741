"""How evenly the real window goes on, with somebody scanning in it, while a file of parts is imported behind it."""

from __future__ import annotations

import time
from pathlib import Path
from tempfile import TemporaryDirectory

from app.kernel.access import system
from app.kernel.exchange.running import import_file
from ui.bench.behind import QUIET, Counter, gaps
from ui.bench.importing import write_parts
from ui.bench.shelf import ORG, Shelf, opened

SHELF = 10_000  # parts that are there before
LONG = 20.0  # seconds with nothing behind, where the other run takes minutes
MANY = 100_000  # parts from which on it does


def gaps_of_import(count: int) -> tuple[list[float], list[float], float]:
    """The milliseconds between two ticks with scans alone, and with `count` parts being imported behind them; and the seconds
    that this took."""
    with TemporaryDirectory(prefix="fettle-bench-") as folder, opened(SHELF) as shelf:
        file, took = Path(folder, "parts.csv"), list[float]()
        write_parts(file, count)
        counter = Counter(shelf.app, ORG, shelf.actor, shelf.order, shelf.parts)
        quiet = LONG if count >= MANY else QUIET
        alone, behind = gaps(counter, lambda: took.append(_imported(shelf, file, count)), quiet)
    return alone, behind, took[0]


def _imported(shelf: Shelf, file: Path, count: int) -> float:
    begun = time.perf_counter()
    summary = import_file(shelf.app, system(ORG), "part", file)
    if summary.made != count:
        raise RuntimeError(f"the file was not taken in: {summary}")
    return time.perf_counter() - begun
