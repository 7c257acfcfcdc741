"""Timeline: a record's history as people's acts, day by day, the latest first: when, who, what, and what they wrote."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from itertools import groupby
from typing import Any
from uuid import UUID

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget
from sqlalchemy.orm import Session

from app.kernel import figures
from app.kernel.entity import Entity, fields_of
from app.kernel.rows import values
from app.kernel.timeline import Did, acts
from app.kernel.words import _, say
from app.kernel.zones import local_time
from ui.kit.bench import Bench
from ui.kit.live import Live, Once
from ui.kit.values import shown
from ui.theme import role, worn


@dataclass(frozen=True)
class Act:
    """One act as it is read: its moment at the site, who did it, its words, and the lines under them."""

    at: datetime
    who: str
    what: str
    lines: tuple[str, ...] = ()


class ActList(QScrollArea):
    """Acts under their days."""

    def __init__(self, none: str) -> None:
        super().__init__()
        self._none = none
        self.setWidgetResizable(True)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setAccessibleName(say(_("History")))

    def show_acts(self, told: Sequence[Act], today: datetime) -> None:
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setSpacing(worn().density.gap)
        for day, found in groupby(told, key=lambda act: act.at.date()):
            word = say(_("Today")) if day == today.date() else figures.day(day)
            column.addWidget(role(QLabel(word), "quiet"))
            for act in found:
                column.addLayout(_line(act))
        if not told:
            column.addWidget(role(QLabel(self._none), "quiet"))
        column.addStretch()
        before = self.verticalScrollBar().value()
        self.setWidget(inside)
        self.verticalScrollBar().setValue(before)


def _line(act: Act) -> QGridLayout:
    """The time at the left, the act and who did it beside it, and under it what changed or was written."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * worn().density.gap)
    grid.setVerticalSpacing(0)
    grid.setColumnStretch(1, 1)
    time = role(QLabel(f"{act.at:%H:%M}"), "quiet")
    time.setMinimumWidth(3 * worn().density.body)
    grid.addWidget(time, 0, 0, Qt.AlignmentFlag.AlignTop)
    for row, (text, name) in enumerate(((act.what, ""), *((line, "") for line in act.lines), (act.who, "caption"))):
        label = role(QLabel(text), name)
        label.setWordWrap(True)
        grid.addWidget(label, row, 1)
    return grid


class TimelinePanel(ActList):
    """What was done to a record and on its account; it follows the store."""

    def __init__(self, bench: Bench, entity: type[Entity], ident: UUID | None) -> None:
        super().__init__(say(_("Nothing was done to it yet.")))
        self._bench, self._entity, self._id = bench, entity, ident
        self._once = Once(bench, self, lambda: self._look, self._came)
        Live(bench, self, lambda: frozenset({entity.__tablename__, "note", "attachment", "stock_line"}), self._once.ask)

    def _look(self) -> list[Act]:
        bench = self._bench
        with bench.app.read(bench.actor) as session:
            row = session.get(self._entity, self._id)
            found = acts(session, bench.app.registry, bench.actor, row) if row is not None else []
            names = dict(self._names(session, {did.who for did in found}))
            return [self._act(session, did, names) for did in found]

    def _names(self, session: Session, people: set[UUID]) -> Iterator[tuple[UUID, str]]:
        entity = self._bench.app.registry.entities.get("person")
        for ident in people:
            row = session.get(entity, ident) if entity is not None else None
            yield ident, row.title if row is not None else "Fettle"

    def _act(self, session: Session, did: Did, names: dict[UUID, str]) -> Act:
        at = local_time(did.at, self._bench.app.station.zone)
        what = " · ".join(part for part in (did.called, did.what) if part)
        wrote = (f"“{did.wrote}”",) if did.wrote else ()
        doubt = (say(_("The clock of the terminal was not right: the time may be wrong.")),) if did.doubted else ()
        return Act(at, names[did.who], what, (*wrote, *self._changes(session, did), *doubt))

    def _changes(self, session: Session, did: Did) -> Iterator[str]:
        known = fields_of(self._entity)
        for name, before, after in did.fields:
            if name in known:
                label = say(known[name].label)
                yield f"{label}: {self._plain(session, name, before)} → {self._plain(session, name, after)}"

    def _plain(self, session: Session, name: str, value: Any) -> str:
        """A value of an image: ids by the title of what they point to, amounts from their thousandths."""
        field = fields_of(self._entity)[name]
        real = values(self._entity, {name: value}).get(name)
        target = self._bench.app.registry.entities.get(field.target)
        if field.kind == "link" and target is not None and real is not None:
            row = session.get(target, real)
            return row.title if row else "–"
        return ("…" if field.secret else shown(real, field.kind, name)) or "–"

    def _came(self, told: list[Act]) -> None:
        app = self._bench.app
        self.show_acts(told, local_time(app.clock.now(), app.station.zone))
