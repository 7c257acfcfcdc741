"""Room: what there is to say of the disk, on a line of its own: how little is free, and what to do."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from ui.kit.icons import picture
from ui.kit.readable import words
from ui.theme import tone, worn

_TONES = {"room.low": "warn"}  # any less is red


def tone_of(problem: Problem) -> str:
    """How much it matters."""
    return _TONES.get(problem.code, "danger")


class RoomLine(QWidget):
    """Seen only while there is something to say."""

    def __init__(self) -> None:
        super().__init__()
        self._sign, self._sentence, self._advice = QLabel(), words("", "heading"), words("")
        column = QVBoxLayout()
        column.setSpacing(0)
        column.addWidget(self._sentence)
        column.addWidget(self._advice)
        line = QHBoxLayout(self)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(worn().density.gap)
        line.addWidget(self._sign, 0, Qt.AlignmentFlag.AlignTop)
        line.addLayout(column, 1)
        self.hide()

    def show_room(self, problem: Problem | None) -> None:
        """How it stands now; None while there is room."""
        if problem is not None:
            mark = tone_of(problem)
            self._sign.setPixmap(picture("warn", mark, worn().density.icon, self.devicePixelRatioF()))
            tone(self._sentence, mark)
            self._sentence.setText(problem.sentence)
            self._advice.setText(problem.advice)
        self.setVisible(problem is not None)
