"""Page: one record: its state with the moves there are and what is still unmet, its facts, and its panels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QFrame, QGridLayout, QHBoxLayout, QLabel, QScrollArea, QTabWidget, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel.access import Actor
from app.kernel.commands import Answer
from app.kernel.entity import Entity, Field, Has, fields_of
from app.kernel.looking import unmet
from app.kernel.meanings import Match, Meaning
from app.kernel.outgoing import CONFIRMED_THERE, NEEDS_YOU, WORDS, standings
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.standard import Transition
from app.kernel.states import Move
from app.kernel.words import _, say, within
from ui.kit import gates
from ui.kit.bench import Bench, Told, said_of
from ui.kit.chart import ChartPanel
from ui.kit.checks import ChecksPanel
from ui.kit.declared import Action, Checks, Drawn, Lines, PageScreen, Picture, Place
from ui.kit.heading import Heading
from ui.kit.live import Live, Once
from ui.kit.marks import Mark, Marks, marks_of
from ui.kit.panels import HistoryPanel, lines_of, put_on
from ui.kit.paper import print_label
from ui.kit.question import Question
from ui.kit.screen import Deed, Screen
from ui.kit.strip import PhotoStrip
from ui.kit.values import shown, word
from ui.theme import role, tone, worn

NARROW = 58  # letters beside each other below which facts and panels share their place


@dataclass(frozen=True)
class Seen:
    """A record as the page shows it."""

    match: Match
    state: str
    facts: tuple[tuple[str, str], ...]
    moves: tuple[tuple[Move, tuple[Problem, ...]], ...]
    reads: frozenset[str]
    way: str = ""  # how far it is on its way to the hub
    marks: tuple[Mark, ...] = ()


class RecordPage(Screen):
    """The page of a record."""

    def __init__(self, bench: Bench, place: Place, declared: PageScreen) -> None:
        super().__init__(bench, place)
        self.declared = declared
        self._entity: type[Entity] = declared.entity
        self._machine = bench.app.registry.machines.get(declared.entity)
        self._seen: Seen | None = None
        self._kind, self._title = role(QLabel(say(self._entity.__about__.label)), "quiet"), role(Heading(), "title")
        self._state = role(QLabel(), "state")
        self._way, self._marks = role(QLabel(), "quiet"), Marks(bench)
        self._gates = QVBoxLayout()
        self._facts = QGridLayout()
        self._photos = self._made_photos()
        self._card = self._made_card()
        self._body = QHBoxLayout()
        self._tabs = QTabWidget()
        self._tabs.setDocumentMode(True)
        self._lay_out()
        self._once = Once(bench, self, lambda: self._look, self._show)
        bench.linked.connect(Live(bench, self, self._reads, self._once.ask).refresh)

    def _lay_out(self) -> None:
        gap = worn().density.gap
        head = QHBoxLayout()
        head.setSpacing(2 * gap)
        head.addWidget(self._kind)
        head.addWidget(self._title)
        head.addStretch()
        head.addWidget(self._marks)
        head.addWidget(self._way)
        head.addWidget(self._state)
        self._gates.setSpacing(4)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(head)
        layout.addLayout(self._gates)
        self._body.setSpacing(2 * gap)
        self._body.addWidget(self._card, 2)
        for panel in (one for one in self.declared.panels if one != "notes" and self._may_see(one)):
            self._tabs.addTab(*self._panel(panel))
        self._body.addWidget(self._tabs, 3)
        layout.addLayout(self._body, 1)

    def _made_card(self) -> QFrame:
        card = role(QFrame(), "card")
        gap = worn().density.gap
        column = QVBoxLayout(card)
        column.setContentsMargins(2 * gap, 2 * gap, 2 * gap, gap)
        self._facts.setHorizontalSpacing(2 * gap)
        self._facts.setVerticalSpacing(gap)
        self._facts.setColumnStretch(1, 1)
        column.addWidget(_scrolled(self._facts), 1)
        if self._photos is not None:
            column.addWidget(self._photos)
        return card

    def _made_photos(self) -> PhotoStrip | None:
        if Has.FILES not in self._entity.__about__.has or self.place.id is None:
            return None
        return PhotoStrip(self.bench, self._entity.__tablename__, self.place.id, lambda: self.title)

    def _may_see(self, panel: Lines | Checks | Picture | Drawn | str) -> bool:
        query = self.bench.app.registry.queries.get(panel.query) if isinstance(panel, Lines | Checks) else None
        return query is None or self.bench.can(query.needs)

    def _panel(self, panel: Lines | Checks | Picture | Drawn | str) -> tuple[QWidget, str]:
        ident = self.place.id
        if isinstance(panel, Lines):
            return lines_of(self.bench, panel, ident), say(panel.title)
        if isinstance(panel, Checks):
            return ChecksPanel(self.bench, panel, ident), say(panel.title)
        if isinstance(panel, Drawn):
            return panel.makes(self.bench, ident), say(panel.title)
        if isinstance(panel, Picture):
            return ChartPanel(self.bench, panel, ident), say(panel.title)
        return HistoryPanel(self.bench, self._entity, ident, notes="notes" in self.declared.panels), say(_("History"))

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Where there is little room the facts are a tab like the others, and the photos too."""
        super().resizeEvent(event)
        inside = self._tabs.indexOf(self._card) >= 0
        narrow = self.width() < NARROW * worn().density.body
        self._fit_head(narrow)
        if narrow is inside:
            return
        if narrow:
            self._tabs.insertTab(0, self._card, say(_("Facts")))
            if self._photos is not None:
                self._tabs.addTab(self._photos, say(_("Photos")))
            return
        self._tabs.removeTab(0)
        self._body.insertWidget(0, self._card, 2)
        self._card.show()
        card = self._card.layout()
        if self._photos is not None and card is not None:
            self._tabs.removeTab(self._tabs.indexOf(self._photos))
            card.addWidget(self._photos)
            self._photos.show()

    def _fit_head(self, narrow: bool) -> None:
        """What else is known of the record takes the room of what kind it is, where there is none for both."""
        self._marks.slim(narrow)
        self._kind.setVisible(not narrow or self._marks.isHidden())

    # --------------------------------------------------------------------------------------------------------- looking

    def _reads(self) -> frozenset[str]:
        return self._seen.reads if self._seen else frozenset({self._entity.__tablename__})

    def _look(self) -> Seen | None:
        bench = self.bench
        with bench.app.read(bench.actor) as session:
            row = session.get(self._entity, self.place.id)
            if row is None:
                return None
            fields = [fields_of(self._entity)[name] for name in self._names()]
            words = ((say(field.label), self._word(session, field, getattr(row, field.name))) for field in fields)
            facts = tuple((label, value) for label, value in words if value not in ("", "–"))
            reads = frozenset(
                {
                    "discrepancy",
                    self._entity.__tablename__,
                    *(field.target for field in fields if field.target),
                    *self.declared.reads,
                    *(name for one in bench.declared.markings for name in one.reads),
                }
            )
            match, way = Match(self._entity.__tablename__, row.id, row.title), self._way_of(session, row.id)
            marks = marks_of(bench, session, bench.declared.markings, row.id)
            return Seen(match, self._state_of(row), facts, self._moves(session, row), reads, way, marks)

    def _way_of(self, session: Session, ident: UUID) -> str:
        enrolled = self.bench.app.station.enrolled
        way = standings(session, [ident]).get(ident, CONFIRMED_THERE if enrolled else "")
        return way if enrolled or way == NEEDS_YOU else ""

    def _names(self) -> tuple[str, ...]:
        own = (self._machine.field,) if self._machine else ()
        return self.declared.facts or tuple(
            name
            for name, field in fields_of(self._entity).items()
            if field.kind not in ("data", "extras") and not field.secret and name not in own
        )

    def _word(self, session: Session, field: Field, value: Any) -> str:
        target = self.bench.app.registry.entities.get(field.target)
        if field.kind == "link" and target is not None and value is not None:
            row = session.get(target, value)
            return row.title if row else "–"
        return shown(value, field.kind, field.name) or "–"

    def _state_of(self, row: Entity) -> str:
        return str(getattr(row, self._machine.field)) if self._machine else ""

    def _moves(self, session: Session, row: Entity) -> tuple[tuple[Move, tuple[Problem, ...]], ...]:
        bench = self.bench
        if self._machine is None:
            return ()
        nobodys = {move for move, action in self.declared.instead.items() if not action}
        open_moves = [move for move in self._machine.open_moves(self._state_of(row)) if move.name not in nobodys]
        open_moves = [move for move in open_moves if bench.can(move.needs)]
        now = bench.app.clock.now()
        return tuple((move, unmet(session, bench.app.registry, bench.actor, row, move, now)) for move in open_moves)

    # --------------------------------------------------------------------------------------------------------- showing

    def _show(self, seen: Seen | None) -> None:
        if seen is None:
            self._title.setText(say(_("This record is not here any more.")))
            self._state.hide()
            return
        self._seen = seen
        self.title = seen.match.title
        self._title.setText(seen.match.title)
        self._state.setText(word(self._machine.field, seen.state) if self._machine else "")
        self._state.setVisible(self._machine is not None)
        self._marks.show_marks(seen.marks)
        self._fit_head(self.width() < NARROW * worn().density.body)
        self._way.setText(say(WORDS[seen.way]) if seen.way else "")
        self._way.setVisible(bool(seen.way))
        tone(self._way, "danger" if seen.way == NEEDS_YOU else "")
        self._show_facts(seen.facts)
        self._show_gates(seen)
        self.altered.emit()

    def _show_facts(self, facts: tuple[tuple[str, str], ...]) -> None:
        _empty(self._facts)
        for line, (label, value) in enumerate(facts):
            named = role(QLabel(label), "quiet")
            value_label = QLabel(value)
            value_label.setWordWrap(True)
            self._facts.addWidget(named, line, 0, Qt.AlignmentFlag.AlignTop)
            self._facts.addWidget(value_label, line, 1)

    def _show_gates(self, seen: Seen) -> None:
        """What is unmet before the next step, each with a jump to where it is settled."""
        _empty(self._gates)
        for _move, problems in seen.moves[:1]:
            first = gates.first_of(self.declared, problems)
            for problem in problems:
                jump = self._jump(problem) if problem is not first else None  # that is where the filled button leads
                self._gates.addWidget(gates.line(problem, jump, lambda one: self._act(one, seen.match)))

    def _jump(self, problem: Problem) -> Action | None:
        return gates.jump_of(self.declared, self._actions(), problem)

    # ---------------------------------------------------------------------------------------------------------- acting

    def takes(self, meaning: Meaning, told: Told) -> bool:
        if self._seen is None or meaning.command != "PRINT":
            return self._seen is not None and put_on(self.bench, self.declared, self._seen.match, meaning, told)
        print_label(self.bench, self._seen.match, told)
        return True

    def finish(self, told: Told) -> None:
        """The DONE card ticks off what is seen to be ticked off; otherwise it does what the filled button does."""
        seen = self._tabs.currentWidget()
        if not (isinstance(seen, ChecksPanel) and seen.tick(told)):
            super().finish(told)

    def _actions(self) -> list[Action]:
        state = self._seen.state if self._seen else ""
        actions = self.bench.declared.on(self._entity)
        return [one for one in actions if self.bench.can(one.needs) and (not one.when or state in one.when)]

    def _act(self, action: Action, match: Match) -> None:
        if action.leads is not None:
            self.bench.ways.go(action.leads(match))
        elif action.runs is not None:
            self.bench.run(self, action.runs(match), self._ran, say(action.title))
        elif action.begins is not None:
            action.begins(self.bench, match)

    @property
    def primary(self) -> Deed | None:
        seen = self._seen
        if seen is None:
            return None
        if seen.moves and not seen.moves[0][0].reason:
            return self._next_deed(seen, *seen.moves[0])
        return self._edit_deed() if self._edits(seen) and not seen.moves else None

    def _edits(self, seen: Seen) -> bool:
        return self.declared.edits and seen.state not in self.declared.locks

    def _next_deed(self, seen: Seen, move: Move, problems: tuple[Problem, ...]) -> Deed:
        """The next step; where something stands against it that is settled elsewhere, the way there."""
        against = gates.first_of(self.declared, problems)
        jump = self._jump(against) if against is not None else None
        if jump is not None:
            return Deed(say(jump.title), partial(self._act, jump, seen.match), jump.icon)
        why = against.sentence if against is not None else ""
        return Deed(say(move.label), partial(self._take, move), "next", live=against is None, why=why)

    @property
    def others(self) -> tuple[Deed, ...]:
        seen = self._seen
        if seen is None:
            return ()
        there = {self.declared.instead.get(move.name) for move, _problems in seen.moves}
        filled = self.primary.label if self.primary is not None else ""
        actions = [one for one in self._actions() if one.id not in there and say(one.title) != filled]  # those have their buttons
        deeds = [Deed(say(one.title), partial(self._act, one, seen.match), one.icon) for one in actions]
        edit = self._edit_deed() if self._edits(seen) and self.primary is not None else None
        deeds += [edit] if edit is not None and (self.primary is None or edit.label != self.primary.label) else []
        first = 0 if seen.moves and seen.moves[0][0].reason else 1
        deeds += [self._move_deed(move) for move, _problems in seen.moves[first:]]
        return tuple(reversed(deeds))

    def _move_deed(self, move: Move) -> Deed:
        """A move out of which nothing leads is grave: its button is held."""
        final = self._machine is not None and not self._machine.open_moves(move.target)
        return Deed(say(move.label), partial(self._take, move), "next", grave=final)

    def _edit_deed(self) -> Deed | None:
        if not self.bench.can(self.bench.app.registry.grant_of(self._entity, "edit")):
            return None
        place = Place("form", self._entity.__tablename__, self.place.id)
        return Deed(say(_("Change {what}"), what=within(self._entity.__about__.label)), lambda: self.bench.ways.go(place), "edit")

    def _take(self, move: Move) -> None:
        """Makes a move, or begins the action that makes it."""
        wanted = self.declared.instead.get(move.name)
        action = next((one for one in self._actions() if one.id == wanted), None)
        if action is not None and self._seen is not None:
            self._act(action, self._seen.match)
        else:
            self._move(move)

    def _move(self, move: Move, reason: str = "", colleague: Actor | None = None) -> None:
        seen = self._seen
        if seen is None:
            return
        problems = next((found for one, found in seen.moves if one.name == move.name), ())
        against = gates.first_of(self.declared, problems)
        if against is not None:
            gates.ask(self.bench, against, self._jump(against), lambda jump: self._act(jump, seen.match))
        elif move.reason and not reason:
            sentence = say(_("{label}: why?"), label=say(move.label))
            self.bench.ways.ask(Question(sentence, lambda text, _by: self._move(move, text), kind="text"))
        elif (held := next((one for one in problems if one.blocks), None)) is not None and colleague is None:
            gates.sign_off(self.bench, held, lambda who: self._move(move, reason, who))
        else:
            command = Transition(entity=seen.match.entity, id=seen.match.id, move=move.name, reason=reason)
            self.bench.run(self, command, self._ran, cosigner=colleague)

    def _ran(self, answer: Answer) -> None:
        if answer.done:
            self.bench.ways.told(Outcome.SUCCESS, say(_("{title} is saved."), title=self.title), answer.id)
        else:
            self.bench.ways.told(Outcome.ERROR, said_of(answer))


def _scrolled(facts: QGridLayout) -> QScrollArea:
    """There may be more of them than a small glass shows."""
    inside = QWidget()
    column = QVBoxLayout(inside)
    column.setContentsMargins(0, 0, 0, 0)
    column.addLayout(facts)
    column.addStretch()
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
    area.setWidget(inside)
    inside.setAutoFillBackground(False)  # the card's own ground is seen
    return area


def _empty(layout: Any) -> None:
    while item := layout.takeAt(0):
        widget = item.widget()
        if widget is not None:
            widget.hide()
            widget.deleteLater()
