"""Panels of a record's page: its lines, its history, and a line to write a note into it; and what a scan puts on the record."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QLineEdit, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel.commands import Answer
from app.kernel.entity import Entity
from app.kernel.meanings import Match, Meaning
from app.kernel.scan_log import Outcome
from app.kernel.standard import AddNote
from app.kernel.words import _, say
from ui.kit.bench import Bench, Told, said_of
from ui.kit.buttons import secondary
from ui.kit.declared import Lines, PageScreen, Place
from ui.kit.list import Table
from ui.kit.table import Source
from ui.kit.timeline import TimelinePanel
from ui.theme import worn


def lines_of(bench: Bench, panel: Lines, ident: UUID | None) -> Table:
    """The rows that belong to a record; a row leads to its page, or to its form for whoever may save it."""
    table = Table(bench, Source(panel.query, {panel.argument: ident}, panel.columns), name=say(panel.title))
    registry = bench.app.registry
    if panel.opens and (panel.leads == "page" or bench.can(registry.grant_of(registry.entity(panel.opens), "edit"))):
        table.opened.connect(lambda row: bench.ways.go(Place(panel.leads, panel.opens, row[panel.row])))
    return table


def put_on(bench: Bench, declared: PageScreen, record: Match, meaning: Meaning, told: Told) -> bool:
    """Whether a scan is of something that belongs on this record; if so it is put there."""
    other = meaning.match
    makes = declared.scans.get(other.entity) if other is not None else None
    if other is None or makes is None:
        return False
    words = say(_("{what}, {job}"), what=other.title, job=record.title)

    def ran(answer: Answer) -> None:
        if answer.done:
            told(Outcome.SUCCESS, words, answer.id)
        else:
            told(Outcome.ERROR, said_of(answer))

    bench.run(bench, makes(record, other), ran, words)
    return True


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
