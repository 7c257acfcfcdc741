"""`fettle bench pull`: many changed rows by the feed into a terminal that is at work, beside the barest feed there can be."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Callable
from itertools import pairwise
from pathlib import Path

from app.kernel.measuring import Result, meanwhile, spread, tell
from sync.bench import bare, queueing
from sync.bench.bare import Took
from sync.bench.joined import RENAMED, Ground, change, ground
from sync.bench.working import Working

ROWS = 100_000
SCANS = 150
BREATH = 0.05  # seconds between two scans
BEAT = 0.005  # and between two ticks
Beside = Callable[[Callable[[], None]], list[float]]  # runs something while a clock ticks; the milliseconds between two ticks


def bench(n: int | None = None, beside: Beside | None = None) -> Result:
    """Changes `n` parts at the hub, 2,000 in a transaction, and fetches them; `beside` tells how evenly a screen goes on."""
    count = n or ROWS
    tell(f"Makes a hub with {count:,} parts and a terminal of it.")
    with ground(count) as here:
        metrics = {"new_rows_s": round(_fetched(here).rate), **_changed(here, count, beside or ticking)}
        with tempfile.TemporaryDirectory() as folder:
            limit = bare.rate(here.hub, Path(folder) / "plain.db")
        tell(f"Scans while rows come, and with {count:,} commands that wait.")
        working = Working(here.terminal.app, here.hub)
        idle = spread([working.scan() for _each in range(SCANS)], "scan_idle_")
        metrics |= {**_scanned(here, working, count), **queueing.measured(here, working, count)}
    return Result(
        "pull",
        count,
        metrics,
        {"rows_s": round(limit.rate), "cpu_us_row": round(limit.cpu, 1), **idle},
        {
            "part_of_bare": round(metrics["rows_s"] / limit.rate, 3),
            "cpu_times_bare": round(metrics["cpu_us_row"] / limit.cpu, 2),
            "scan_beside_times_idle": round(metrics["scan_p50_ms"] / idle["scan_idle_p50_ms"], 2),
        },
        {"rows_s": (">=", 40_000), "gap_p99_ms": ("<=", 25), "scan_queued_times": ("<=", 1.2)},
        did=f"{count:,} parts that changed, each with its price and one in {RENAMED} with its name, through a hub's process",
    )


def _fetched(here: Ground) -> Took:
    with bare.took() as made:
        made.rows = here.in_step()
    return made


def _changed(here: Ground, count: int, beside: Beside) -> dict[str, float]:
    change(here, count)
    before, found = here.line.network.received, list[Took]()
    gaps = beside(lambda: found.append(_fetched(here)))
    return {
        "rows_s": round(found[0].rate),
        "cpu_us_row": round(found[0].cpu, 1),
        "bytes_row": round((here.line.network.received - before) / count, 1),
        **spread(gaps, "gap_"),
    }


def _scanned(here: Ground, working: Working, count: int) -> dict[str, float]:
    """Scans one after the other, with a breath between them, while the rows come."""
    change(here, count)
    times = list[float]()
    with meanwhile(lambda: times.append(working.scan()), BREATH):
        rate = _fetched(here).rate
    return {"rows_s_while_scanned": round(rate), **spread(times, "scan_")}


def ticking(act: Callable[[], None]) -> list[float]:
    """The same as a window's timer, by a plain thread: for machines without one."""
    ticks = [time.perf_counter()]
    with meanwhile(lambda: ticks.append(time.perf_counter()), BEAT):
        act()
    return [(later - before) * 1000 for before, later in pairwise(ticks)]
