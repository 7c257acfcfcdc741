"""Live: a question asked again whenever something it read has changed; while nobody looks, it only remembers to."""

from __future__ import annotations

from collections.abc import Callable
from typing import Generic, TypeVar

from PySide6.QtCore import QEvent, QObject
from PySide6.QtWidgets import QWidget

from app.kernel.events import Notice
from app.kernel.problems import Problem
from ui.kit.bench import Bench

T = TypeVar("T")


class Live(QObject):
    """Calls `ask` when a notice touches `reads` and the widget is seen; otherwise when it is seen next.

    `reads` may be a function, because a query says what it reads only once it has been asked.
    """

    def __init__(self, bench: Bench, widget: QWidget, reads: Callable[[], frozenset[str]], ask: Callable[[], None]) -> None:
        super().__init__(widget)
        self._widget = widget
        self._reads = reads
        self._ask = ask
        self.stale = True
        bench.noticed.connect(self._on_notice)
        widget.installEventFilter(self)

    def refresh(self) -> None:
        """Asks now if somebody looks, otherwise later."""
        self.stale = True
        self._catch_up()

    def _on_notice(self, notice: Notice) -> None:
        if notice.touches(self._reads()):
            self.refresh()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Show and self.stale:
            self._catch_up(shown=True)
        return False

    def _catch_up(self, *, shown: bool = False) -> None:
        if shown or self._widget.isVisible():
            self.stale = False
            self._ask()


class Once(QObject, Generic[T]):
    """Keeps a question from running twice at a time: asked while it runs, it runs once more afterwards.

    `prepare` looks at the widgets, here, and gives what then runs on a reader thread; `missed` hears why there is no answer.
    """

    def __init__(
        self,
        bench: Bench,
        owner: QObject,
        prepare: Callable[[], Callable[[], T]],
        show: Callable[[T], None],
        missed: Callable[[Problem], None] | None = None,
    ) -> None:
        super().__init__(owner)
        self._bench = bench
        self._prepare = prepare
        self._show = show
        self._missed = missed
        self._running = False
        self._again = False

    def ask(self) -> None:
        if self._running:
            self._again = True
            return
        work = self._prepare()
        self._running = True
        self._bench.read(self, work, self._came, self._failed)

    def _over(self) -> None:
        """Answered or failed: it may be asked again."""
        self._running = False
        if self._again:
            self._again = False
            self.ask()

    def _failed(self, problem: Problem) -> None:
        again = self._again
        self._over()
        if self._missed is not None and not again:
            self._missed(problem)

    def _came(self, found: T) -> None:
        self._over()
        self._show(found)
