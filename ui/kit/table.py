"""Table: rows of a query as they come, page by page from the reader threads; a row that is not here yet is a placeholder.

The first page is there at once. Behind it all rows are lined up: from then on their number is true and any line is looked up,
however many there are. What is asked differently meanwhile ends what was asked before.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, TypeVar
from uuid import UUID

from PySide6.QtCore import QAbstractTableModel, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal

from app.kernel.charts.spec import spark
from app.kernel.lineup import LineUp
from app.kernel.problems import Problem
from app.kernel.queries import Column, Filter, Page, Row
from app.kernel.words import say
from ui.kit.bench import Bench
from ui.kit.reading import CURVE, PAGE, Head, Reader, Source, Turn
from ui.kit.runner import Lane
from ui.kit.several import Several
from ui.kit.signs import sign_of, spoken
from ui.kit.values import shown

__all__ = ["CURVE", "PAGE", "Rows", "Source"]
T = TypeVar("T")
KEPT = 50  # pages that are held
AT_ONCE = 2  # pages that are asked for at a time
SOON = 300  # milliseconds until rows that changed are lined up again; never more than a sixth of the time is spent on it
Index = QModelIndex | QPersistentModelIndex
NOWHERE = QModelIndex()
_RIGHT = ("quantity", "number", "money")
_TO_THE_RIGHT = Qt.AlignmentFlag.AlignRight | Qt.AlignmentFlag.AlignVCenter
_TO_THE_LEFT = Qt.AlignmentFlag.AlignLeft | Qt.AlignmentFlag.AlignVCenter
_ALIGNMENT, _DECORATION = int(Qt.ItemDataRole.TextAlignmentRole), int(Qt.ItemDataRole.DecorationRole)
_SPOKEN = int(Qt.ItemDataRole.AccessibleTextRole)
_ROLES = frozenset({_ALIGNMENT, _DECORATION, int(Qt.ItemDataRole.DisplayRole), _SPOKEN})


class Rows(QAbstractTableModel):
    """The rows of a Source. `counted` carries the true number, `counting` says that it is being found out; `loaded` says that
    other rows, or broader ones, have come."""

    counted = Signal(int)
    counting = Signal()
    loaded = Signal()

    def __init__(self, bench: Bench, source: Source, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._bench = bench
        self.source = source
        self.columns: tuple[Column, ...] = ()
        self.known: tuple[Column, ...] = ()
        self.reads: frozenset[str] = frozenset()
        self.order = ""
        self.total = 0
        self.true = False  # whether that is how many there are
        self.lineup: LineUp | None = None
        self.asked = 0  # how often the store was asked
        self.several: Several | None = None  # which rows are picked, where any can be
        self._pages: dict[int, Sequence[Row | None]] = {}
        self._whole: set[int] = set()  # pages that are as the store has them
        self._away: set[int] = set()  # pages that are asked for
        self._wish: int | None = None  # the page that is wanted next
        self._broadest = 0
        self._filled = 0  # rows that came one page after the other
        self._next: str | None = None
        self._lines = 0  # rows that are here, and placeholders
        self._waiting = False
        self._turns, self._edition = [Turn(bench.runner)], 0
        self._again = QTimer(self, singleShot=True, interval=SOON)
        self._again.timeout.connect(self._line_up)
        self.destroyed.connect(lambda _gone=None, turns=self._turns: turns[0].end())

    # ------------------------------------------------------------------------------------------------------ asking

    def reload(self) -> None:
        """Asks anew for what is shown; the old rows stay until the new ones are here."""
        self.asked += 1
        if self.lineup is not None:
            self._edition += 1
            self._whole.clear()
            self._paint_all()
            self._doubt()
            return
        self._begin_turn()
        most = min(1000, max(PAGE, self._filled))
        self._ask(lambda reader: reader.head(most), self._begin)

    def _begin_turn(self) -> None:
        self._drop()
        self._turns[0], self._waiting = Turn(self._bench.runner), True

    def _drop(self) -> None:
        """Nobody waits any more for what was asked."""
        self._turns[0].end()
        self._again.stop()

    def _ask(self, question: Callable[[Reader], T | None], then: Callable[[T], None], lane: Lane = Lane.LOOKS) -> None:
        reader, turn = self._reader(), self._turns[0]

        def came(found: T | None) -> None:
            if found is not None and turn is self._turns[0]:
                then(found)

        self._bench.read(self, lambda: question(reader), came, self._missed, lane)

    def _reader(self) -> Reader:
        return Reader(self._bench.app, self._bench.actor, self.source, self._turns[0])

    def _missed(self, _problem: Problem) -> None:
        """The store did not answer: it may be asked again."""
        self._waiting = False
        self._away.clear()

    def _begin(self, head: Head) -> None:
        self._waiting = False
        self.known, self.reads, self.order = head.known, head.reads, head.order
        page = head.page
        same = head.columns == self.columns and len(page.rows) == self._filled and (page.next is None) == (self._next is None)
        if same and self.columns:
            self._renew(page)
        else:
            self.beginResetModel()
            self.columns, self._next = head.columns, page.next
            self._fill(page.rows)
            self._lines = self._filled + self._spare()
            self.endResetModel()
            self.loaded.emit()
        if page.next is None:
            self._count(self._filled)
        else:
            self._doubt()
            self._line_up() if head.lines_up else self._count_behind()

    def _fill(self, rows: Sequence[Row]) -> None:
        """The rows from the first one on."""
        self._filled = len(rows)
        self._pages = {first // PAGE: rows[first : first + PAGE] for first in range(0, len(rows), PAGE)}
        self._whole = {page for page, some in self._pages.items() if len(some) == PAGE}
        self._broadest = max((self._breadth(row) for row in rows), default=0)

    def _renew(self, page: Page) -> None:
        """As many rows as before: only those that differ are drawn again, and columns find their width only where one grew."""
        before, broadest, self._next = self._here(), self._broadest, page.next
        self._fill(page.rows)
        changed = [line for line, row in enumerate(page.rows) if row != before[line]]
        if changed:
            self.dataChanged.emit(self.index(changed[0], 0), self.index(changed[-1], len(self.columns) - 1))
        if any(self._breadth(page.rows[line]) > self._breadth(before[line]) for line in changed):
            self.loaded.emit()
        self._broadest = max(broadest, self._broadest)

    def _here(self) -> list[Row]:
        """The rows that came one page after the other."""
        return [row for page in sorted(self._pages) for row in self._pages[page] if row is not None]

    def _breadth(self, row: Row) -> int:
        return sum(len(shown(row[column.name], column.kind, column.name)) for column in self.columns if column is not CURVE)

    # ------------------------------------------------------------------------------------------------- the true number

    def _doubt(self) -> None:
        self.true = False
        self.counting.emit()
        if self.lineup is not None and not self._again.isActive():
            self._again.start()

    @property
    def none(self) -> bool:
        """Whether they were counted, and there are none."""
        return self.true and not self.total

    def _count(self, number: int) -> None:
        self.total, self.true = number, True
        self.counted.emit(number)

    def _count_behind(self) -> None:
        def counted(number: int) -> None:
            self.total = number
            if self._next is not None:
                self._stretch(self._filled + self._spare())
            self._count(number)

        self._ask(Reader.count, counted, Lane.LISTS)

    def _line_up(self) -> None:
        self._ask(Reader.lined_up, self._lined_up, Lane.LISTS)

    def _lined_up(self, found: tuple[LineUp, float]) -> None:
        """From here on any line can be looked up."""
        before, (self.lineup, took) = self.lineup, found
        self._again.setInterval(max(SOON, int(5000 * took)))
        self._next = None
        if self.lineup != before:
            self._stretch(len(self.lineup))
            if before is not None:
                self._edition += 1
                self._whole.clear()
            self._paint_all()
        self._count(len(self.lineup))

    def _paint_all(self) -> None:
        """What is seen is drawn again, and asks for itself."""
        if self._lines and self.columns:
            self.dataChanged.emit(self.index(0, 0), self.index(self._lines - 1, len(self.columns) - 1))

    # ---------------------------------------------------------------------------------------------------- more rows

    def _want(self, line: int) -> None:
        """A line is looked at that is not here, or not as the store has it now."""
        if self.lineup is None:
            if line >= self._filled:
                self._more()
        elif line // PAGE not in self._whole and line // PAGE not in self._away:
            self._fetch(line // PAGE, self.lineup)

    def _fetch(self, page: int, up: LineUp) -> None:
        """Asks for a page; of those that were looked at while others are away, the last one is wanted."""
        if len(self._away) >= AT_ONCE:
            self._wish = page
            return
        self._away.add(page)
        edition = self._edition
        self._ask(lambda reader: reader.lines(up, page * PAGE), lambda rows: self._page_came(page, edition, rows))

    def _page_came(self, page: int, edition: int, rows: Sequence[Row | None]) -> None:
        self._away.discard(page)
        if edition == self._edition:
            self._whole.add(page)
        if rows and self._pages.get(page) != rows:
            self._pages.pop(page, None)
            self._pages[page] = rows
            self._forget()
            last = min(self._lines, page * PAGE + len(rows)) - 1
            self.dataChanged.emit(self.index(page * PAGE, 0), self.index(last, len(self.columns) - 1))
            self._widen([row for row in rows if row is not None])
        wish, self._wish = self._wish, None
        if wish is not None and self.lineup is not None and wish not in self._whole | self._away:
            self._fetch(wish, self.lineup)
        if edition != self._edition and self.lineup is not None and page not in self._away:
            self._fetch(page, self.lineup)  # what changed meanwhile is not in it, and nothing may be drawn that asks again

    def _forget(self) -> None:
        """Only so many pages are held."""
        while len(self._pages) > KEPT:
            oldest = next(iter(self._pages))
            del self._pages[oldest]
            self._whole.discard(oldest)

    def _widen(self, rows: Sequence[Row]) -> None:
        """Columns find their width again where something broader came than there ever was."""
        broadest = max(map(self._breadth, rows), default=0)
        if broadest > self._broadest:
            self._broadest = broadest
            self.loaded.emit()

    def _more(self) -> None:
        """Asks for the page after the last row that is here."""
        if self._waiting or self._next is None:
            return
        self._waiting = True
        after = self._next
        self._ask(lambda reader: reader.after(after), self._append)

    def _append(self, page: Page) -> None:
        """Puts a page where its placeholders stood, and new placeholders after it."""
        self._waiting = False
        if self.lineup is not None:
            return
        first, before = self._filled, self._lines
        self._next = page.next
        self._fill([*self._here(), *page.rows])
        filled = min(self._filled, before)
        if filled > first:
            self.dataChanged.emit(self.index(first, 0), self.index(filled - 1, len(self.columns) - 1))
        self._stretch(self._filled + self._spare())
        self.loaded.emit()

    def _stretch(self, after: int) -> None:
        """More or fewer lines at the end."""
        before = self._lines
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
        if self._next is None:
            return 0
        return max(1, min(PAGE, self.total - self._filled)) if self.true else PAGE

    def columnCount(self, parent: Index = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.columns)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        """Qt asks for many roles of every cell that it draws; what is not ours is answered first."""
        if role not in _ROLES or not index.isValid():
            return None
        if role == _ALIGNMENT:
            return self._side(index.column())
        row, column = self.row(index.row()), self.columns[index.column()]
        if role == _DECORATION:
            return sign_of(row, self.source, self.several) if index.column() == 0 else None
        if index.column() == 0 and index.row() // PAGE not in self._whole:
            self._want(index.row())
        if row is None:
            return "…" if index.column() == 0 else ""
        if column is CURVE:
            return spark("", row.get(CURVE.name, ())).note if role == _SPOKEN else ""
        words = shown(row[column.name], column.kind, column.name)
        return spoken(words, row, self.several) if role == _SPOKEN and index.column() == 0 else words

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
                self.show_source(replace(self.source, sort=wanted))

    # ------------------------------------------------------------------------------------------------------- others

    def narrow(self, filters: Sequence[Filter]) -> None:
        """Shows only the rows that pass the filters."""
        self.show_source(replace(self.source, filters=tuple(filters)))

    def point(self, arguments: Mapping[str, Any]) -> None:
        """Asks the same of something else, such as another work order."""
        self.show_source(replace(self.source, arguments=dict(arguments)))

    def show_source(self, source: Source) -> None:
        """Asks something else, from the first line on."""
        self._drop()
        self.beginResetModel()
        self.source, self.lineup, self.true = source, None, False
        self._pages, self._whole, self._away, self._wish = {}, set(), set(), None
        self._filled, self._next, self._lines = 0, None, 0
        self.endResetModel()
        self.counting.emit()
        self.reload()

    @property
    def in_order(self) -> bool:
        """Whether every line is known, to the last one."""
        return self.lineup is not None or (self.true and self.total == self._lines)

    @property
    def names(self) -> tuple[str, ...]:
        """The columns by their names."""
        return tuple(column.name for column in self.columns)

    def row(self, number: int) -> Row | None:
        """The row at a line of the table; None while it is a placeholder."""
        page = self._pages.get(number // PAGE, ())
        return page[number % PAGE] if number >= 0 and number % PAGE < len(page) else None

    def line_of(self, ident: UUID, column: str = "id") -> int | None:
        """The line at which a row stands, if that is known."""
        if self.lineup is not None and column == "id":
            return self.lineup.line_of(ident)
        return next((line for line, row in enumerate(self._here()) if row.get(column) == ident), None)

    def idents(self, first: int, count: int = 1) -> list[UUID]:
        """The ids of the rows at so many lines, whether they have been read or not."""
        if self.lineup is not None:
            return [UUID(hex=key[:32]) for key in self.lineup.keys(first, count)]
        rows = (self.row(line) for line in range(first, min(first + count, self._filled)))
        return [row["id"] for row in rows if row is not None]
