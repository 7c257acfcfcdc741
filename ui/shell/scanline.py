"""Scan line: the one field for scans and finding, what the last scan meant and what came of it, and the status pill."""

from __future__ import annotations

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QLineEdit, QSizePolicy, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import secondary
from ui.kit.icons import picture
from ui.labor.chip import ClockChip
from ui.shell.pill import Pill
from ui.theme import role, tone, worn

_SIGNS = {"ok": "check", "ask": "question", "warn": "warn", "danger": "cross"}


class ScanLine(QFrame):
    """`sought` carries what is being typed, `entered` what Enter was pressed on; `all_wanted` opens the palette by touch."""

    sought = Signal(str)
    entered = Signal(str)
    all_wanted = Signal()

    def __init__(self, pill: Pill, beside: ClockChip) -> None:
        super().__init__()
        role(self, "scanline")
        gap = worn().density.gap
        self.setFixedHeight(worn().density.target + 3 * gap)
        self.box = role(QLineEdit(), "scan")
        self.box.setAccessibleName(say(_("Scan, or type to find")))
        self.box.textEdited.connect(self.sought)
        self.box.returnPressed.connect(lambda: self.entered.emit(self.box.text().strip()))
        self._all = secondary(say(_("All")), "search")
        self._all.clicked.connect(self.all_wanted)
        self._brand = role(QLabel("Fettle"), "title")
        self._pill = pill
        self.clock = beside
        self._sign = QLabel()
        self.last = Fitting()
        self.last.setAccessibleName(say(_("Last scan")))
        line = QHBoxLayout(self)
        line.setContentsMargins(2 * gap, 0, gap, 0)
        line.setSpacing(gap)
        line.addWidget(self._brand, 2)
        line.addWidget(self.box, 3)
        line.addWidget(self._all)
        line.addSpacing(gap)
        line.addWidget(self._sign)
        line.addWidget(self.last, 3)
        line.addWidget(beside, 0, Qt.AlignmentFlag.AlignVCenter)
        line.addWidget(pill, 0, Qt.AlignmentFlag.AlignVCenter)
        self.show_person(False)

    def show_last(self, tone_name: str, said: str) -> None:
        """What the last scan meant and what came of it, for as long as it is the last."""
        tone(self.last, tone_name)
        self.last.say(said)
        size = worn().density.icon
        sign = _SIGNS.get(tone_name)
        self._sign.setPixmap(picture(sign, tone_name, size, self.devicePixelRatioF()) if sign else picture("scan", "quiet", size))

    def show_person(self, there: bool) -> None:
        """Only somebody who is signed in finds things; what came of another person's scan is gone."""
        self.box.setPlaceholderText(say(_("Scan or find")))
        self._pill.show_state()
        self.box.setVisible(there)
        self._all.setText(say(_("All")))
        self._all.setToolTip(say(_("Everything that you can open or do here (Ctrl+K)")))
        self._all.setVisible(there)
        self._brand.setVisible(not there)
        self.last.say("")
        self._sign.clear()

    def clear(self) -> None:
        """Empties the field; what is typed next starts anew."""
        self.box.clear()
        self.sought.emit("")


class Fitting(QLabel):
    """A sentence on one or two lines in a fixed place. What does not fit is in its tool tip and its accessible text."""

    def __init__(self, parent: QWidget | None = None) -> None:
        super().__init__(parent)
        self._said = ""
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Preferred)

    def say(self, said: str) -> None:
        self._said = said
        self.setToolTip(said)
        self.setAccessibleDescription(said)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Two lines at most; the rest stands in the task area, where there is room."""
        metrics = QFontMetrics(self.font())
        room = max(0, 2 * self.width() - 4 * metrics.averageCharWidth())
        self.setText(metrics.elidedText(self._said, Qt.TextElideMode.ElideRight, room))
