"""Table: rows of a query as they come, page by page from the reader threads; a row that is not here yet is a placeholder."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, Signal
from sqlalchemy.orm import Session

from app.kernel import queries
from app.kernel.access import Actor
from app.kernel.charts.spec import spark
from app.kernel.dispatch import Station
from app.kernel.outgoing import HERE, NEEDS_YOU, SENT, WORDS, standings
from app.kernel.queries import Column, Filter, Page, Row
from app.kernel.words import _, say
from app.kernel.zones import local_time
from ui.kit.bench import Bench
from ui.kit.declared import Curves
from ui.kit.icons import icon
from ui.kit.values import shown

PAGE = 100
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
_RIGHT = ("quantity", "number", "money")
_TO_THE_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TO_THE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGNMENT, _DECORATION = int(Qt.ItemDataRole.TextAlignmentRole), int(Qt.ItemDataRole.DecorationRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_ROLES = frozenset({_ALIGNMENT, _DECORATION, int(Qt.ItemDataRole.DisplayRole), _SPOKEN})
STANDING = "…standing"  # no column has such a name
CURVE = Column("…curve", _("Last weeks"), "curve")
SIGNS = {HERE: ("clock", "quiet"), SENT: ("sync", "quiet"), NEEDS_YOU: ("question", "danger")}


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


def mark(session: Session, station: Station, rows: Sequence[Row], record: str) -> None:
    """Says of each record how far it is on its way to the hub, where it is not simply confirmed. One question a page."""
    idents = {row[record] for row in rows if isinstance(row.get(record), UUID)} if record else set()
    for_all = standings(session, idents)
    found = for_all if station.enrolled else {ident: way for ident, way in for_all.items() if way == NEEDS_YOU}
    for row in rows:
        ident = row.get(record)
        if isinstance(ident, UUID) and ident in found:
            row[STANDING] = found[ident]


def sketch(session: Session, now: datetime, rows: Sequence[Row], curves: Curves | None) -> None:
    """Gives each row its small curve. One question a page."""
    if curves is not None:
        for row, curve in zip(rows, curves(session, rows, now), strict=True):
            row[CURVE.name] = curve


class Rows(QAbstractTableModel):
    """The rows of a Source. `counted` carries the true number; `loaded` says that other rows, or broader ones, have come."""

    counted = Signal(int)
    loaded = Signal()

    def __init__(self, bench: Bench, source: Source, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.source = source
        self.columns: tuple[Column, ...] = ()
        self.reads: frozenset[str] = frozenset()
        self.order = ""
        self.total = 0
        self.asked = 0  # how often the store was asked
        self._rows: list[Row] = []
        self._next: str | None = None
        self._lines = 0  # rows that are here, and placeholders after them
        self._waiting = False
        self._turn = 0

    # ------------------------------------------------------------------------------------------------------ asking

    def reload(self) -> None:
        """Asks anew, for as many rows as are shown; the old ones stay until the new ones are here."""
        self._turn += 1
        self.asked += 1
        self._waiting = True
        turn, source, most = self._turn, self.source, min(1000, max(PAGE, len(self._rows)))
        self._bench.read(self, lambda: self._first(source, most), lambda found: self._begin(turn, *found), self._missed)

    def _first(self, source: Source, most: int) -> tuple[tuple[Column, ...], frozenset[str], str, Page, int]:
        """On a reader thread, so that nothing of this model is looked at."""
        app, actor = self._bench.app, self._bench.actor
        with app.read(actor) as session:
            ask = app.asked(session, source.query, actor, dict(source.arguments))
            page = queries.page(session, ask, limit=most, sort=source.sort, filters=source.filters)
            number = len(page.rows) if page.next is None else queries.count(session, ask, source.filters)
            mark(session, app.station, page.rows, source.record)
            sketch(session, local_time(app.clock.now(), app.station.zone), page.rows, source.curves)
        names = source.columns or tuple(column.name for column in ask.columns)
        columns = (*(ask.column(name) for name in names), *((CURVE,) if source.curves else ()))
        return columns, ask.reads, source.sort or ask.order, page, number

    def _begin(self, turn: int, columns: tuple[Column, ...], reads: frozenset[str], order: str, page: Page, number: int) -> None:
        if turn != self._turn:
            return
        self._waiting = False
        self.reads, self.order, self.total = reads, order, number
        same = columns == self.columns and len(page.rows) == len(self._rows) and (page.next is None) == (self._next is None)
        if same and columns:
            self._renew(page)
        else:
            self.beginResetModel()
            self.columns, self._rows, self._next = columns, page.rows, page.next
            self._lines = len(self._rows) + self._spare()
            self.endResetModel()
            self.loaded.emit()
        self.counted.emit(number)

    def _renew(self, page: Page) -> None:
        """As many rows as before: only those that differ are drawn again, and columns find their width only where one grew."""
        before, self._rows, self._next = self._rows, page.rows, page.next
        changed = [line for line, row in enumerate(page.rows) if row != before[line]]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))
        if any(self._breadth(page.rows[line]) > self._breadth(before[line]) for line in changed):
            self.loaded.emit()

    def _breadth(self, row: Row) -> int:
        return sum(len(shown(row[column.name], column.kind, column.name)) for column in self.columns if column is not CURVE)

    def _more(self) -> None:
        """Asks for the page after the last row that is here."""
        if self._waiting or self._next is None:
            return
        self._waiting = True
        turn, after, source, actor = self._turn, self._next, self.source, self._bench.actor
        self._bench.read(
            self,
            lambda: self._next_page(source, actor, after),
            lambda page: self._append(turn, page),
            self._missed,
        )

    def _next_page(self, source: Source, actor: Actor, after: str) -> Page:
        app = self._bench.app
        page = app.ask(source.query, actor, after=after, limit=PAGE, sort=source.sort, filters=source.filters, **source.arguments)
        if source.record or source.curves:
            with app.read(actor) as session:
                mark(session, app.station, page.rows, source.record)
                sketch(session, local_time(app.clock.now(), app.station.zone), page.rows, source.curves)
        return page

    def _missed(self) -> None:
        """The store did not answer: it may be asked again."""
        self._waiting = False

    def _append(self, turn: int, page: Page) -> None:
        """Puts a page where its placeholders stood, and new placeholders after it."""
        if turn != self._turn:
            return
        self._waiting = False
        first, before = len(self._rows), self._lines
        self._rows, self._next = self._rows + page.rows, page.next
        filled = min(len(self._rows), before)
        if filled > first:
            self.dataChanged.emit(self.index(first, 0), self.index(filled - 1, len(self.columns) - 1))
        self._stretch(before, len(self._rows) + self._spare())
        self.loaded.emit()

    def _stretch(self, before: int, after: int) -> None:
        """More or fewer lines at the end."""
        if after > before:
            self.beginInsertRows(QModelIndex(), before, after - 1)
            self._lines = after
            self.endInsertRows()
        elif after < before:
            self.beginRemoveRows(QModelIndex(), after, before - 1)
            self._lines = after
            self.endRemoveRows()

    # ------------------------------------------------------------------------------------------------------ Qt asks

    def rowCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else self._lines

    def _spare(self) -> int:
        """How many placeholders stand after the rows that are here: at most one page."""
        return 0 if self._next is None else max(1, min(PAGE, self.total - len(self._rows)))

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt asks for many roles of every cell that it draws; what is not ours is answered first."""
        if role not in _ROLES or not index.isValid():
            return None
        if role == _ALIGNMENT:
            return self._side(index.column())
        if role == _DECORATION:
            return self._tick(self.row(index.row())) if index.column() == 0 else None
        row, column = self.row(index.row()), self.columns[index.column()]
        if row is None:
            self._more()
            return "…" if index.column() == 0 else ""
        if column is CURVE:
            return spark("", row.get(CURVE.name, ())).note if role == _SPOKEN else ""
        words = shown(row[column.name], column.kind, column.name)
        way = row.get(STANDING) if role == _SPOKEN and index.column() == 0 else None
        return f"{words}, {say(WORDS[way])}" if way else words

    def _tick(self, row: Row | None) -> Any:
        """The sign before a row that is done, with the same room before one that is not; or that of a record's way to the hub."""
        if self.source.done is None:
            way = row.get(STANDING) if row is not None else None
            return icon(*SIGNS[way]) if way else None
        return icon("check", "ok") if row is not None and self.source.done(row) else icon("next", "line")

    def headerData(self, section: int, orientation: Qt.Orientation, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if orientation == Qt.Orientation.Vertical or not 0 <= section < len(self.columns):
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return say(self.columns[section].label)
        if role == Qt.ItemDataRole.TextAlignmentRole:
            return self._side(section)
        return None

    def _side(self, section: int) -> Qt.AlignmentFlag:
        return _TO_THE_RIGHT if self.columns[section].kind in _RIGHT else _TO_THE_LEFT

    def sort(self, column: int, order: Qt.SortOrder = Qt.SortOrder.AscendingOrder) -> None:
        """Sorts by a column, in the store and not here."""
        if 0 <= column < len(self.columns) and self.columns[column] is not CURVE:
            wanted = ("-" if order == Qt.SortOrder.DescendingOrder else "") + self.columns[column].name
            if wanted != self.order:
                self.source = replace(self.source, sort=wanted)
                self._restart()

    # ------------------------------------------------------------------------------------------------------- others

    def narrow(self, filters: Sequence[Filter]) -> None:
        """Shows only the rows that pass the filters."""
        self.source = replace(self.source, filters=tuple(filters))
        self._restart()

    def point(self, arguments: Mapping[str, Any]) -> None:
        """Asks the same of something else, such as another work order."""
        self.source = replace(self.source, arguments=dict(arguments))
        self._restart()

    def _restart(self) -> None:
        self.beginResetModel()
        self._rows, self._next, self._lines = [], None, 0
        self.endResetModel()
        self.reload()

    @property
    def names(self) -> tuple[str, ...]:
        """The columns by their names."""
        return tuple(column.name for column in self.columns)

    def row(self, number: int) -> Row | None:
        """The row at a line of the table; None while it is a placeholder."""
        return self._rows[number] if 0 <= number < len(self._rows) else None

    def line_of(self, ident: UUID, column: str = "id") -> int | None:
        """The line at which a row stands, if it is here."""
        return next((line for line, row in enumerate(self._rows) if row.get(column) == ident), None)
