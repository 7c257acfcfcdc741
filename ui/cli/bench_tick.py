"""`fettle bench tick`: how evenly the window ticks, scans and all, while a file is imported or a backlog sent behind it."""

from __future__ import annotations

import time
from importlib import import_module
from itertools import cycle, islice

from app.kernel.access import system
from app.kernel.bulk import SaveMany
from app.kernel.measuring import Result, spread
from app.kernel.problems import Trouble
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from sync.bench.round import PLANNED, Ground, ground
from sync.terminal.engine import Engine

PARTS = 1_000_000
ROWS = 4  # changed rows to fetch for each command
TOGETHER = 1_000  # changed rows in one command
EACH = 200  # parts in the file for one command in the backlog


def bench(n: int | None = None) -> Result:
    """`n` parts are imported behind a window in which somebody scans; then a backlog of a two-hundredth as many issues is sent,
    and four times as many changed rows are fetched. Each beside the same window with nothing behind it."""
    count = n or PARTS
    taken_in = import_module("ui.bench.behind_import")  # the verbs are looked at without a window
    alone, behind, took = taken_in.gaps_of_import(count)
    quiet, busy, sent = _in_step(max(count // EACH, 1))
    return Result(
        "tick",
        count,
        {**_evenness(behind, "gap_"), "rows_per_s": round(count / took), **_evenness(busy, "sync_gap_"), **sent},
        {**_evenness(alone, "gap_"), **_evenness(quiet, "sync_gap_")},
        {},
        {"gap_p99_ms": ("<=", 25), "gap_p999_ms": ("<=", 50), "sync_gap_p99_ms": ("<=", 25)},
        did=f"{count:,} parts imported, and {count // EACH:,} commands sent, behind a window in which somebody scans",
    )


def _evenness(gaps: list[float], prefix: str) -> dict[str, float]:
    """The spread of some gaps, and the one that only one in a thousand is longer than."""
    ordered = sorted(gaps)
    return {**spread(gaps, prefix), f"{prefix}p999_ms": round(ordered[int(len(ordered) * 0.999)], 3)}


def _in_step(commands: int) -> tuple[list[float], list[float], dict[str, float]]:
    """The gaps with scans alone, and while a terminal that was away gets in step; and how fast that went."""
    behind = import_module("ui.bench.behind")
    with ground(PLANNED + ROWS * commands) as here:
        _leave(here, commands)
        _change(here, ROWS * commands)
        shop, engine, took = here.shop, Engine(here.terminal.app, here.peer), list[float]()
        counter = behind.Counter(here.terminal.app, shop.org, shop.keeper, shop.order, shop.parts[:PLANNED])
        quiet, busy = behind.gaps(counter, lambda: took.append(_exhausted(engine)))
        left = engine.standing().waiting
    fetched = round(ROWS * commands / took[0])
    return quiet, busy, {"commands_per_s": round(commands / took[0]), "fetched_per_s": fetched, "left": left}


def _exhausted(engine: Engine) -> float:
    """Seconds until there was nothing more to send or to fetch."""
    begun = time.perf_counter()
    stopped = engine.exhaust()
    if stopped is not None:
        raise Trouble(stopped.code, stopped.message, stopped.hint, stopped.values)
    return time.perf_counter() - begun


def _leave(here: Ground, commands: int) -> None:
    """Work that was done while the hub was away."""
    shop, app = here.shop, here.terminal.app
    for part in islice(cycle(shop.parts[:PLANNED]), commands):
        app.run(IssuePart(order=shop.order, part=part, bin=shop.bin, quantity=Quantity(1)), shop.keeper).or_refused()


def _change(here: Ground, rows: int) -> None:
    """Other prices for parts that the job does not plan, somewhere else."""
    for start in range(PLANNED, PLANNED + rows, TOGETHER):
        some = here.shop.parts[start : min(start + TOGETHER, PLANNED + rows)]
        do = SaveMany(entity="part", rows=[{"id": part.hex, "price": 12_345} for part in some])
        here.elsewhere.app.run(do, system(here.shop.org)).or_refused()
