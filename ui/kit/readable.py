"""Readable: words that are read from the top: sentences that wrap, pairs of a word and its value, and the area they scroll in."""

from __future__ import annotations

from collections.abc import Iterable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea

from ui.theme import role, tone, worn


class ReadArea(QScrollArea):
    """As wide as there is room; keys stay with whoever owns it."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)


def words(text: str, role_name: str = "", tone_name: str = "") -> QLabel:
    """A sentence as it is: nothing in it is taken for markup."""
    label = tone(role(QLabel(text), role_name), tone_name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def table(pairs: Iterable[tuple[str, str]]) -> QGridLayout:
    """Each word with its value beside it."""
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * worn().density.gap)
    grid.setColumnStretch(1, 1)
    for line, (label, value) in enumerate(pairs):
        grid.addWidget(role(QLabel(label), "quiet"), line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(words(value), line, 1)
    return grid
