"""Panels of a record's page: its history, and a line to write a note into it."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel.commands import Answer
from app.kernel.entity import Entity
from app.kernel.scan_log import Outcome
from app.kernel.standard import AddNote
from app.kernel.words import _, say
from ui.kit.bench import Bench, said_of
from ui.kit.buttons import secondary
from ui.kit.timeline import TimelinePanel
from ui.theme import worn


class HistoryPanel(QWidget):
    """One timeline of a record; where it takes `notes`, with a line to write one."""

    def __init__(self, bench: Bench, entity: type[Entity], ident: UUID | None, *, notes: bool) -> None:
        super().__init__()
        column = QVBoxLayout(self)
        column.setContentsMargins(0, worn().density.gap, 0, 0)
        if notes:
            column.addWidget(NoteLine(bench, entity.__tablename__, ident))
        column.addWidget(TimelinePanel(bench, entity, ident), 1)


class NoteLine(QWidget):
    """A line to write a note."""

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
        row = QHBoxLayout(self)
        row.setContentsMargins(0, 0, 0, 0)
        row.addWidget(self._line, 1)
        row.addWidget(add)

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
