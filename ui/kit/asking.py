"""Asking: a question drawn in the task area, with its tiles, its number pad or its search."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QPushButton, QScrollArea, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import HoldButton, primary
from ui.kit.pad import Pad
from ui.kit.picker import Picker
from ui.kit.question import Question, Tile
from ui.kit.sentence import Sentence
from ui.kit.tiles import BigTile, grid_of
from ui.theme import role, worn


class Asking(QWidget):
    """A question on the screen. `answered` carries its answer, `left` says that it stays unanswered."""

    answered = Signal(object)
    left = Signal()

    def __init__(self, bench: Bench, question: Question, where: str = "", near: UUID | None = None) -> None:
        super().__init__()
        self.question = question
        self._near = near
        self._tiles: list[QPushButton] = []
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self.setAccessibleName(question.sentence)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        layout.setSpacing(gap)
        if where and question.kind not in ("number", "pin"):  # where there is a pad, there is no room for it
            layout.addWidget(_words(where, "quiet"))
        sentence = Sentence()
        sentence.say(question.sentence, question.tone)
        layout.addWidget(sentence)
        if question.advice and question.kind not in ("number", "pin"):  # there it stands beside the pad
            layout.addWidget(_words(question.advice, "heading"))
        layout.addWidget(self._answers(bench), 1)

    def _answers(self, bench: Bench) -> QWidget:
        match self.question.kind:
            case "number":
                return self._beside(self._pad(Pad(say(_("Take this number")), decimals=self.question.decimals)))
            case "pin":
                return self._beside(self._pad(Pad(say(_("Take this PIN")), secret=True)))
            case "find":
                return self._picker(bench)
            case "text":
                return _held(self._line())
            case _:
                return self._choices()

    def _choices(self) -> QWidget:
        for place, tile in enumerate(self.question.tiles, start=1):
            self._tiles.append(self._tile(tile, place))
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid_of(self._tiles, 2 if len(self._tiles) <= 4 else 3))
        column.addStretch()
        area = QScrollArea()
        area.setWidgetResizable(True)
        area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        area.setWidget(inside)
        return area

    def _tile(self, tile: Tile, place: int) -> QPushButton:
        if tile.grave:
            held = HoldButton(tile.label, tile.icon)
            held.setMinimumHeight(worn().density.primary_target + worn().density.gap)
            held.confirmed.connect(lambda: self.answered.emit(tile.value))
            return held
        big = BigTile(tile.label, tile.note, lead=str(place) if place < 10 else "", icon_name=tile.icon if place > 9 else "")
        big.clicked.connect(lambda: self.answered.emit(tile.value))
        return big

    def _pad(self, pad: Pad) -> QWidget:
        pad.entered.connect(self.answered.emit)
        pad.setFixedWidth(28 * worn().density.body)
        self.setFocusProxy(pad)
        return pad

    def _beside(self, pad: QWidget) -> QWidget:
        """A pad, and the advice to its right: above it there is no room on the smallest glass."""
        if not self.question.advice:
            return _held(pad)
        box = QWidget()
        line = QHBoxLayout(box)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(2 * worn().density.gap)
        line.addWidget(pad, 0, Qt.AlignmentFlag.AlignTop)
        line.addWidget(_words(self.question.advice, "heading"), 1, Qt.AlignmentFlag.AlignTop)
        return box

    def _picker(self, bench: Bench) -> QWidget:
        picker = Picker(bench, self.question.entity, self._near)
        picker.picked.connect(self.answered)
        self.setFocusProxy(picker)
        return picker

    def _line(self) -> QWidget:
        box = QWidget()
        column = QVBoxLayout(box)
        line = QLineEdit()
        line.setAccessibleName(self.question.sentence)
        save = primary(say(_("Keep this answer")))
        for signal in (save.clicked, line.returnPressed):
            signal.connect(lambda *_ignored: self._written(line.text().strip()))
        column.addWidget(line)
        column.addWidget(save)
        self.setFocusProxy(line)
        return box

    def _written(self, text: str) -> None:
        if text:
            self.answered.emit(text)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """A number key answers; Escape leaves."""
        number = int(event.text()) if event.text() and event.text() in "123456789" else 0
        if 0 < number <= len(self._tiles):
            self._tiles[number - 1].click()
        elif event.key() == Qt.Key.Key_Escape:
            self.left.emit()
        else:
            super().keyPressEvent(event)


def _words(text: str, name: str) -> QLabel:
    label = role(QLabel(text), name)
    label.setWordWrap(True)
    return label


def _held(inside: QWidget) -> QWidget:
    """In the middle of the width, at the top."""
    box = QWidget()
    column = QVBoxLayout(box)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(inside, 0, Qt.AlignmentFlag.AlignHCenter)
    column.addStretch()
    return box
