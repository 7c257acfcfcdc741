"""Sentence: the biggest words on a screen, in one fixed place; a longer sentence is smaller, and nothing under it moves."""

from __future__ import annotations

from PySide6.QtCore import QEvent, Qt
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.theme import role, tone, worn

_STEPS = (("sentence", "sentence", 1), ("title", "title", 2), ("large", "heading", 3))  # size, role, lines

ROUNDING = 4  # pixels that Qt adds around lines of text


class Sentence(QLabel):
    """What to do next, or what was wrong."""

    def __init__(self) -> None:
        super().__init__()
        self.setWordWrap(True)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)
        self.setFixedHeight(_height())
        role(self, "sentence")

    def say(self, text: str, tone_name: str = "") -> None:
        """Shows the sentence in a tone."""
        self.setText(text)
        tone(self, tone_name)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self.minimumHeight() != _height():
            self.setFixedHeight(_height())
            self._fit()

    def _fit(self) -> None:
        """The biggest of three sizes in which the whole sentence stands."""
        for size, name, lines in _STEPS:
            role(self, name)
            metrics = QFontMetrics(worn().font(size, strong=True))
            needed = metrics.boundingRect(0, 0, self.width(), 10_000, Qt.TextFlag.TextWordWrap, self.text()).height()
            if needed <= lines * metrics.lineSpacing() + ROUNDING:
                return


def _height() -> int:
    return max(_line(size) * lines for size, _role, lines in _STEPS) + ROUNDING


def _line(size: str) -> int:
    return QFontMetrics(worn().font(size, strong=True)).lineSpacing()
