"""Facts: how the terminal stands to its hub, in words that are read from the top: what is wrong first."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QGridLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.sync.reading import Known
from ui.theme import role, tone, worn


class Facts(QScrollArea):
    """All that is known, to be scrolled through."""

    def __init__(self) -> None:
        super().__init__()
        self.setWidgetResizable(True)
        self.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)

    def show_known(self, found: Known) -> None:
        """Draws it anew."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        gap = worn().density.gap
        column.setContentsMargins(0, 0, gap, 0)
        column.setSpacing(gap)
        column.addWidget(_words(found.state, "title", found.tone))
        for problem in found.problems:
            column.addWidget(_told(problem))
        column.addLayout(_grid(found.facts))
        if found.notices:
            column.addWidget(role(QLabel(say(_("Put right by itself"))), "heading"))
            column.addLayout(_grid(found.notices))
        if found.fresh:
            column.addWidget(role(QLabel(say(_("Up to when everything is here"))), "heading"))
            column.addLayout(_grid(found.fresh))
        column.addStretch()
        self.setWidget(inside)


def _told(problem: Problem) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(_words(problem.sentence, "heading", "warn"))
    column.addWidget(_words(problem.advice, "quiet"))
    return box


def _words(text: str, name: str, tone_name: str = "") -> QLabel:
    label = tone(role(QLabel(text), name), tone_name)
    label.setTextFormat(Qt.TextFormat.PlainText)
    label.setWordWrap(True)
    return label


def _grid(pairs: tuple[tuple[str, str], ...]) -> QGridLayout:
    grid = QGridLayout()
    grid.setHorizontalSpacing(2 * worn().density.gap)
    grid.setColumnStretch(1, 1)
    for line, (label, value) in enumerate(pairs):
        grid.addWidget(_words(label, "quiet"), line, 0, Qt.AlignmentFlag.AlignTop)
        grid.addWidget(_words(value, ""), line, 1)
    return grid
