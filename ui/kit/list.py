"""List: the records of an entity, or the rows of a query, with saved filters as chips; a touch opens one."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from typing import Any
from uuid import UUID

from PySide6.QtCore import QEvent, QItemSelectionModel, QModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QMouseEvent, QPaintEvent, QResizeEvent, QShortcut
from PySide6.QtWidgets import (
    QAbstractItemView,
    QHBoxLayout,
    QHeaderView,
    QLabel,
    QTableView,
    QVBoxLayout,
    QWidget,
)

from app.kernel.meanings import Meaning
from app.kernel.words import _, say, within
from ui.kit import going, taking
from ui.kit.bench import Bench, Told
from ui.kit.curve import CurveDelegate
from ui.kit.declared import ListScreen, Place
from ui.kit.live import Live
from ui.kit.narrowing import Narrowing
from ui.kit.nothing import NONE, Nothing, say_nothing
from ui.kit.picking import Picking
from ui.kit.screen import Deed, Screen
from ui.kit.several import MOST, Several
from ui.kit.table import CURVE, Rows, Source
from ui.kit.taking import Shown, Taking
from ui.theme import role, worn
from ui.theme.tokens import Density

WIDE = ("name", "what", "said", "text", "title")
BIG = 20  # pixels of a letter that is read from two metres
_STRETCH = QHeaderView.ResizeMode.Stretch
_CTRL, _SHIFT = Qt.KeyboardModifier.ControlModifier, Qt.KeyboardModifier.ShiftModifier
_ARROWS: Mapping[int, int] = {Qt.Key.Key_Down: 1, Qt.Key.Key_Up: -1}
_ONE_ROW = QItemSelectionModel.SelectionFlag.ClearAndSelect | QItemSelectionModel.SelectionFlag.Rows
_READ_ONLY = QAbstractItemView.EditTrigger.NoEditTriggers


class Table(QTableView):
    """Rows to look at and to touch. `opened` carries the row; `sorts` makes its headers sort. Where `several` can be picked,
    `refused` carries a number that is too many.

    `page` is what must be seen for the rows to follow the store: the table itself, or the page that hides it while it is empty.
    """

    opened = Signal(dict)
    refused = Signal(int)
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
        self._several: Several | None = None
        self._picking = False
        self._held = Qt.KeyboardModifier.NoModifier  # while somebody touched
        self._size()
        self.horizontalHeader().setHighlightSections(False)
        self.horizontalHeader().setResizeContentsPrecision(0)  # by what is seen: a look further down would fetch it
        self.horizontalHeader().setAccessibleName(say(_("Columns of {name}"), name=name))
        self.horizontalHeader().setSectionsClickable(sorts)
        self.clicked.connect(self._touched)
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

    # ------------------------------------------------------------------------------------------------------ picking several

    def pick_with(self, several: Several) -> None:
        """From now on rows can be picked: by Ctrl, Shift or Space, and by touches alone once that was begun."""
        self._several = self.rows.several = several
        several.altered.connect(self._picked)

    def _picked(self) -> None:
        if self._several is not None and self._picking is not self._several.on:
            self._picking = self._several.on
            size = worn().density.icon if self._picking else -1  # else the style's own
            self.setIconSize(QSize(size, size))
            self._fit()  # the signs take room
        self.viewport().update()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self._held = event.modifiers()
        super().mousePressEvent(event)

    def _touched(self, index: QModelIndex) -> None:
        if self._several is not None and (self._several.on or self._held & (_CTRL | _SHIFT)):
            self.pick(index.row(), through=bool(self._held & _SHIFT))
        else:
            self._open(index)

    def pick(self, line: int, *, through: bool = False) -> None:
        """Picks the row at a line, or lets it go; `through` picks all of them from the last one that was picked."""
        several = self._several
        if several is None:
            return
        last = self.rows.line_of(several.last) if through and several.last is not None else None
        if last is not None:
            self.pick_all(min(last, line), abs(last - line) + 1)
            return
        for ident in self.rows.idents(line):
            several.turn(ident)

    def pick_all(self, first: int, count: int) -> None:
        """Picks so many rows from a line on."""
        if count > MOST:
            self.refused.emit(count)
        elif self._several is not None:
            self._several.add(self.rows.idents(first, count))

    def _picks(self, event: QKeyEvent) -> bool:
        """Whether a key was for picking: Space, Shift with an arrow, Ctrl+A, and Escape, which ends it."""
        several, line = self._several, self.currentIndex().row()
        if several is None:
            return False
        step = _ARROWS.get(event.key(), 0) if event.modifiers() & _SHIFT else 0
        if event.key() == Qt.Key.Key_Escape and several.on:
            several.end()
        elif event.matches(QKeySequence.StandardKey.SelectAll):
            self.pick_all(0, self.rows.rowCount())
        elif event.key() == Qt.Key.Key_Space and line >= 0:
            self.pick(line)
        elif step and 0 <= line + step < self.rows.rowCount():
            if several.last is None:
                self.pick(line)
            self.setCurrentIndex(self.rows.index(line + step, 0))
            self.pick(line + step, through=True)
        else:
            return False
        return True

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
        """Painted from here, the interpreter is entered once, and not waited for anew at each of some hundred cells. Where there
        is nothing, that is said."""
        super().paintEvent(event)
        if self.rows.none:
            say_nothing(self.viewport())

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
        if self._picks(event):
            return
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
        self._picking = Picking(bench, declared, self.table) if declared.row == "id" else None
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
        if self._picking is not None:
            self._picking.altered.connect(self._chosen)
            QShortcut(QKeySequence("Ctrl+A"), self, self._picking.choose_all)

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
        if self._picking is not None:
            self._picking.several.clear()  # nothing is done to a row that is not seen
        rows.show_source(replace(rows.source, arguments=wanted.arguments, filters=wanted.filters, sort=wanted.sort))

    def _counting(self) -> None:
        """What stands there is not the true number any more; a number that is not true is never shown as if it were."""
        self._count.setText("…")
        self.narrowing.sort = self.table.rows.source.sort  # a header may have been touched

    def _counted(self, number: int) -> None:
        self._show_count(number)
        self._empty.setVisible(number == 0)
        self.table.setVisible(number > 0)
        if number == 0:
            none = say(self.declared.empty or NONE)
            self._empty.tell(none, self.narrowing.words, self.narrowing.without)

    def _show_count(self, number: int) -> None:
        total, picking = f"{number:,}".replace(",", " "), self._picking
        chosen = say(_("{count} of {all} chosen"), count=len(picking.several), all=total) if picking and picking.on else ""
        self._count.setText(chosen or total)

    def _chosen(self) -> None:
        if self.table.rows.true:
            self._show_count(self.table.rows.total)
        self.altered.emit()

    def takes(self, meaning: Meaning, told: Told) -> bool:
        """While several are chosen, a scan is one more of them."""
        return self._picking is not None and self._picking.takes(meaning, told)

    def _open(self, row: Mapping[str, Any]) -> None:
        self.bench.ways.go(Place(self.declared.opens, self.declared.entity.__tablename__, row[self.declared.row]))

    def _ask_where(self) -> None:
        """Where in the list somebody wants to be."""
        going.ask(self.bench, self.table)

    def _take(self) -> None:
        """What is shown, as a file or on paper."""
        if self._taking is None:
            taking.ask(self.bench, " · ".join(filter(None, (self._plural, self._picked))), self._begin_taking)

    @property
    def _picked(self) -> str:
        return self._picking.words if self._picking is not None else ""

    def _begin_taking(self, ending: str, told: Told) -> None:
        only: frozenset[UUID] = self._picking.only if self._picking is not None else frozenset()
        shown = Shown(self._plural, ", ".join(filter(None, (self.narrowing.words, self._picked))), self.table.rows, only)
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
        if self._picking is not None and self._picking.on:
            return self._picking.deeds()
        several = self._picking
        return (
            *((Deed(say(_("Choose several")), several.several.begin, "picked"), *several.under_way()) if several else ()),
            self._take_deed(),
            Deed(say(_("Go to")), self._ask_where, "next"),
            Deed(say(_("Filter")), self.narrowing.ask, "search"),
        )

    @property
    def primary(self) -> Deed | None:
        if self._picking is not None and self._picking.on:
            if self._taking is not None:
                return self._take_deed()
            return self._picking.deed(_("Save or print ({count})"), partial(self._take), "export")
        entity = self.declared.entity
        if not self.declared.adds:
            return None
        may = self.bench.can(self.bench.declared.grant_to_make(self.bench.app.registry, entity))
        label = say(_("Add {what}"), what=within(entity.__about__.label))
        return Deed(label, lambda: self.bench.ways.go(Place("form", entity.__tablename__)), "plus", live=may) if may else None
