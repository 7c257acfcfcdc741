"""Sitting: one person's work at this terminal: the screens they have open, the question they were asked, what they can undo."""

from __future__ import annotations

from collections import deque
from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget
from shiboken6 import isValid

from app.kernel.meanings import Meaning
from app.kernel.problems import Refused, Trouble
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.kit.asking import Asking
from ui.kit.bench import Bench, Told, Ways
from ui.kit.declared import Place
from ui.kit.question import Question
from ui.kit.screen import Screen
from ui.kit.sound import Outcome as Tone
from ui.kit.unsaved import Unsaved
from ui.scan.router import Receipt

DEEP = 2  # screens over home, or over what is a touch away on the rail
ROOTS = ("home", "list", "flow", "board", "look", "attention", "sync")
# Screens that keep nothing of what somebody does in them.
PLAIN = ("home", "list", "page", "board", "photo", "look", "attention", "sync")
GIVE_WAY = ("page", "photo")  # to what is opened over them, where that would lie too deep


class Sitting(QStackedWidget):
    """Screens one on top of the other, never more than two over home or the rail: where a third is opened, the page that was
    opened first of them gives way, so that the way back leads to what was worked at last. `altered` says that another one is
    seen, or that its buttons are different."""

    altered = Signal()

    def __init__(self, bench: Bench, build: Callable[[Bench, Place], Screen], told: Callable[[], Told]) -> None:
        super().__init__()
        self.bench = bench
        bench.ways = OwnWays(self, bench.ways)
        self._build = build
        self._told = told
        self._trail: list[Screen] = []
        self._questions: list[Question] = []
        self._asking: Asking | None = None
        self._hand: QWidget | None = None  # where somebody typed before a question came

    # ------------------------------------------------------------------------------------------------------- the way

    @property
    def task(self) -> Screen | None:
        """The screen that is seen, or waits under a question."""
        return self._trail[-1] if self._trail else None

    @property
    def level(self) -> int:
        """How many screens lie between what is seen and home, or what is a touch away on the rail."""
        doors = {(one.opens.kind, one.opens.name) for one in self.bench.declared.actions if one.opens is not None}
        over = 0
        for screen in reversed(self._trail):
            place = screen.place
            if place.kind in ROOTS or (place.id is None and (place.kind, place.name) in doors):
                break
            over += 1
        return over

    @property
    def kept(self) -> deque[tuple[Meaning, Receipt]]:
        """The scans that wait for this screen, and have their turn on no other."""
        return self.task.kept if self.task is not None else deque()

    def go(self, place: Place) -> None:
        """Opens a place. One that is open already is come back to; home, lists and flows begin the way anew."""
        self._leave_question()
        there = next((screen for screen in self._trail if screen.place == place and screen.place.given == place.given), None)
        if there is not None:
            self._cut(self._trail.index(there) + 1)
        else:
            self._cut(1 if place.kind in ROOTS and self._trail else len(self._trail))
            self._push(self._build(self.bench, place))
        self._show()

    def _push(self, screen: Screen) -> None:
        over = self._trail[len(self._trail) - self.level :]
        oldest = next((one for one in over if one.place.kind in GIVE_WAY), None)
        if len(over) >= DEEP and oldest is not None:
            self._trail.remove(oldest)
            self._drop(oldest)
        screen.altered.connect(self._on_altered)
        self._trail.append(screen)
        self.addWidget(screen)

    def _cut(self, most: int) -> None:
        while len(self._trail) > most:
            self._drop(self._trail.pop())

    def _drop(self, screen: Screen) -> None:
        if screen.kept:
            self._give_up(screen.kept)
        self.removeWidget(screen)
        screen.deleteLater()

    def _give_up(self, kept: deque[tuple[Meaning, Receipt]]) -> None:
        """The screen that scans waited for has gone: they are booked nowhere, and that is said."""
        what = ", ".join(meaning.shown for meaning, _receipt in kept)
        said = say(_("Not booked, because you went elsewhere: {what}. Scan it again where it belongs."), what=what)
        for _meaning, receipt in kept:
            receipt.quietly(Outcome.ERROR, said)
        kept.clear()
        self._told()(Outcome.ERROR, said)

    def dress(self) -> None:
        """Another look is worn: plain screens are built anew where they stand; flows, forms and questions stay as they are."""
        for place, old in enumerate(self._trail):
            if old.place.kind not in PLAIN:
                continue
            fresh = self._trail[place] = self._build(self.bench, old.place)
            fresh.kept, old.kept = old.kept, fresh.kept
            fresh.altered.connect(self._on_altered)
            self.insertWidget(self.indexOf(old), fresh)
            if self.currentWidget() is old:
                self.setCurrentWidget(fresh)
                fresh.first.setFocus()
            self._drop(old)

    def back(self) -> None:
        """Leaves the question, or the screen, that is seen."""
        if self._asking is not None:
            self.leave()
        elif len(self._trail) > 1:
            self._cut(len(self._trail) - 1)
            self._show()

    @property
    def deep(self) -> bool:
        """Whether there is something to go back to that is not a touch away on the rail."""
        return self._asking is not None or (len(self._trail) > 1 and self._trail[-1].place.kind not in ROOTS)

    def _on_altered(self) -> None:
        if self.sender() is self.task:
            self.altered.emit()

    def look_again(self) -> None:
        """Keys go to what is seen."""
        seen = self._asking or self.task
        if seen is not None:
            _first(seen).setFocus()

    def _show(self) -> None:
        seen = self._asking or self.task
        if seen is not None:
            self.setCurrentWidget(seen)
            hand = self._hand if self._asking is None and self._hand is not None and isValid(self._hand) else None
            (hand if hand is not None and seen.isAncestorOf(hand) else _first(seen)).setFocus()
        if self._asking is None and self.task is not None:
            self.task.arrive()
        self.altered.emit()

    # ------------------------------------------------------------------------------------------------------ questions

    @property
    def asking(self) -> Asking | None:
        return self._asking

    def ask(self, question: Question) -> None:
        """Puts a question into the task area, after one that is open already."""
        self._questions.append(question)
        if self._asking is None:
            self._hand = self.focusWidget()
            self._next_question()

    def _next_question(self) -> None:
        old, self._asking = self._asking, None
        if self._questions:
            where, near = (self.task.where, self.task.near) if self.task else ("", None)
            self._asking = Asking(self.bench, self._questions.pop(0), where, near)
            self._asking.answered.connect(self._touched)
            self._asking.left.connect(self.leave)
            self.addWidget(self._asking)
        if old is not None:
            self.removeWidget(old)
            old.deleteLater()
        self._show()

    def _touched(self, answer: object) -> None:
        self.answer(answer, self._told())

    def answer(self, answer: object, told: Told) -> None:
        """Answers the open question."""
        if self._asking is not None:
            question = self._asking.question
            self._next_question()
            question.answer(answer, told)

    def leave(self, told: Told | None = None) -> None:
        """Leaves the open question unanswered, and says so; a CANCEL card hears it by its own receipt."""
        if self._asking is not None:
            question, told = self._asking.question, told or self._told()
            self._next_question()
            if question.leave is not None:
                question.leave(told)
            else:
                told(Outcome.SUCCESS, say(_("Left: nothing was done.")))

    def _leave_question(self) -> None:
        """Going elsewhere leaves every question unanswered."""
        while self._asking is not None:
            self.leave()


class OwnWays:
    """The window's ways for the screens of one person: a question and a place come to their own sitting, also while it waits."""

    def __init__(self, sitting: Sitting, window: Ways) -> None:
        self._window = window
        self.go: Callable[[Place], None] = sitting.go
        self.back: Callable[[], None] = sitting.back
        self.ask: Callable[[Question], None] = sitting.ask

    @property
    def told(self) -> Told:
        return self._window.told

    def wear(self, theme: str, density: str) -> None:
        self._window.wear(theme, density)

    def try_sound(self, tone: Tone) -> None:
        self._window.try_sound(tone)

    def failed(self, error: Refused | Trouble) -> None:
        self._window.failed(error)

    def keep(self, item: Unsaved) -> None:
        self._window.keep(item)


def _first(seen: Asking | Screen) -> QWidget:
    return seen.first if isinstance(seen, Screen) else seen
