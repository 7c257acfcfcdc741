"""Facts: how the terminal stands to its hub, in words that are read from the top: what is wrong first."""

from __future__ import annotations

from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.kit.readable import ReadArea, table, words
from ui.sync.reading import Known
from ui.theme import role, worn


class Facts(ReadArea):
    """All that is known, to be scrolled through."""

    def show_known(self, found: Known) -> None:
        """Draws it anew."""
        inside = QWidget()
        column = QVBoxLayout(inside)
        gap = worn().density.gap
        column.setContentsMargins(0, 0, gap, 0)
        column.setSpacing(gap)
        column.addWidget(words(found.state, "title", found.tone))
        for problem in found.problems:
            column.addWidget(_told(problem))
        column.addLayout(table(found.facts))
        if found.notices:
            column.addWidget(role(QLabel(say(_("Put right by itself"))), "heading"))
            column.addLayout(table(found.notices))
        if found.fresh:
            column.addWidget(role(QLabel(say(_("Up to when everything is here"))), "heading"))
            column.addLayout(table(found.fresh))
        column.addStretch()
        self.setWidget(inside)


def _told(problem: Problem) -> QWidget:
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.setSpacing(0)
    column.addWidget(words(problem.sentence, "heading", "warn"))
    column.addWidget(words(problem.advice, "quiet"))
    return box
