"""Nothing: what stands where a list has no rows: that there are none yet, or that a filter hides them, and a touch clears it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QPainter
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import secondary
from ui.kit.live import Once
from ui.theme import role, worn

NONE = _("There is nothing here yet.")


def say_nothing(room: QWidget) -> None:
    """Says so in the midst of a table that is part of a page; called while it is painted."""
    painter = QPainter(room)
    painter.setPen(worn().color("quiet"))
    painter.drawText(room.rect(), Qt.AlignmentFlag.AlignCenter, say(NONE))
    painter.end()


class Nothing(QWidget):
    """`cleared` says that somebody wants to see what the filter hides."""

    cleared = Signal()

    def __init__(self, bench: Bench, query: str) -> None:
        super().__init__()
        self._app, self._bench, self._query = bench.app, bench, query
        self._filter, self._without, self._none = "", dict[str, Any](), ""
        self._words = role(QLabel(), "heading")
        self._words.setAlignment(Qt.AlignmentFlag.AlignCenter)
        self._words.setWordWrap(True)
        self._all = secondary(say(_("Show all")), "cross")
        self._all.clicked.connect(self.cleared)
        column = QVBoxLayout(self)
        column.setSpacing(2 * worn().density.gap)
        column.addStretch(1)
        column.addWidget(self._words)
        column.addWidget(self._all, 0, Qt.AlignmentFlag.AlignHCenter)
        column.addStretch(1)
        self._once = Once(bench, self, self._look, self._found)

    def tell(self, none: str, filter: str = "", without: Mapping[str, Any] | None = None) -> None:
        """Says that there is `none`; behind a `filter` only where nothing is there `without` it either."""
        self._none, self._filter, self._without = none, filter, dict(without or {})
        self._words.setText("" if filter else none)
        self._all.hide()
        if filter:
            self._once.ask()

    def _look(self) -> Callable[[], tuple[str, int]]:
        app, actor, query, filter, without = self._app, self._bench.actor, self._query, self._filter, self._without
        return lambda: (filter, app.count(query, actor, **without))

    def _found(self, found: tuple[str, int]) -> None:
        filter, count = found
        if filter != self._filter:
            return
        hidden = say(_("Nothing here is “{filter}”. The filter hides {count}."), filter=filter, count=count)
        self._words.setText(hidden if count else self._none)
        self._all.setVisible(bool(count))
