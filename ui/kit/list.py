"""List: the records of an entity, or the rows of a query, with saved filters as chips; a touch opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from typing import Any
from uuid import UUID

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QPersistentModelIndex, QRect, QRectF, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QPainter, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QStyledItemDelegate,
    QStyleOptionViewItem,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.kernel.words import _, say, within
from ui.kit import going, taking
from ui.kit.bench import Bench, Told
from ui.kit.chart import paint_spark
from ui.kit.declared import ListScreen, Place
from ui.kit.live import Live
from ui.kit.narrowing import Narrowing
from ui.kit.nothing import Nothing
from ui.kit.screen import Deed, Screen
from ui.kit.table import CURVE, Rows, Source
from ui.kit.taking import Shown, Taking
from ui.theme import role, worn
from ui.theme.tokens import Density

WIDE = ("name", "what", "said", "text", "title")
BIG = 20  # pixels of a letter that is read from two metres
_STRETCH = QHeaderView.ResizeMode.Stretch
_ONE_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_READ_ONLY = QAbstractItemView.EditTrigger.NoEditTriggers


class CurveDelegate(QStyledItemDelegate):
    """Draws the small curve of a row."""

    def paint(self, painter: QPainter, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> None:
        super().paint(painter, option, index)
        model = index.model()
        row = model.row(index.row()) if isinstance(model, Rows) else None
        if row is not None and row.get(CURVE.name):
            room: QRect = option.rect
            paint_spark(painter, row[CURVE.name], QRectF(room.adjusted(4, 6, -4, -6)))

    def sizeHint(self, option: QStyleOptionViewItem, index: QModelIndex | QPersistentModelIndex) -> QSize:
        return QSize(7 * worn().density.body, worn().density.row)


class Table(QTableView):
    """Rows to look at and to touch. `opened` carries the row; `sorts` makes its headers sort.

    `page` is what must be seen for the rows to follow the store: the table itself, or the page that hides it while it is empty.
    """

    opened = Signal(dict)
    _sized_for: Density | None = None

    def __init__(self, bench: Bench, source: Source, *, name: str, sorts: bool = False, page: QWidget | None = None) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.rows = Rows(bench, source, self)
        self.setModel(self.rows)
        self.live = Live(bench, page or self, lambda: self.rows.reads, self.rows.reload)
        self.setSelectionBehavior(QAbstractItemView.SelectionBehavior.SelectRows)
        self.setSelectionMode(QAbstractItemView.SelectionMode.SingleSelection)
        self.setEditTriggers(_READ_ONLY)
        self.setShowGrid(False)
        self.setTextElideMode(Qt.TextElideMode.ElideMiddle)  # what is cut is cut in the middle: a number at the end is kept
        self.setWordWrap(False)
        self.setTabKeyNavigation(False)
        self.setHorizontalScrollMode(QAbstractItemView.ScrollMode.ScrollPerPixel)
        self.verticalHeader().hide()
        self._slim = False
        self._curve = CurveDelegate(self)
        self._pointed: UUID | None = None
        self._size()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(0)  # by what is seen: a look further down would fetch it
        self.horizontalHeader().setAccessibleName(say(_("Columns of {name}"), name=name))
        self.horizontalHeader().setSectionsClickable(sorts)
        self.clicked.connect(self._open)
        self.rows.loaded.connect(self._fit)
        self.rows.counted.connect(lambda _number: self._mark())
        if sorts:
            self._sort_by_header()

    def _sort_by_header(self) -> None:
        header = self.horizontalHeader()
        header.setSortIndicatorShown(True)
        header.sortIndicatorChanged.connect(self.rows.sort)
        self.rows.loaded.connect(self._name_order)

    def _name_order(self) -> None:
        """The header shows the column that it is sorted by."""
        names = [column.name for column in self.rows.columns]
        down = self.rows.order.startswith("-")
        if self.rows.order.lstrip("-") in names:
            header = self.horizontalHeader()
            header.blockSignals(True)
            order = Qt.SortOrder.DescendingOrder if down else Qt.SortOrder.AscendingOrder
            header.setSortIndicator(names.index(self.rows.order.lstrip("-")), order)
            header.blockSignals(False)

    def _fit(self) -> None:
        """The first column of words takes what the others leave; where that is too little, the last columns go."""
        header = self.horizontalHeader()
        names = [column.name for column in self.rows.columns]
        if CURVE.name in names:
            self.setItemDelegateForColumn(names.index(CURVE.name), self._curve)
        wide = next((place for place, name in enumerate(names) if name in WIDE), 0)
        for place in range(len(names)):
            stretch = place == wide
            header.setSectionResizeMode(place, _STRETCH if stretch else QHeaderView.ResizeMode.ResizeToContents)
            self.setColumnHidden(place, False)
        body = worn().density.body
        room = self.viewport().width() - min(max(self.sizeHintForColumn(wide), 11 * body), 18 * body)
        for place in range(len(names)):
            if place != wide:
                room -= max(self.sizeHintForColumn(place), header.sectionSizeHint(place))
                self.setColumnHidden(place, room < 0 and place > 0)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        if event.oldSize().width() != event.size().width():
            self._fit()

    def _open(self, index: QModelIndex) -> None:
        row = self.rows.row(index.row())
        if row is not None:
            self.opened.emit(row)

    def slim(self) -> None:
        """Only to be looked at: read from two metres, in rows as low as that allows."""
        self._slim = True
        self._size()

    def _size(self) -> None:
        """Rows and header of the density that is worn."""
        self._sized_for = worn().density
        self.verticalHeader().setDefaultSectionSize(2 * BIG + 4 if self._slim else worn().density.row)
        if self._slim:
            self.setFont(worn().font("large" if worn().density.body < BIG else "body"))
            self.horizontalHeader().setFixedHeight(2 * worn().density.small)

    def paintEvent(self, event: QPaintEvent) -> None:
        """Painted from here, the interpreter is entered once, and not waited for anew at each of some hundred cells."""
        super().paintEvent(event)

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._sized_for not in (None, worn().density):
            self._size()
            self._fit()

    def point_at(self, ident: UUID | None) -> None:
        """Marks the row of a record, wherever it goes; what is seen stays where it is."""
        self._pointed = ident
        self._mark()

    def go_to(self, line: int) -> None:
        """A line is marked and seen, wherever it is."""
        if 0 <= line < self.rows.rowCount():
            self.setCurrentIndex(self.rows.index(line, 0))
            self.scrollTo(self.currentIndex(), QAbstractItemView.ScrollHint.PositionAtCenter)

    def _mark(self) -> None:
        line = self.rows.line_of(self._pointed) if self._pointed is not None else None
        if line is not None:
            self.selectionModel().select(self.rows.index(line, 0), _ONE_ROW)
        elif self._slim:
            self.clearSelection()  # only looked at: what is marked is never somebody's own choice

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter) and self.currentIndex().isValid():
            self._open(self.currentIndex())
        elif event.key() in (Qt.Key.Key_Home, Qt.Key.Key_End):
            self.go_to(0 if event.key() == Qt.Key.Key_Home else self.rows.rowCount() - 1)
        elif event.text() and event.text().isprintable():
            event.ignore()  # letters go to the find box
        else:
            super().keyPressEvent(event)


class ListPage(Screen):
    """A declared list: its title with the true number, its chips and filters, and its rows."""

    def __init__(self, bench: Bench, place: Place, declared: ListScreen) -> None:
        super().__init__(bench, place)
        self.declared = declared
        self._plural = say(declared.title or declared.entity.__about__.plural)
        self.title = self._plural
        self.narrowing = Narrowing(bench, declared, place)
        self._taking: Taking | None = None
        asked = Source(declared.asks, self.narrowing.arguments, declared.columns, record=declared.row, curves=declared.curves)
        self.table = Table(bench, asked, name=self._plural, sorts=True, page=self)
        self.table.opened.connect(self._open)
        bench.linked.connect(self.table.live.refresh)
        self._count = role(QLabel(), "quiet")
        self._empty = Nothing(bench, declared.asks)
        self._empty.cleared.connect(self.narrowing.clear)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(self._head())
        layout.addWidget(self.narrowing)
        layout.addWidget(self.table, 1)
        layout.addWidget(self._empty, 1)
        self._empty.hide()
        self.narrowing.altered.connect(self._narrow)
        self.table.rows.counted.connect(self._counted)
        self.table.rows.counting.connect(self._counting)
        self.table.rows.loaded.connect(lambda: self.narrowing.learn(self.table.rows.known))
        for keys, act in (("Ctrl+F", self.narrowing.ask), ("Ctrl+G", self._ask_where), ("Ctrl+E", self._take)):
            QShortcut(QKeySequence(keys), self, act)

    @property
    def first(self) -> QWidget:
        """No focus proxy: with one, Tab would pass the chips by."""
        return self.table

    def _head(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.setSpacing(worn().density.gap)
        line.addWidget(role(QLabel(self._plural), "title"))
        line.addWidget(self._count)
        line.addStretch()
        self.narrowing.put_own(line)
        return line

    def _narrow(self) -> None:
        rows, wanted = self.table.rows, self.narrowing
        rows.show_source(replace(rows.source, arguments=wanted.arguments, filters=wanted.filters, sort=wanted.sort))

    def _counting(self) -> None:
        """What stands there is not the true number any more; a number that is not true is never shown as if it were."""
        self._count.setText("…")
        self.narrowing.sort = self.table.rows.source.sort  # a header may have been touched

    def _counted(self, number: int) -> None:
        self._count.setText(f"{number:,}".replace(",", " "))
        self._empty.setVisible(number == 0)
        self.table.setVisible(number > 0)
        if number == 0:
            none = say(self.declared.empty or _("There is nothing here yet."))
            self._empty.tell(none, self.narrowing.words, self.narrowing.without)

    def _open(self, row: Mapping[str, Any]) -> None:
        self.bench.ways.go(Place(self.declared.opens, self.declared.entity.__tablename__, row[self.declared.row]))

    def _ask_where(self) -> None:
        """Where in the list somebody wants to be."""
        going.ask(self.bench, self.table)

    def _take(self) -> None:
        """What is shown, as a file or on paper."""
        if self._taking is None:
            taking.ask(self.bench, self._plural, self._begin_taking)

    def _begin_taking(self, ending: str, told: Told) -> None:
        shown = Shown(self._plural, self.narrowing.words, self.table.rows)
        self._taking = Taking(self.bench, shown, ending, told)
        self._taking.altered.connect(self._tell_taking)
        self.altered.emit()

    def _tell_taking(self) -> None:
        if self._taking is not None and self._taking.over:
            self._taking = None
        self.altered.emit()

    def _take_deed(self) -> Deed:
        if self._taking is None:
            return Deed(say(_("Save or print")), self._take, "export")
        return Deed(say(_("Stop saving ({count})"), count=self._taking.count), self._taking.stop, "cross", stays=True)

    @property
    def others(self) -> tuple[Deed, ...]:
        return (
            self._take_deed(),
            Deed(say(_("Go to")), self._ask_where, "next"),
            Deed(say(_("Filter")), self.narrowing.ask, "search"),
        )

    @property
    def primary(self) -> Deed | None:
        entity = self.declared.entity
        if not self.declared.adds:
            return None
        may = self.bench.can(self.bench.declared.grant_to_make(self.bench.app.registry, entity))
        label = say(_("Add {what}"), what=within(entity.__about__.label))
        return Deed(label, lambda: self.bench.ways.go(Place("form", entity.__tablename__)), "plus", live=may) if may else None
