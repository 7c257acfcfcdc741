"""Steps: what is being done, one under the other: what is over has its tick, what is under way its count and a bar."""

from __future__ import annotations

from PySide6.QtCore import QRectF
from PySide6.QtGui import QPainter, QPaintEvent
from PySide6.QtWidgets import QGridLayout, QLabel, QWidget

from ui.kit.icons import picture
from ui.theme import role, worn

SIGNS = {"over": ("check", "ok"), "now": ("next", "primary"), "later": ("next", "line"), "failed": ("cross", "danger")}


class Steps(QWidget):
    """The steps by their words, in order."""

    def __init__(self, words: tuple[str, ...]) -> None:
        super().__init__()
        self._grid = QGridLayout(self)
        self._grid.setContentsMargins(0, 0, 0, 0)
        self._grid.setHorizontalSpacing(2 * worn().density.gap)
        self._grid.setVerticalSpacing(worn().density.gap)
        self._grid.setColumnStretch(1, 1)
        self._signs = [QLabel() for _word in words]
        self._words = [role(QLabel(word), "heading") for word in words]
        self._counts = [role(QLabel(), "quiet") for _word in words]
        self._bars = [Bar() for _word in words]
        for line, label in enumerate(self._words):
            label.setWordWrap(True)
            self._grid.addWidget(self._signs[line], 2 * line, 0)
            self._grid.addWidget(label, 2 * line, 1)
            self._grid.addWidget(self._counts[line], 2 * line, 2)
            self._grid.addWidget(self._bars[line], 2 * line + 1, 1, 1, 2)
        self.reach(0)

    def reach(self, step: int, *, failed: bool = False) -> None:
        """Everything before this step is over; `failed` where it came to nothing in it."""
        for line, sign in enumerate(self._signs):
            state = "over" if line < step else ("failed" if failed else "now") if line == step else "later"
            sign.setPixmap(picture(*SIGNS[state], worn().density.icon, self.devicePixelRatioF()))
            self._words[line].setAccessibleDescription(state)
            self._bars[line].setVisible(line == step and not failed)
            if line < step:
                self._counts[line].clear()

    def count(self, step: int, words: str, share: float) -> None:
        """How far the step under way is, in words and as a share from 0 to 1."""
        self._counts[step].setText(words)
        self._bars[step].fill(share)


class Bar(QWidget):
    """A line that fills up."""

    def __init__(self) -> None:
        super().__init__()
        self._share = 0.0
        self.setFixedHeight(worn().density.gap)

    def fill(self, share: float) -> None:
        self._share = min(max(share, 0.0), 1.0)
        self.update()

    def paintEvent(self, event: QPaintEvent) -> None:
        painter = QPainter(self)
        painter.fillRect(self.rect(), worn().color("line"))
        painter.fillRect(QRectF(0, 0, self.width() * self._share, self.height()), worn().color("primary"))
        painter.end()
