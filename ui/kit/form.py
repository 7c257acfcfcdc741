"""Form: makes or changes a record. Its fields come from the declaration; what is wrong stands at the field it concerns."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.commands import Answer, Command, decode
from app.kernel.drafts import find
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.meanings import Match, Meaning
from app.kernel.problems import Problem, Refused
from app.kernel.saving import SaveRecord
from app.kernel.scan_log import Outcome
from app.kernel.shapes import to_plain
from app.kernel.standard import Retire
from app.kernel.words import _, say, within
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.declared import Declared, FormScreen, Lines, Place
from ui.kit.drafting import Drafting
from ui.kit.fields import FieldBox, box_for
from ui.kit.screen import Deed, Screen
from ui.kit.twins import twin_of
from ui.kit.values import shown
from ui.theme import role, tone, worn

HIDDEN = ("data", "extras")


@dataclass(frozen=True)
class Begun:
    """What a form begins with: plain values with the words for them, and links that leave no choice."""

    values: dict[str, tuple[Any, str]]
    only: dict[str, Match]
    draft: dict[str, Any]


class FormPage(Screen):
    """A form over an entity's fields, or over those of the command that makes it."""

    def __init__(self, bench: Bench, place: Place, entity: type[Entity], declared: FormScreen | None) -> None:
        super().__init__(bench, place)
        self._entity = entity
        self._declared = declared if place.id is None else None
        self._old: dict[str, Any] = {}
        self._saving = False
        self._twin: Match | None = None  # who has already what was typed
        self._tells: Told = bench.ways.told
        self._boxes: dict[str, FieldBox] = {}
        label = within(entity.__about__.label)
        self.title = say(_("Change {what}"), what=label) if place.id else say(_("New {what}"), what=label)
        if self._declared is not None and self._declared.title:
            self.title = say(self._declared.title)
        self._problem = tone(role(QLabel(), "heading"), "danger")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._left = role(QLabel(say(_("This is what you had typed and not saved."))), "quiet")
        self._left.hide()
        name = self._declared.name if self._declared else entity.__tablename__
        self._drafting = Drafting(bench, f"{name}:{place.id or self._belongs()}", self._typed, self)
        self._fresh: dict[str, Any] = {}
        self._lay_out()
        bench.read(self, self._begin, self._begun)

    def _fields(self) -> list[Field]:
        known = fields_of(self._entity)
        page, machine = (
            self.bench.declared.page_of(self._entity.__tablename__),
            self.bench.app.registry.machines.get(self._entity),
        )
        every = (page.changes if page and self.place.id else ()) or tuple(known)
        names = self._declared.fields if self._declared else every
        moved = machine.field if machine else ""  # a state is changed by its moves
        own = self._declared is not None  # what a command sets has a form of that command's own
        shown = [known[name] for name in names if name != moved and (own or not known[name].by_command)]
        return [field for field in shown if field.kind not in HIDDEN and not field.secret]

    def _lay_out(self) -> None:
        gap = worn().density.gap
        inside = QWidget()
        grid = QGridLayout(inside)
        grid.setContentsMargins(0, 0, gap, 0)
        grid.setHorizontalSpacing(3 * gap)
        grid.setVerticalSpacing(gap)
        for place, field in enumerate(self._fields()):
            box = box_for(field, self.bench)
            self._boxes[field.name] = box
            grid.addWidget(box, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)
        self._grid = grid
        grid.setRowStretch(len(self._boxes), 1)
        grid.setColumnStretch(0, 1)
        grid.setColumnStretch(1, 1)
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)  # it moves to the field that Tab has come to
        area.setWidget(inside)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(role(QLabel(self.title), "title"))
        layout.addWidget(self._left)
        layout.addWidget(self._problem)
        layout.addWidget(area, 1)

    # ----------------------------------------------------------------------------------------------------- beginning

    def _begin(self) -> Begun:
        """On a reader thread: the record as it is, and links to which there is only one row."""
        with self.bench.app.read(self.bench.actor) as session:
            row = session.get(self._entity, self.place.id) if self.place.id else None
            values = (
                {field.name: self._value(session, field, getattr(row, field.name)) for field in self._fields()} if row else {}
            )
            values |= {name: self._value(session, fields_of(self._entity)[name], value) for name, value in self._given().items()}
            links = [field for field in self._fields() if field.kind == "link" and field.required and field.name not in values]
            only = {field.name: one for field in links if (one := self._only_one(session, field)) is not None}
            return Begun(values, only, find(session, self.bench.actor.id, self._drafting.form))

    def _given(self) -> dict[str, Any]:
        known = fields_of(self._entity)
        return {name: value for name, value in self.place.given.items() if name in known}

    def _value(self, session: Session, field: Field, value: Any) -> tuple[Any, str]:
        target = self.bench.app.registry.entities.get(field.target)
        if field.kind == "link" and value is not None and target is not None:
            row = session.get(target, value)
            return to_plain(value), row.title if row else ""
        return to_plain(value), shown(value) if field.kind in ("money", "quantity") and value is not None else ""

    def _only_one(self, session: Session, field: Field) -> Match | None:
        target = self.bench.app.registry.entities.get(field.target)
        if target is None:
            return None
        rows = session.scalars(select(target).where(target.retired.is_(False)).limit(2)).all()
        return Match(field.target, rows[0].id, rows[0].title) if len(rows) == 1 else None

    def _begun(self, begun: Begun) -> None:
        for name, box in self._boxes.items():
            default = _default(self._entity, box.field)
            value, words = begun.values.get(name, (default, ""))
            box.set_value(value, words)
            self._old[name] = value if self.place.id else None
            if name in begun.only:
                box.set_value(begun.only[name].id, begun.only[name].title)
                box.hide()
        for place, box in enumerate(one for one in self._boxes.values() if not one.isHidden()):
            self._grid.addWidget(box, place // 2, place % 2, Qt.AlignmentFlag.AlignTop)  # where one is hidden, they close up
        self._come_back(begun.draft)
        for box in self._boxes.values():
            box.altered.connect(self._on_altered)
        first = next((box for box in self._boxes.values() if not box.isHidden()), None)
        if first is not None and self.isVisible():
            first.setFocus()

    def _on_altered(self) -> None:
        self._problem.hide()
        self._drafting.stir()

    def _belongs(self) -> str:
        """The record that a new one will belong to, as part of the draft's name."""
        owner = self.place.given.get(self._declared.of) if self._declared else None
        return owner.hex if isinstance(owner, UUID) else "new"

    def _typed(self) -> dict[str, Any]:
        """What differs from what the form began with."""
        values = {name: (box.value(), box.words()) for name, box in self._boxes.items()}
        return {name: list(pair) for name, pair in values.items() if pair[0] != self._fresh.get(name)}

    def _come_back(self, draft: dict[str, Any]) -> None:
        """Puts back what was typed and not saved."""
        self._fresh = {name: box.value() for name, box in self._boxes.items()}
        for name, (value, words) in draft.items():
            if name in self._boxes:
                self._boxes[name].set_value(value, words)
        self._left.setVisible(bool(draft))
        self.altered.emit()

    def _begin_anew(self) -> None:
        self._drafting.forget()
        for name, box in self._boxes.items():
            if box.value() != self._fresh.get(name):
                box.set_value(self._fresh.get(name))
        self._left.hide()
        self.altered.emit()

    @property
    def others(self) -> tuple[Deed, ...]:
        anew = (Deed(say(_("Begin anew")), self._begin_anew, "undo"),) if not self._left.isHidden() else ()
        off = (Deed(say(_("Take it off")), self._take_off, "minus", grave=True),) if self._is_a_line else ()
        twin = self._twin
        if twin is None or self.bench.declared.page_of(twin.entity) is None:
            return (*anew, *off)
        return (*anew, *off, Deed(say(_("Open {title}"), title=twin.title), partial(self._open, twin), "next", stays=True))

    def _open(self, twin: Match) -> None:
        """The record that is there already, in place of a second one. Who wanted one to go on with gets it."""
        then: Callable[[UUID, str], None] | None = self.place.given.get("then")
        self._drafting.forget()
        self.bench.ways.back()
        if then is not None and twin.entity == self._entity.__tablename__:
            then(twin.id, twin.title)
        else:
            self.bench.ways.go(Place("page", twin.entity, twin.id))

    @property
    def _is_a_line(self) -> bool:
        """Whether it is a line of another record, which has no page of its own where it could be taken out of use."""
        name = self._entity.__tablename__
        return self.place.id is not None and name in _lines_with_forms(self.bench.declared)

    def _take_off(self) -> None:
        if self.place.id is not None:
            words = say(_("{what} taken off"), what=say(self._entity.__about__.label))
            self.bench.run(self, Retire(entity=self._entity.__tablename__, id=self.place.id), self._taken_off, words)

    def _taken_off(self, answer: Answer) -> None:
        if not answer.done:
            self._fail(list(answer.problems))
            return
        self._drafting.forget()
        self._tells(Outcome.SUCCESS, say(_("{what} is taken off."), what=self._name()), answer.id)
        self.bench.ways.back()

    # --------------------------------------------------------------------------------------------------------- saving

    @property
    def primary(self) -> Deed | None:
        titled = self._declared is not None and bool(self._declared.title)
        label = say(_("Save it")) if titled else say(_("Save {what}"), what=within(self._entity.__about__.label))
        return Deed(label, self.save, "check", live=not self._saving)

    def finish(self, told: Told) -> None:
        """The DONE card saves."""
        if self._saving:
            told(Outcome.DUPLICATE, say(_("It is being saved already.")))
        else:
            self.save(told)

    def put_by(self) -> str:
        kept = self._drafting.keep()
        return say(_("Not saved. What you typed is kept, and is there when you come back.")) if kept else ""

    def save(self, told: Told | None = None) -> None:
        """Reads every field, shows what is wrong at its field, and runs the one command."""
        self._tells = told or self.bench.ways.told
        values, problems = self._read()
        command = self._command(values, problems) if not problems else None
        self._mark(problems)
        if command is None:
            self._fail(problems)
            return
        self._saving = True
        self.altered.emit()
        words = say(_("{what} saved"), what=say(self._entity.__about__.label))
        self.bench.run(self, command, self._saved, words)

    def _read(self) -> tuple[dict[str, Any], list[Problem]]:
        values: dict[str, Any] = {}
        problems: list[Problem] = []
        for name, box in self._boxes.items():
            try:
                values[name] = box.read()
            except Refused as refused:
                problems.extend(refused.problems)
        return values, problems

    def _command(self, values: dict[str, Any], problems: list[Problem]) -> Command | None:
        """The command that saves it; None, with the problems, when what is needed is not there."""
        declared = self._declared
        if declared is None:
            changed = {
                name: [self._old.get(name), value] for name, value in values.items() if _differs(self._old.get(name), value)
            }
            return SaveRecord(entity=self._entity.__tablename__, id=self.place.id, fields=changed)
        filled = {declared.argument(name): value for name, value in values.items() if value not in (None, "")}
        try:
            return decode(declared.makes, {**declared.given(self.place.given), **filled})
        except Refused as refused:
            problems.extend(refused.problems)
            return None

    def _saved(self, answer: Answer) -> None:
        self._saving, self._twin = False, twin_of(answer.problems)
        self.altered.emit()
        if not answer.done:
            self._mark(list(answer.problems))
            self._fail(list(answer.problems))
            return
        self._drafting.forget()
        self._tells(Outcome.SUCCESS, say(_("{what} is saved."), what=self._name()), answer.id)
        then: Callable[[UUID, str], None] | None = self.place.given.get("then")
        ident = next((row for name, row in answer.rows if name == self._entity.__tablename__), self.place.id)
        self.bench.ways.back()
        if then is not None and ident is not None:
            then(ident, self._name())
        elif self.place.id is None and ident is not None and self.bench.declared.page_of(self._entity.__tablename__) is not None:
            self.bench.ways.go(Place("page", self._entity.__tablename__, ident))

    def _name(self) -> str:
        named = (str(box.value() or "") for name, box in self._boxes.items() if name in self._entity.__about__.title)
        return next(named, "") or self.title

    def _mark(self, problems: list[Problem]) -> None:
        found = {problem.field: problem for problem in problems}
        for name, box in self._boxes.items():
            box.fail(found.get(name) or found.get(self._declared.argument(name) if self._declared else name))

    def _fail(self, problems: list[Problem]) -> None:
        placed = {name for name in self._boxes} | (
            {self._declared.argument(name) for name in self._boxes} if self._declared else set()
        )
        loose = [problem for problem in problems if problem.field not in placed]
        self._problem.setText(" ".join(sentence_of(problem) for problem in loose))
        self._problem.setVisible(bool(loose))
        self._tells(Outcome.ERROR, sentence_of(problems[0]))

    # ---------------------------------------------------------------------------------------------------------- scans

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """A scan fills the first link that wants such a row; anything else is told off, so that nothing typed is lost."""
        for match in meaning.matches:
            for box in self._boxes.values():
                if box.takes(match):
                    told(Outcome.SUCCESS, match.title)
                    return True
        if meaning.kind == "command":
            return False
        told(Outcome.ERROR, say(_("This form has no place for {what}. Save it or go back first."), what=meaning.shown))
        return True


def _lines_with_forms(declared: Declared) -> set[str]:
    """The entities whose rows are opened from another record's page, straight into their form."""
    panels = (panel for page in declared.pages() for panel in page.panels)
    return {panel.opens for panel in panels if isinstance(panel, Lines) and panel.leads == "form"}


def _default(entity: type[Entity], field: Field) -> Any:
    default = entity.__table__.columns[field.name].default
    value = getattr(default, "arg", None)
    return None if callable(value) else value


def _differs(old: Any, new: Any) -> bool:
    return (old if old not in (None, "") else None) != (new if new not in (None, "") else None)
