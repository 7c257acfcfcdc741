"""`fettle bench tick`: how evenly the window ticks, scans and all, while behind it a backlog is sent and rows are fetched."""

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

COMMANDS = 5_000
ROWS = 4  # changed rows to fetch for each of them
TOGETHER = 1_000  # changed rows in one command


def bench(n: int | None = None) -> Result:
    """`n` issues wait and four times as many parts have changed at the hub; beside it the same window with nothing behind it."""
    commands = n or COMMANDS
    behind = import_module("ui.bench.behind")  # the verbs are looked at without a window
    with ground(PLANNED + ROWS * commands) as here:
        _leave(here, commands)
        _change(here, ROWS * commands)
        shop, engine, took = here.shop, Engine(here.terminal.app, here.peer), list[float]()
        counter = behind.Counter(here.terminal.app, shop.org, shop.keeper, shop.order, shop.parts[:PLANNED])
        quiet, busy = behind.gaps(counter, lambda: took.append(_exhausted(engine)))
        left = engine.standing().waiting
    return Result(
        "tick",
        commands,
        {
            **spread(busy, "gap_"),
            "commands_per_s": round(commands / took[0]),
            "rows_per_s": round(ROWS * commands / took[0]),
            "left": left,
        },
        spread(quiet, "gap_"),
        {},
        {"gap_p99_ms": ("<=", 25)},
        did=f"{commands:,} commands sent and {ROWS * commands:,} rows fetched behind a window in which somebody scans",
    )


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
