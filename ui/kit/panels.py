"""Panels of a record's page: what people wrote on it, and what they did to it."""

from __future__ import annotations

from datetime import datetime
from typing import Any
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QScrollArea, QVBoxLayout, QWidget
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.commands import Answer
from app.kernel.entity import Entity, fields_of
from app.kernel.looking import Entry, history
from app.kernel.scan_log import Outcome
from app.kernel.standard import AddNote, Note
from app.kernel.words import _, say
from ui.kit.bench import Bench, said_of
from ui.kit.buttons import secondary
from ui.kit.live import Live, Once
from ui.kit.values import moment, shown
from ui.theme import role, worn

Told = tuple[datetime, str, str]


class Timeline(QScrollArea):
    """People's acts, the latest first: when, who, what."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self._inside = QWidget()
        self._column = QVBoxLayout(self._inside)
        self._column.setSpacing(2 * worn().density.gap)
        self.setWidget(self._inside)

    def show_acts(self, acts: list[Told], none: str) -> None:
        while item := self._column.takeAt(0):
            widget = item.widget()
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        for at, who, what in acts:
            self._column.addWidget(_act(at, who, what))
        if not acts:
            self._column.addWidget(role(QLabel(none), "quiet"))
        self._column.addStretch()


def _act(at: datetime, who: str, what: str) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    words = QLabel(what)
    words.setWordWrap(True)
    column.addWidget(words)
    column.addWidget(role(QLabel(f"{moment(at)} · {who}"), "caption"))
    return box


class HistoryPanel(Timeline):
    """What was done to the record."""

    def __init__(self, bench: Bench, entity: type[Entity], ident: UUID | None) -> None:
        super().__init__()
        self._bench = bench
        self._entity = entity
        self._id = ident
        self._once = Once(
            bench, self, lambda: self._look, lambda acts: self.show_acts(acts, say(_("Nothing was done to it yet.")))
        )
        Live(bench, self, lambda: frozenset({entity.__tablename__}), self._once.ask)

    def _look(self) -> list[Told]:
        with self._bench.app.read(self._bench.actor) as session:
            row = session.get(self._entity, self._id)
            entries = history(session, row.id) if row is not None else []
            return [(entry.at, person(session, self._bench, entry.who), self._words(session, entry)) for entry in entries]

    def _words(self, session: Session, entry: Entry) -> str:
        if entry.fresh:
            return say(_("Made"))
        known = fields_of(self._entity)
        changed = [
            self._change(session, known[name].label, name, before, after) for name, before, after in entry.fields if name in known
        ]
        return "\n".join(changed) or say(_("No field changed"))

    def _change(self, session: Session, label: str, name: str, before: Any, after: Any) -> str:
        return f"{say(label)}: {self._plain(session, name, before)} → {self._plain(session, name, after)}"

    def _plain(self, session: Session, name: str, value: Any) -> str:
        """A value of an image: ids by the title of what they point to, amounts from their thousandths."""
        from app.kernel.rows import values

        field = fields_of(self._entity)[name]
        real = values(self._entity, {name: value}).get(name)
        target = self._bench.app.registry.entities.get(field.target)
        if field.kind == "link" and target is not None and real is not None:
            row = session.get(target, real)
            return row.title if row else "–"
        return ("…" if field.secret else shown(real, field.kind, name)) or "–"


class NotesPanel(QWidget):
    """Notes, and a line to write one."""

    def __init__(self, bench: Bench, entity: str, ident: UUID | None) -> None:
        super().__init__()
        self._bench = bench
        self._entity = entity
        self._id = ident
        self._line = QLineEdit()
        self._line.setPlaceholderText(say(_("Write a note")))
        self._line.setAccessibleName(say(_("Note")))
        self._line.returnPressed.connect(self._add)
        add = secondary(say(_("Add note")), "plus")
        add.clicked.connect(self._add)
        self._timeline = Timeline()
        row = QHBoxLayout()
        row.addWidget(self._line, 1)
        row.addWidget(add)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        column.addLayout(row)
        column.addWidget(self._timeline, 1)
        self._once = Once(bench, self, lambda: self._look, lambda acts: self._timeline.show_acts(acts, say(_("No notes yet."))))
        Live(bench, self, lambda: frozenset({"note"}), self._once.ask)

    def _look(self) -> list[Told]:
        with self._bench.app.read(self._bench.actor) as session:
            rows = session.scalars(
                select(Note).where(Note.row_id == self._id, Note.retired.is_(False)).order_by(Note.made_at.desc())
            )
            return [(row.made_at, person(session, self._bench, row.made_by), row.text) for row in rows]

    def _add(self) -> None:
        text = self._line.text().strip()
        if text and self._id is not None:
            self._bench.run(self, AddNote(entity=self._entity, id=self._id, text=text), self._added)

    def _added(self, answer: Answer) -> None:
        if answer.done:
            self._line.clear()
            self._bench.ways.told(Outcome.SUCCESS, say(_("The note is saved.")), answer.id)
        else:
            self._bench.ways.told(Outcome.ERROR, said_of(answer))


def person(session: Session, bench: Bench, ident: UUID) -> str:
    """The name of whoever acted."""
    entity = bench.app.registry.entities.get("person")
    row = session.get(entity, ident) if entity is not None else None
    return row.title if row is not None else "Fettle"
