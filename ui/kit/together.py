"""Together: what is done with several rows at once: their labels are printed, or they are taken out of use."""

from __future__ import annotations

from collections import deque
from collections.abc import Sequence
from contextvars import copy_context
from uuid import UUID

from PySide6.QtCore import QObject, QTimer, Signal

from app.kernel.commands import Answer, Command
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.standard import Reinstate, Retire
from app.kernel.words import _, say
from ui.kit.bench import Act, Bench, LabelPrinter, Told, problems_of, sentence_of
from ui.kit.paper import put_on_paper
from ui.kit.runner import Lane

OFTEN = 500  # milliseconds between two words of how far it is


class Labelling(QObject):
    """Labels on their way to the printer, one after the other, also when the list has been left. `altered` says that it is
    further, or over."""

    altered = Signal()

    def __init__(self, bench: Bench, printer: LabelPrinter, entity: str, idents: Sequence[UUID], told: Told) -> None:
        super().__init__(bench)
        self._bench, self._printer, self._entity, self._idents, self._told = bench, printer, entity, idents, told
        self.count, self.over, self._stopped = 0, False, False
        self._beat = QTimer(self, interval=OFTEN)
        self._beat.timeout.connect(self.altered)
        self._beat.start()
        told(Outcome.SUCCESS, say(_("Printing {count} labels…"), count=len(idents)))
        context = copy_context()  # the reader's language goes along
        bench.runner.read(lambda: context.run(self._print), self._ended, self._failed, self, Lane.MACHINES)

    def stop(self) -> None:
        """The label that is being printed is the last one."""
        self._stopped = True

    def _print(self) -> Problem | None:
        """Not on the screen's thread. What stands against it, if anything does."""
        for ident in self._idents:
            if self._stopped or self._bench.runner.closed:
                break
            try:
                put_on_paper(self._bench, self._printer, self._entity, ident)
            except (Refused, Trouble) as error:
                return problems_of(error)[0]
            self.count += 1
        return None

    def _ended(self, problem: Problem | None) -> None:
        self._close()
        values = {"count": self.count, "all": len(self._idents)}
        if problem is not None:
            said = say(_("{count} of {all} labels are printed. {why}"), {**values, "why": sentence_of(problem)})
            self._told(Outcome.ERROR, said)
        elif self.count < len(self._idents):
            self._told(Outcome.SUCCESS, say(_("Stopped: {count} of {all} labels are printed."), values))
        else:
            self._told(Outcome.SUCCESS, say(_("{count} labels are printed."), values))

    def _failed(self, error: Refused | Trouble) -> None:
        self._close()
        self._bench.ways.failed(error)

    def _close(self) -> None:
        self.over = True
        self._beat.stop()
        self.altered.emit()
        self.deleteLater()


class Retiring(QObject):
    """Records on their way out of use, one after the other; one Undo takes all of it back."""

    def __init__(self, bench: Bench, entity: str, idents: Sequence[UUID], told: Told) -> None:
        super().__init__(bench)
        self._bench, self._entity, self._told = bench, entity, told
        self._left = deque(idents)
        self._done: list[Answer] = []
        self._undo: list[Command] = []
        self._refused: list[Problem] = []
        self._next()

    def _next(self) -> None:
        if not self._left:
            self._end()
            return
        ident = self._left.popleft()

        def heard(answer: Answer) -> None:
            if answer.done:
                self._done.append(answer)
                self._undo.insert(0, Reinstate(entity=self._entity, id=ident))
            else:
                self._refused += answer.problems[:1]
            self._next()

        self._bench.run(self, Retire(entity=self._entity, id=ident), heard)

    def _end(self) -> None:
        words = say(_("{count} taken out of use"), count=len(self._done))
        if self._undo:
            self._bench.did(Act(words, self._undo[0], tuple(self._undo[1:])))
        if self._refused:
            said = _("{done}, {left} not: {why}")
            why = sentence_of(self._refused[0])
            self._told(Outcome.ERROR, say(said, done=words, left=len(self._refused), why=why))
        elif self._done:
            self._told(Outcome.SUCCESS, f"{words}.", self._done[-1].id)
        self.deleteLater()
