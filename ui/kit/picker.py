"""Picker: finds a record by a few letters and lets somebody touch it; a scan of the record itself picks it too."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any
from uuid import UUID

from PySide6.QtCore import QAbstractListModel, QEvent, QModelIndex, QObject, QPersistentModelIndex, Qt, QTimer, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QLabel, QLineEdit, QListView, QVBoxLayout, QWidget

from app.kernel.meanings import Match
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.icons import icon
from ui.kit.live import Once
from ui.theme import role, worn

NOWHERE = QModelIndex()
MOST = 30
PAUSE = 60  # milliseconds after a key before it searches
Row = tuple[str, Any]


class Words(QAbstractListModel):
    """Rows of a word and what it stands for."""

    def __init__(self, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self.rows: Sequence[Row] = ()

    def show_rows(self, rows: Sequence[Row]) -> None:
        self.beginResetModel()
        self.rows = rows
        self.endResetModel()

    def rowCount(self, parent: QModelIndex | QPersistentModelIndex = NOWHERE) -> int:
        return 0 if parent.isValid() else len(self.rows)

    def data(self, index: QModelIndex | QPersistentModelIndex, role: int = Qt.ItemDataRole.DisplayRole) -> Any:
        if index.isValid() and role in (Qt.ItemDataRole.DisplayRole, Qt.ItemDataRole.AccessibleTextRole):
            return self.rows[index.row()][0]
        sign = (
            getattr(self.rows[index.row()][1], "icon", "") if index.isValid() and role == Qt.ItemDataRole.DecorationRole else ""
        )
        return icon(sign, "text", worn().density.icon) if sign else None


class ResultList(QListView):
    """Rows to touch. `picked` carries what the row stands for; `walked` tells whether the arrows were used."""

    picked = Signal(object)

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setEditTriggers(QListView.EditTrigger.NoEditTriggers)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self._words = Words(self)
        self.setModel(self._words)
        self.walked = False
        self.clicked.connect(self._pick)

    def show_rows(self, rows: Sequence[Row]) -> None:
        self._words.show_rows(rows)
        self.walked = False

    def count(self) -> int:
        return self._words.rowCount()

    def begin(self) -> None:
        """Marks the first row: the one that Enter picks."""
        self.setCurrentIndex(self._words.index(0))

    def step(self, by: int) -> bool:
        """Walks; False for no step at all."""
        if not by or not self.count():
            return False
        row = max(0, min(self.currentIndex().row() + by, self.count() - 1))
        self.setCurrentIndex(self._words.index(row))
        self.walked = True
        return True

    def pick(self) -> bool:
        """Picks the row that was walked to, or the first."""
        index = self.currentIndex() if self.currentIndex().isValid() else self._words.index(0)
        return self._pick(index)

    def _pick(self, index: QModelIndex) -> bool:
        found = self._words.rows[index.row()][1] if index.isValid() else None
        if found is not None:
            self.picked.emit(found)
        return found is not None


def step_of(event: QKeyEvent) -> int:
    """The step that an arrow key asks for; none for any other key."""
    return {int(Qt.Key.Key_Down): 1, int(Qt.Key.Key_Up): -1}.get(event.key(), 0)


class Picker(QWidget):
    """A search box over its results. `picked` carries the Match; `entity` narrows the search to one kind, and what suits what it
    is for (`near`, such as a job) comes first. What is no search over everything `finds` by itself, on a reader thread, and shows
    all there is before a letter is typed."""

    picked = Signal(object)

    def __init__(
        self, bench: Bench, entity: str = "", near: UUID | None = None, finds: Callable[[str], list[Match]] | None = None
    ) -> None:
        super().__init__()
        self._bench, self._finds = bench, finds
        self._entity, self._near = entity, near
        self.box = role(QLineEdit(), "scan")
        self.box.setPlaceholderText(say(_("Type a few letters")))
        self.box.setAccessibleName(say(_("Find")))
        self.list = ResultList(say(_("What was found")))
        self.list.picked.connect(self.picked)
        self._none = role(QLabel(), "quiet")
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._once = Once(bench, self, self._find, self._found)
        self._pause.timeout.connect(self._once.ask)
        self.box.textEdited.connect(lambda _text: self._pause.start())
        self.box.returnPressed.connect(self.list.pick)
        self.box.installEventFilter(self)
        self.setFocusProxy(self.box)
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.setSpacing(worn().density.gap)
        for widget in (self.box, self._none, self.list):
            layout.addWidget(widget)
        self._none.hide()
        if finds is not None:
            self._once.ask()

    def _find(self) -> Callable[[], list[Match]]:
        sought, app, actor, entity, near = self.box.text(), self._bench.app, self._bench.actor, self._entity, self._near
        finds = self._finds
        if finds is not None:
            return lambda: finds(sought)
        return lambda: app.find(sought, actor, entity, MOST, near)

    def _found(self, matches: list[Match]) -> None:
        self.list.show_rows([(match.title, match) for match in matches])
        text = self.box.text().strip()
        self._none.setVisible(not matches and bool(text))
        self._none.setText(say(_("Nothing is called “{text}”."), text=text))

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Arrows walk through the results while the box keeps the focus."""
        return isinstance(event, QKeyEvent) and event.type() == QEvent.Type.KeyPress and self.list.step(step_of(event))
