"""Keeping: what the disk did not take waits here and is tried again. Nothing is told as not saved that was saved after all."""

from __future__ import annotations

from collections import deque
from datetime import datetime

from PySide6.QtCore import QEventLoop, QObject, QTimer, Signal

from app.kernel.commands import Answer
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.bench import problems_of, sentence_of
from ui.kit.unsaved import Unsaved, unsure, was_not_saved
from ui.scan.router import LAST, UNANSWERED

AGAIN = 5_000  # milliseconds between two tries that nobody asked for


class Keeping(QObject):
    """What was not saved, the oldest first. It outlives any look. `altered`: there is more, less or another reason; `failed`:
    what somebody tried again was not saved this time either."""

    altered = Signal()
    failed = Signal(object)
    _came = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.items: deque[Unsaved] = deque()
        self.problem: Problem | None = None  # why the last try came to nothing
        self.tried: datetime | None = None
        self.leaving = False  # the oldest is given up, once it is certain that it was not saved
        self._busy = self._asked = self._closed = False
        self._again = QTimer(self, interval=AGAIN)
        self._again.timeout.connect(self._try)

    def keep(self, item: Unsaved) -> None:
        """Something was not saved just now: it is heard, and stays."""
        self.items.append(item)
        self.problem = item.problem
        self._again.start()
        self.altered.emit()
        item.told(Outcome.ERROR, say(_("NOT SAVED: {what}. {why}"), what=item.words, why=sentence_of(item.problem)))

    def try_again(self) -> None:
        """Somebody asks for it."""
        self._asked = True
        self._try()

    def give_up(self) -> None:
        """Somebody does the oldest otherwise. A try that is under way has its answer first, and the store is asked whether it is
        there: what was saved is told as saved."""
        if self.items:
            self.leaving = True
            self._look()
            self.altered.emit()

    def close(self, patience: int = LAST) -> None:
        """The window closes: nothing is tried any more. What is under way has `patience` milliseconds for its answer, so that
        the scan log says what is so."""
        self._again.stop()
        self._closed = True
        if self._busy:
            loop = QEventLoop()
            self._came.connect(loop.quit)
            QTimer.singleShot(patience, loop, loop.quit)
            loop.exec(QEventLoop.ProcessEventsFlag.ExcludeUserInputEvents)
        if self._busy:
            self.items[0].told.quietly(Outcome.ERROR, say(UNANSWERED))

    def _try(self) -> None:
        if self.items and not self._busy and not self._closed:
            self._busy = True
            self.items[0].send(self._answered, self._not_yet)

    def _look(self) -> None:
        if not self._busy:
            self._busy = True
            self.items[0].look(self._seen, lambda _error: self._answered(self.items[0].because(unsure())))

    def _seen(self, there: Answer | None) -> None:
        self._answered(there or self.items[0].refused)

    def _answered(self, answer: Answer) -> None:
        self._busy = self.leaving = False
        item = self.items.popleft()
        self.tried = None
        if not self.items:
            self._again.stop()
            self._asked = False
        self.altered.emit()
        item.done(answer)
        self._came.emit()
        if answer.done:  # where one went through, the next may too
            self._try()

    def _not_yet(self, error: Refused | Trouble) -> None:
        self._busy = False
        problems = problems_of(error)
        if not was_not_saved(error):
            self._answered(self.items[0].because(*problems))
            return
        self.problem, self.tried = problems[0], datetime.now()
        if self.leaving:
            self._look()
        asked, self._asked = self._asked, False
        self.altered.emit()
        if asked:
            self.failed.emit(self.problem)
        if not self._busy:
            self._came.emit()
