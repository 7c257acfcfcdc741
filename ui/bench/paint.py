"""The paint bench: from the last key of a scan to the committed line on the screen, in the real window."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from uuid import UUID

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer
from PySide6.QtGui import QKeyEvent

from app.kernel.ids import short
from app.kernel.scanning import own_code
from app.kernel.types import Quantity
from ui.bench import Result, spread, timed
from ui.bench.behind import window_of
from ui.bench.shelf import ORG, Shelf, opened
from ui.kit.list import Table
from ui.shell.window import Window

SCANS = 500
WARM = 20
PARTS = 10_000
PATIENCE = 10_000  # milliseconds


def bench(n: int | None = None) -> Result:
    """Scans parts of a job one after another; beside it the commit alone, and one repaint of the list with nothing new in it."""
    scans = n or SCANS
    with opened(PARTS) as shelf, window_of(shelf.app, ORG, shelf.actor) as window:
        eye = Eye(window, shelf)
        first = eye.scan(0)
        for place in range(WARM):
            eye.scan(place)
        ours = [eye.scan(place) for place in range(scans)]
        repaints = [timed(eye.table.viewport().repaint) for _turn in range(scans)]
    with opened(PARTS) as shelf:
        commits = [timed(partial(shelf.issue, place)) for place in range(WARM + scans)][WARM:]
    metrics = {**spread(ours), "first_ms": round(first, 3)}
    limits = {**spread(commits, "commit_"), **spread(repaints, "repaint_")}
    return Result(
        "paint",
        scans,
        metrics,
        limits,
        {"p50_times_bare": round(metrics["p50_ms"] / (limits["commit_p50_ms"] + limits["repaint_p50_ms"]), 1)},
        {"p99_ms": ("<=", 25.0)},
        did=f"{scans} scans by key events, from the last key to the painted line, off-screen",
    )


class Eye(QObject):
    """Scans by key events, and sees when the last key comes in and when the list is painted with what it did."""

    def __init__(self, window: Window, shelf: Shelf) -> None:
        super().__init__()
        self._window, self._shelf = window, shelf
        self._typist = window.typist
        self._loop = QEventLoop()
        self._wanted: Callable[[], bool] = lambda: False
        self._key_at = 0.0
        self._typist.scan(own_code("WO", short(shelf.order)))
        self.table = self._opened()
        self.table.viewport().installEventFilter(self)
        window.windowHandle().installEventFilter(self)  # the last to be installed is the first to be asked

    def scan(self, place: int) -> float:
        """Milliseconds from the last key of a part's scan until the list has been painted with one more of it."""
        part = self._shelf.parts[place % len(self._shelf.parts)]
        more = self._issued(part) + Quantity(1)
        self._wanted = lambda: self._issued(part) == more
        self._typist.scan(self._shelf.code(place % len(self._shelf.parts)))
        self._run_loop()
        return (time.perf_counter() - self._key_at) * 1000

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._wanted():
            QTimer.singleShot(0, self._loop.quit)  # as soon as this has been painted
        elif isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and event.key() == Qt.Key.Key_Return:
            self._key_at = time.perf_counter()
        return False

    def _issued(self, part: UUID) -> Quantity:
        rows = self.table.rows
        line = rows.line_of(part)
        row = None if line is None else rows.row(line)
        return row["issued"] if row else Quantity(0)

    def _opened(self) -> Table:
        """The job's parts, once its tag has opened them."""
        found: list[Table] = []

        def look() -> None:
            screen = self._window.floor.screen
            lists = screen.findChildren(Table) if screen else []
            found[:] = [one for one in lists if one.isVisible() and one.rows.source.query == "order_parts" and one.rows.total]
            if found:
                self._loop.quit()

        timer = QTimer(interval=10)
        timer.timeout.connect(look)
        timer.start()
        self._run_loop()
        timer.stop()
        return found[0]

    def _run_loop(self) -> None:
        stuck = QTimer(singleShot=True, interval=PATIENCE)
        stuck.timeout.connect(lambda: self._loop.exit(1))
        stuck.start()
        if self._loop.exec():
            raise RuntimeError("the window did not show what was scanned")
