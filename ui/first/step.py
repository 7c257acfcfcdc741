"""Step: one of the first screens: what it asks, what was wrong with it, and what a scan means there."""

from __future__ import annotations

from collections.abc import Callable
from contextvars import copy_context
from typing import Protocol, TypeVar

from PySide6.QtCore import QObject, Signal
from PySide6.QtWidgets import QLabel, QWidget

from app.kernel.problems import Problem, Refused, Trouble
from ui.first.port import Begins
from ui.kit.bench import problems_of, sentence_of
from ui.kit.lines import Lines, scrolled
from ui.scan.raw import RawScan
from ui.theme import role, tone

T = TypeVar("T")


class Works(Protocol):
    """Where work is done away from the screen, such as the runner."""

    def submit(
        self,
        work: Callable[[], T],
        then: Callable[[T], None] | None = None,
        failed: Callable[[Refused | Trouble], None] | None = None,
        owner: QObject | None = None,
    ) -> None: ...


class Step(QWidget):
    """`done` says that what it asks is settled. `label` stands above, `icon` with it, `verb` on the filled button."""

    done = Signal()
    altered = Signal()
    label, advice, icon, verb = "", "", "settings", ""
    waits = True  # whether it can be left for later

    def __init__(self, begins: Begins, works: Works) -> None:
        super().__init__()
        self.begins, self._works = begins, works
        self.busy = False
        self._problem = tone(role(QLabel(), "heading"), "danger")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self.lines = Lines(self.submit)
        self.column = scrolled(self)
        self.column.addLayout(self.lines)
        self.column.addWidget(self._problem)

    # ---------------------------------------------------------------------------------------------------- what it shows

    def fail(self, problem: Problem | None) -> None:
        """Says what is wrong; what was typed stays."""
        self._problem.setText(sentence_of(problem) if problem else "")
        self._problem.setVisible(problem is not None)

    # ---------------------------------------------------------------------------------------------------- what it does

    def submit(self) -> None:
        """The filled button."""
        self.done.emit()

    def takes(self, scan: RawScan) -> None:
        """Something was scanned while this screen is seen."""

    def do(self, work: Callable[[], T], then: Callable[[T], None]) -> None:
        """Has something done elsewhere; what was wrong with it is said here."""
        if self.busy:
            return
        self._turn(busy=True)

        def over(result: T) -> None:
            self._turn(busy=False)
            self.fail(None)
            then(result)

        def failed(error: Refused | Trouble) -> None:
            self._turn(busy=False)
            self.fail(problems_of(error)[0])

        context = copy_context()  # the reader's language goes along
        self._works.submit(lambda: context.run(work), over, failed, self)

    def _turn(self, *, busy: bool) -> None:
        self.busy = busy
        self.altered.emit()
