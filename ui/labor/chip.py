"""Chip: the running clock of whoever is signed in, always in sight: on what, and for how long. It moves once a minute."""

from __future__ import annotations

from datetime import datetime

from PySide6.QtCore import Qt, QTimer, Signal
from PySide6.QtGui import QHideEvent, QKeyEvent, QMouseEvent, QShowEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout

from app.kernel.clock import Clock
from app.kernel.queries import Row
from app.kernel.words import _, say
from app.labor.states import BREAK, IDLE, JOB
from ui.kit.cards import short_names
from ui.kit.declared import Place
from ui.kit.icons import picture
from ui.theme import role, tone, worn

MINUTE = 60_000
_TONES = {JOB: "", IDLE: "", BREAK: "warn"}


class ClockChip(QFrame):
    """`touched` carries the place that tells more."""

    touched = Signal(object)

    def __init__(self, clock: Clock) -> None:
        super().__init__()
        self._clock = clock
        self._row: Row | None = None
        role(self, "pill")
        self.setFocusPolicy(Qt.FocusPolicy.TabFocus)
        self.setCursor(Qt.CursorShape.PointingHandCursor)
        self._shape, self._what, self._time = QLabel(), QLabel(), role(QLabel(), "caption")
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(self._what)
        words.addWidget(self._time)
        line = QHBoxLayout(self)
        line.setContentsMargins(12, 2, 12, 2)
        line.addWidget(self._shape)
        line.addLayout(words)
        self._next = QTimer(self, singleShot=True)
        self._next.timeout.connect(self.tell)
        self.hide()

    def show_clock(self, row: Row | None) -> None:
        """What runs now; nothing where nobody's clock does."""
        self._row = row
        self.setVisible(row is not None)
        self._next.stop()
        if row is not None:
            tone(self, _TONES[row["kind"]])
            self._what.setText(_named(row))
            self._shape.setPixmap(picture("clock", _TONES[row["kind"]] or "quiet", worn().density.icon, self.devicePixelRatioF()))
            self.tell()

    def tell(self) -> None:
        """How long it has run, and no look at it again before that is another number."""
        if self._row is None:
            return
        gone = self._gone(self._row["started"])
        self._time.setText(lasting(gone // MINUTE))
        self.setAccessibleName(say(_("{what} for {time}"), what=self._what.text(), time=self._time.text()))
        if self.isVisible():
            self._next.start(MINUTE - gone % MINUTE)

    def wakes_in(self) -> int:
        """Milliseconds until it looks at the clock again."""
        return self._next.remainingTime()

    def _gone(self, started: datetime) -> int:
        return max(0, int((self._clock.now() - started).total_seconds() * 1000))

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.tell()

    def hideEvent(self, event: QHideEvent) -> None:
        super().hideEvent(event)
        self._next.stop()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        """The touch is ours, from its beginning."""
        event.accept()

    def mouseReleaseEvent(self, event: QMouseEvent) -> None:
        if self.rect().contains(event.position().toPoint()):
            self.touched.emit(Place("mine"))

    def keyPressEvent(self, event: QKeyEvent) -> None:
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter, Qt.Key.Key_Space):
            self.touched.emit(Place("mine"))
        else:
            super().keyPressEvent(event)


_WORDS = {IDLE: _("Between jobs"), BREAK: _("In a break")}


def _named(row: Row) -> str:
    """The end of a job's number, by which people call it; or what else somebody does."""
    return short_names([row["number"]])[0] if row["number"] else say(_WORDS.get(row["kind"], _("On a job")))


def lasting(minutes: int) -> str:
    """Hours and minutes, as a clock that counts shows them."""
    return f"{minutes // 60}:{minutes % 60:02d}"
