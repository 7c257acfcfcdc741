"""Fitted: words in a fixed number of lines; what does not fit is left off at a word, and stands in the tool tip."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QFont, QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QLabel, QSizePolicy

from ui.theme import role

MORE = "…"
WHOLE = "\u2011"  # a hyphen at which no line ends: a number plate stays in one piece


class Fitted(QLabel):
    """A text of a role in so many lines of its font, as high as these whatever it says."""

    def __init__(self, said: str, name: str, font: QFont, lines: int) -> None:
        super().__init__()
        role(self, name)
        self._said, self._lines, self._metrics = said.replace("-", WHOLE), lines, QFontMetrics(font)
        self.setWordWrap(True)
        self.setToolTip(said)
        self.setAlignment(Qt.AlignmentFlag.AlignTop | Qt.AlignmentFlag.AlignLeft)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self.setFixedHeight(lines * self._metrics.lineSpacing() + 2)
        self.setSizePolicy(QSizePolicy.Policy.Ignored, QSizePolicy.Policy.Fixed)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self.setText(fitted(self._said, self._metrics, self.width(), self._lines))


def fitted(said: str, metrics: QFontMetrics, width: int, lines: int) -> str:
    """As many words as stand in the lines; where not even the second does, as much of it as stands in one."""
    words, most = said.split(), (2 * lines + 1) * metrics.lineSpacing() // 2
    text = said
    while words and metrics.boundingRect(0, 0, width, 10_000, Qt.TextFlag.TextWordWrap, text).height() > most:
        words.pop()
        text = " ".join(words) + MORE
    return text if len(words) > 1 or text == said else metrics.elidedText(said, Qt.TextElideMode.ElideRight, width)
