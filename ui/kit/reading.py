"""Reading: what a table asks for, and how a reader thread asks it; nothing of the screen is looked at here."""

from __future__ import annotations

import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import lineup, queries
from app.kernel.access import Actor
from app.kernel.dispatch import Station
from app.kernel.lineup import LineUp, Unwanted
from app.kernel.outgoing import NEEDS_YOU, standings
from app.kernel.queries import Ask, Column, Filter, Page, Row
from app.kernel.words import _
from app.kernel.zones import local_time
from ui.kit.declared import Curves
from ui.kit.runner import Runner

T = TypeVar("T")
PAGE = 100  # rows that are asked for at a time
STANDING = "…standing"  # no column has such a name
CURVE = Column("…curve", _("Last weeks"), "curve")


@dataclass(frozen=True)
class Source:
    """What a table asks for: a query with its arguments, its columns (all when empty), its order, and which rows are done."""

    query: str
    arguments: Mapping[str, Any] = field(default_factory=dict, hash=False)
    columns: tuple[str, ...] = ()
    done: Callable[[Row], bool] | None = None
    sort: str = ""
    filters: tuple[Filter, ...] = ()
    record: str = ""  # the column that names a record whose way to the hub is shown
    curves: Curves | None = None


class Turn:
    """One asking; once it is over, or the window closed, nobody waits for its answer."""

    def __init__(self, runner: Runner) -> None:
        self._runner, self._ended = runner, False

    @property
    def over(self) -> bool:
        return self._ended or self._runner.closed

    def end(self) -> None:
        self._ended = True


@dataclass(frozen=True)
class Head:
    """The first rows of a source, and what it has of columns; `lines_up` says whether any line of it can be found."""

    columns: tuple[Column, ...]  # that are shown
    known: tuple[Column, ...]  # that can be filtered and sorted by
    reads: frozenset[str]
    order: str
    page: Page
    lines_up: bool


@dataclass(frozen=True)
class Reader:
    """Asks one source in somebody's name, for as long as its turn is not over; None once it is."""

    app: App
    actor: Actor
    source: Source
    turn: Turn

    def head(self, most: int) -> Head | None:
        def read(session: Session, ask: Ask) -> Head:
            page = queries.page(session, ask, limit=most, sort=self.source.sort, filters=self.source.filters)
            self._dress(session, page.rows)
            names = self.source.columns or tuple(column.name for column in ask.columns)
            columns = (*(ask.column(name) for name in names), *((CURVE,) if self.source.curves else ()))
            order = self.source.sort or ask.order
            return Head(columns, ask.columns, ask.reads, order, page, lineup.can_line_up(ask))

        return self._asked(read)

    def after(self, key: str) -> Page | None:
        """The page after a key."""

        def read(session: Session, ask: Ask) -> Page:
            page = queries.page(session, ask, after=key, limit=PAGE, sort=self.source.sort, filters=self.source.filters)
            self._dress(session, page.rows)
            return page

        return self._asked(read)

    def lines(self, up: LineUp, first: int) -> list[Row | None] | None:
        """The page of rows that begins at a line."""

        def read(session: Session, ask: Ask) -> list[Row | None]:
            rows = lineup.lines(session, ask, up, first, PAGE, self.source.sort, self.source.filters)
            self._dress(session, [row for row in rows if row is not None])
            return rows

        return self._asked(read)

    def count(self) -> int | None:
        return self._asked(lambda session, ask: queries.count(session, ask, self.source.filters))

    def lined_up(self) -> tuple[LineUp, float] | None:
        """All rows in their order, and the seconds that it took."""
        begun = time.monotonic()
        found = self._asked(lambda session, ask: lineup.taken(session, ask, sort=self.source.sort, filters=self.source.filters))
        return None if found is None else (found, time.monotonic() - begun)

    def _asked(self, read: Callable[[Session, Ask], T]) -> T | None:
        if self.turn.over:
            return None
        try:
            with self.app.read(self.actor) as session, lineup.while_wanted(session, lambda: self.turn.over):
                return read(session, self.app.asked(session, self.source.query, self.actor, dict(self.source.arguments)))
        except Unwanted:
            return None

    def _dress(self, session: Session, rows: Sequence[Row]) -> None:
        station = self.app.station
        _mark(session, station, rows, self.source.record)
        if self.source.curves is not None:
            now = local_time(self.app.clock.now(), station.zone)
            for row, curve in zip(rows, self.source.curves(session, rows, now), strict=True):
                row[CURVE.name] = curve


def _mark(session: Session, station: Station, rows: Sequence[Row], record: str) -> None:
    """Says of each record how far it is on its way to the hub, where it is not simply confirmed. One question a page."""
    idents = {row[record] for row in rows if isinstance(row.get(record), UUID)} if record else set()
    for_all = standings(session, idents)
    found = for_all if station.enrolled else {ident: way for ident, way in for_all.items() if way == NEEDS_YOU}
    for row in rows:
        ident = row.get(record)
        if isinstance(ident, UUID) and ident in found:
            row[STANDING] = found[ident]
