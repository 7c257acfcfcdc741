"""The scan bench: an exact retail code among a million, to what it means."""

from __future__ import annotations

import random
import time
from typing import Any

from ui.bench import Result, spread
from ui.bench.shelf import ORG, PARTS, Shelf, opened

SCANS = 3000
_BARE = (
    "SELECT part.id, part.name, barcode.quantity FROM barcode JOIN part ON part.id = barcode.part_id "
    "WHERE barcode.org_id = ? AND barcode.code = ? AND barcode.retired = 0 AND part.retired = 0"
)


def bench(n: int | None = None) -> Result:
    """Scans random codes and asks what they mean; beside it the one bare SELECT that a program cannot do without."""
    count = n or PARTS
    with opened(count) as shelf:
        codes = [shelf.code(random.randrange(count)) for _ in range(SCANS)]  # noqa: S311  # any code is as good as another
        ours, bare = _ours(shelf, codes), _bare(shelf, codes)
    metrics, limits = spread(ours), spread(bare)
    return Result(
        "scan",
        count,
        metrics,
        limits,
        {"p50_times_bare": round(metrics["p50_ms"] / limits["p50_ms"], 1)},
        {"p99_ms": ("<=", 2.0)},
        did=f"{SCANS} random codes among {count:,}, each to its meaning",
    )


def _ours(shelf: Shelf, codes: list[str]) -> list[float]:
    times = []
    for code in codes:
        start = time.perf_counter()
        meaning = shelf.app.meaning(code, shelf.actor, ("part",))
        times.append((time.perf_counter() - start) * 1000)
        if meaning.kind != "row":
            raise RuntimeError(f"{code} was not understood: {meaning}")
    return times


def _bare(shelf: Shelf, codes: list[str]) -> list[float]:
    times = []
    with shelf.store.reader.connect() as connection:
        raw: Any = connection.connection.driver_connection
        for code in codes:
            start = time.perf_counter()
            raw.execute(_BARE, (ORG.bytes, code)).fetchall()
            times.append((time.perf_counter() - start) * 1000)
    return times
