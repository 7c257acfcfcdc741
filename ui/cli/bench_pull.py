"""`fettle bench pull` beside a window's own timer: the hub's half knows no window."""

from __future__ import annotations

from importlib import import_module

from app.kernel.measuring import Result
from sync.bench import pull


def bench(n: int | None = None) -> Result:
    """As `sync.bench.pull.bench`."""
    return pull.bench(n, import_module("ui.bench.tick").ticking)
