"""How evenly the real window goes on, with somebody scanning in it, while something happens behind it on another thread."""

from __future__ import annotations

import gc
import os
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from uuid import UUID

from PySide6.QtCore import QTimer

from app.assemble import App
from app.kernel.access import Actor
from app.kernel.ids import short
from app.kernel.scanning import own_code
from ui.bench.tick import ticking
from ui.kit.sound import SilentPlayer
from ui.main import Setup, application, open_window, settle
from ui.shell.window import Window

EVERY = 400  # milliseconds between two scans
QUIET = 5.0  # seconds of scans with nothing behind them


@dataclass(frozen=True)
class Counter:
    """Who works in the window: a storekeeper, the job that is open, and the parts of it that are scanned by turns."""

    app: App
    org: UUID
    keeper: Actor
    order: UUID
    parts: Sequence[UUID]


def gaps(counter: Counter, act: Callable[[], None], quiet: float = QUIET) -> tuple[list[float], list[float]]:
    """The milliseconds between two ticks of the window's loop: with scans alone for `quiet` seconds, and then with `act` behind
    them."""
    with window_of(counter.app, counter.org, counter.app.current(counter.keeper)) as window:
        window.typist.scan(own_code("WO", short(counter.order)))
        return _scanned(window, counter, lambda: time.sleep(quiet)), _scanned(window, counter, act)


def _scanned(window: Window, counter: Counter, act: Callable[[], None]) -> list[float]:
    codes = cycle([own_code("PT", short(part)) for part in counter.parts])
    scans = QTimer(interval=EVERY)
    scans.timeout.connect(lambda: window.typist.scan(next(codes)))
    scans.start()
    try:
        return ticking(act)
    finally:
        scans.stop()


@contextmanager
def window_of(app: App, org: UUID, keeper: Actor) -> Iterator[Window]:
    """The real window with the storekeeper signed in."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    window = open_window(app, org, Setup(player=SilentPlayer()))
    try:
        settle(window, org)
        window.floor.seat(keeper)
        yield window
    finally:
        window.end()
        gc.unfreeze()
