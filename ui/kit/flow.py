"""Flow: where you are, the one sentence that says what to scan next, and what is done and due."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Refused
from app.kernel.scan_log import Outcome
from app.kernel.types import Quantity
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.course import Course
from ui.kit.declared import Flow, Place
from ui.kit.doors import barred
from ui.kit.list import Table
from ui.kit.live import Live, Once
from ui.kit.question import Question
from ui.kit.screen import Deed, Screen
from ui.kit.sentence import Sentence
from ui.kit.steps import Count
from ui.kit.table import Source
from ui.kit.tally import NONE
from ui.theme import role, tone, worn

NO_ROWS = Source("")
MOST = Quantity(10_000)  # a longer number is a barcode that was typed
IDLE = 20_000  # milliseconds after which the last scan no longer stands out


class FlowPage(Screen):
    """A flow that somebody is in."""

    def __init__(self, bench: Bench, place: Place, flow: Flow) -> None:
        super().__init__(bench, place)
        self.flow = flow
        self.title = say(flow.title)
        self.course = Course(bench, flow, self)
        self._where = role(QLabel(), "title")
        self._about = role(QLabel(), "quiet")
        self._count = role(QLabel(), "number")
        self._waits = tone(role(QLabel(), "number"), "ask")
        self._sentence = Sentence()
        lines, choices = flow.lines, flow.choices
        self._lines = self._table(Source(lines.query, {}, lines.columns, lines.done) if lines else NO_ROWS, say(flow.title))
        self._choices = self._table(
            Source(choices.query, choices.arguments, choices.columns) if choices else NO_ROWS, say(flow.steps[0].ask)
        )
        self._choices.opened.connect(self._touched)
        self._facts = Once(bench, self, self._ask_facts, self._show_facts)
        Live(bench, self, lambda: frozenset({flow.steps[0].entity.__tablename__}), self._facts.ask)
        self._idle = QTimer(self, singleShot=True, interval=IDLE)
        self._idle.timeout.connect(self.course.calm)
        self._lay_out()
        self.course.altered.connect(self._show)
        for name, match in place.given.items():
            self.course.enter(name, match)
        self._show()

    def _table(self, source: Source, name: str) -> Table:
        table = Table(self.bench, source, name=name)
        table.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        return table

    def _lay_out(self) -> None:
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(self._card())
        layout.addWidget(self._sentence)
        self._lines.slim()
        layout.addWidget(self._lines, 1)
        layout.addWidget(self._choices, 1)

    def _card(self) -> QFrame:
        """Where you are: the job, what it is about, and how many scans it has had."""
        card = role(QFrame(), "card")
        gap = worn().density.gap
        line = QHBoxLayout(card)
        line.setContentsMargins(2 * gap, 6, 2 * gap, 6)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._where)
        words.addWidget(self._about)
        line.addLayout(words, 1)
        line.addWidget(self._waits)
        line.addWidget(self._count)
        return card

    # -------------------------------------------------------------------------------------------------------- showing

    @property
    def near(self) -> UUID | None:
        return self.course.context.id if self.course.context else None

    def _show(self) -> None:
        course = self.course
        context = course.context
        self._where.setText(context.title if context else say(self.flow.title))
        self.where = context.title if context else ""
        self._about.setText(self._about.text() if context else say(_("Scan a tag, or touch a line.")))
        self._count.setText(say(_("{count} booked"), count=course.count) if course.count else "")
        self._waits.setText(course.tally.waiting)
        self._waits.setVisible(bool(course.tally.waiting))
        self._sentence.say(course.sentence, course.tone)
        self._point(context)
        self._lines.setVisible(context is not None and self.flow.lines is not None)
        self._choices.setVisible(context is None and self.flow.choices is not None)
        self._idle.start()
        self.altered.emit()

    def _point(self, context: Match | None) -> None:
        """The list shows the job that is on now, and marks the part that came last."""
        if context is not None and self.flow.lines is not None:
            wanted = {self.flow.lines.argument: context.id}
            if self._lines.rows.source.arguments != wanted:
                self._lines.rows.point(wanted)
                self._facts.ask()
            elif self.course.last is not None:
                self._lines.point_at(self.course.last.match.id)
            else:
                self._lines.point_at(None)

    def _ask_facts(self) -> Any:
        context, bench, flow = self.course.context, self.bench, self.flow
        ident = context.id if context else None

        def look() -> str:
            if ident is None or flow.about is None:
                return ""
            with bench.app.read(bench.actor) as session:
                return flow.about(session, ident)

        return look

    def _show_facts(self, about: str) -> None:
        if self.course.context is not None:
            self._about.setText(about)

    def _touched(self, row: Mapping[str, Any]) -> None:
        """A line of the list stands for the scan of its tag."""
        step = self.flow.steps[0]
        title = str(row[step.entity.__about__.title[0]])
        self.course.row(Match(step.entity.__tablename__, row["id"], title), self.bench.ways.told)

    # --------------------------------------------------------------------------------------------------------- acting

    @property
    def expected(self) -> tuple[str, ...]:
        return self.course.expected

    def takes(self, meaning: Meaning, told: Told) -> bool:
        if meaning.kind == "command" and meaning.command == "UNDO":
            self.course.undo(told)
        elif (
            meaning.kind == "command" and meaning.command in self.bench.declared.cards and meaning.command not in self.flow.turns
        ):
            return False
        elif meaning.kind == "command" and meaning.command == "CANCEL" and self.course.context is None:
            return False  # no job is on: the flow itself is left
        elif meaning.kind == "command" and meaning.command == "DONE":
            self._finish(told)
        else:
            self.course.take(meaning, told)
        return True

    @property
    def primary(self) -> Deed | None:
        if self.course.context is None:
            return None
        return Deed(say(self.flow.finish), lambda: self._finish(self.bench.ways.told), "check")

    def _finish(self, told: Told) -> None:
        """Whoever came from the page of a job is led back to it; the next tag is asked of everybody else."""
        context = self.course.context
        self.course.finish(told)
        if context is not None and context.id == self.place.id:
            self.bench.ways.go(Place("page", context.entity, context.id))

    @property
    def others(self) -> tuple[Deed, ...]:
        if self.course.context is None:
            return ()
        turns = [self._turn(name) for name in self.flow.turns.values() if not barred(self.bench, Place("flow", name))]
        return (*turns, Deed(say(_("Quantity")), self._ask_quantity, "count"))

    def _turn(self, name: str) -> Deed:
        flow = self.bench.declared.flow(name)
        place = Place("flow", name, given=dict(self.course.here))
        return Deed(say(flow.title) if flow else name, lambda: self.bench.ways.go(place), flow.icon if flow else "")

    def _ask_quantity(self) -> None:
        """The number pad does what a quantity card does; of what is counted in pieces it writes no halves."""
        last, flow, bench = self.course.counts, self.flow, self.bench

        def look() -> bool:
            with bench.app.read(bench.actor) as session:
                return last is None or not any(isinstance(fill, Count) and fill.whole(session, last.id) for fill in flow.fills)

        sentence = say(_("How many {part}?"), part=last.title) if last else say(_("How many of the next part?"))
        bench.read(self, look, partial(self._ask_number, sentence))

    def _ask_number(self, sentence: str, decimals: bool) -> None:
        self.bench.ways.ask(Question(sentence, self._counted, kind="number", decimals=decimals))

    def _counted(self, text: str, by: Told) -> None:
        try:
            times = Quantity.parse(text)
        except Refused as refused:
            by(Outcome.ERROR, sentence_of(refused.problem))
            return
        if NONE < times < MOST:
            self.course.card(times, by)
        else:
            by(Outcome.ERROR, say(_("“{text}” cannot be booked. Write a number above 0 and below 10,000."), text=text))
