"""The list bench: the list of all parts in the real window: opened, gone to any line, sorted; beside the same rows read bare."""

from __future__ import annotations

import time
from collections.abc import Callable
from functools import partial
from random import Random
from typing import Any

from PySide6.QtCore import QEvent, QEventLoop, QObject, Qt, QTimer

from ui.bench import Result, spread, timed
from ui.bench.behind import window_of
from ui.bench.shelf import ORG, PARTS, Shelf, opened
from ui.kit.declared import Place
from ui.kit.list import ListPage
from ui.kit.table import PAGE, Rows
from ui.shell.window import Window

OPENS = 20  # times that the list is opened
JUMPS = 300  # times that some line is gone to
PATIENCE = 60_000  # milliseconds
_PAGE = (
    "SELECT id, code, name, category, unit, price FROM part WHERE org_id = ? AND retired IS 0 AND (code, id) > (?, ?) "
    "ORDER BY code, id LIMIT ?"
)
_COUNT = "SELECT count(*) FROM part WHERE org_id = ? AND retired IS 0"


def bench(n: int | None = None) -> Result:
    """Opens the list, and goes to lines at random; beside it the same pages by a bare statement along the index."""
    parts = n or PARTS
    with opened(parts) as shelf:
        with window_of(shelf.app, ORG, shelf.actor) as window:
            eye = Eye(window)
            first = eye.open()
            opens = [eye.open() for _turn in range(OPENS)]
            counted = eye.counted()
            dice = Random(2026)  # noqa: S311 - the same lines every time
            jumps = [eye.jump(dice.randrange(parts)) for _turn in range(JUMPS)]
            sorts = [eye.sort(column) for column in ("-code", "name", "code")]
        firsts, pages, count = _bare(shelf, parts)
    metrics = {**spread(opens, "open_"), **spread(jumps, "jump_"), "first_open_ms": round(first, 3)}
    metrics |= {"counted_ms": round(counted, 3), "sorted_ms": round(max(sorts), 3)}
    limits = {**spread(firsts, "open_"), **spread(pages, "jump_"), "counted_ms": round(count, 3)}
    return Result(
        "list",
        parts,
        metrics,
        limits,
        {"jump_p50_times_bare": round(metrics["jump_p50_ms"] / limits["jump_p50_ms"], 1)},
        {"open_max_ms": ("<=", 100.0), "first_open_ms": ("<=", 100.0), "jump_p99_ms": ("<=", 30.0)},
        did=f"the list of {parts:,} parts opened {OPENS + 1} times, and {JUMPS} jumps to any line, until painted, off-screen",
    )


def _bare(shelf: Shelf, parts: int) -> tuple[list[float], list[float], float]:
    """The first page, pages at random and the count, by the driver alone."""
    dice = Random(2026)  # noqa: S311
    with shelf.app.read_engine.connect() as connection:
        driver: Any = connection.connection.driver_connection

        def page(code: str) -> float:
            return timed(lambda: driver.execute(_PAGE, (ORG.bytes, code, b"", PAGE)).fetchall())

        firsts = [page("") for _turn in range(OPENS)]
        pages = [page(f"P-{dice.randrange(parts):07d}") for _turn in range(JUMPS)]
        return firsts, pages, timed(lambda: driver.execute(_COUNT, (ORG.bytes,)).fetchall())


class Eye(QObject):
    """Sees when the rows that are wanted have been painted."""

    def __init__(self, window: Window) -> None:
        super().__init__()
        self._window = window
        self._loop = QEventLoop()
        self._wanted: Callable[[], bool] = lambda: False

    def open(self) -> float:
        """Milliseconds from the wish to see the list until its rows are painted."""
        self._window.floor.back()
        begun = time.perf_counter()
        self._window.floor.go(Place("list", "part"))
        self._list.table.viewport().installEventFilter(self)
        self._until(self._seen)
        return (time.perf_counter() - begun) * 1000

    def counted(self) -> float:
        """Milliseconds from the wish to see the list until its number is the true one, and any line can be gone to."""
        begun = time.perf_counter()
        self.open()
        self._rows.counted.connect(lambda _number: self._loop.quit())
        if not self._rows.true:
            self._run()
        return (time.perf_counter() - begun) * 1000

    def jump(self, line: int) -> float:
        """Milliseconds from a drag of the scroll bar until the rows there are painted."""
        begun = time.perf_counter()
        self._list.table.verticalScrollBar().setValue(line)
        self._until(self._seen)
        return (time.perf_counter() - begun) * 1000

    def sort(self, by: str) -> float:
        """Milliseconds until the first rows in another order are painted."""
        down = Qt.SortOrder.DescendingOrder if by.startswith("-") else Qt.SortOrder.AscendingOrder
        begun = time.perf_counter()
        self._rows.sort(self._rows.names.index(by.lstrip("-")), down)
        self._until(self._seen)
        return (time.perf_counter() - begun) * 1000

    @property
    def _list(self) -> ListPage:
        screen = self._window.floor.screen
        if not isinstance(screen, ListPage):
            raise RuntimeError("the list did not open")
        return screen

    @property
    def _rows(self) -> Rows:
        return self._list.table.rows

    def _seen(self) -> bool:
        """Whether every line that is in sight is there."""
        table = self._list.table
        first, last = table.rowAt(0), table.rowAt(table.viewport().height() - 1)
        last = last if last >= 0 else self._rows.rowCount() - 1
        return first >= 0 and all(self._rows.row(line) is not None for line in range(first, last + 1))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Paint and self._wanted():
            self._wanted = lambda: False
            QTimer.singleShot(0, self._loop.quit)  # as soon as this has been painted
        return False

    def _until(self, so: Callable[[], bool]) -> None:
        self._wanted = so
        self._list.table.viewport().update()
        self._run()

    def _run(self) -> None:
        stuck = QTimer(singleShot=True, interval=PATIENCE)
        stuck.timeout.connect(partial(self._loop.exit, 1))
        stuck.start()
        if self._loop.exec():
            raise RuntimeError("the window did not show the rows")
