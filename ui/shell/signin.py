"""Sign-in: a badge opens the terminal; a name and a PIN do where there is no badge."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.access.sign_in import Desk, Tile
from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.kit.bench import Bench
from ui.kit.buttons import secondary
from ui.kit.icons import picture
from ui.kit.live import Live, Once
from ui.kit.pad import Pad
from ui.kit.tiles import BigTile, grid_of
from ui.theme import role, tone, worn


class SignInPage(QWidget):
    """`typed` carries the person and the PIN that was typed."""

    typed = Signal(object, str)

    def __init__(self, bench: Bench, desk: Desk) -> None:
        super().__init__()
        self._person: UUID | None = None
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sentence = role(QLabel(), "sentence")
        self._sentence.setWordWrap(True)
        self._advice = role(QLabel(), "heading")
        self._advice.setWordWrap(True)
        inside = QWidget()
        self._people = QVBoxLayout(inside)
        self._people.setContentsMargins(0, 0, 0, 0)
        self._names = _scrolled(inside)
        self._pad = Pad(say(_("Sign in")), secret=True)
        self._pad.entered.connect(self._entered)
        self._pad.setMinimumWidth(26 * worn().density.body)
        self._somebody = secondary(say(_("Somebody else")), "back")
        self._somebody.clicked.connect(self.reset)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, 2 * gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addLayout(self._top())
        layout.addWidget(self._names, 1)
        below = QHBoxLayout()
        below.addWidget(self._pad, 0, Qt.AlignmentFlag.AlignTop)
        below.addStretch()
        below.addWidget(self._somebody, 0, Qt.AlignmentFlag.AlignBottom)
        layout.addLayout(below, 1)
        self._once = Once(bench, self, lambda: desk.people, self._show_people)
        Live(bench, self, lambda: frozenset({"person"}), self._once.ask)
        self.reset()

    def _top(self) -> QHBoxLayout:
        sign = QLabel()
        sign.setPixmap(picture("scan", "text", round(1.6 * worn().density.sentence), self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._sentence)
        words.addWidget(self._advice)
        line = QHBoxLayout()
        line.setSpacing(3 * worn().density.gap)
        line.addWidget(sign)
        line.addLayout(words, 1)
        return line

    def _show_people(self, people: list[Tile]) -> None:
        while item := self._people.takeAt(0):
            _gone(item.widget(), item.layout())
        tiles = []
        for person in people:
            if person.has_pin:
                tile = BigTile(person.name, "", "people")
                tile.clicked.connect(lambda _checked=False, one=person: self.ask_pin(one))
                tiles.append(tile)
        holder = QWidget()
        holder.setLayout(grid_of(tiles, 3))
        self._people.addWidget(holder)
        self._people.addStretch()

    def reset(self) -> None:
        """Asks for a badge."""
        self._person = None
        self._pad.clear()
        self._say(say(_("Scan your badge")), say(_("No badge? Touch your name and type your PIN.")), "")
        self._ask_for_pin(False)

    def ask_pin(self, person: Tile) -> None:
        """Asks this person for their PIN."""
        self._person = person.id
        self._pad.clear()
        self._say(say(_("{name}, type your PIN"), name=person.name), "", "")
        self._ask_for_pin(True)
        self._pad.setFocus()

    def _ask_for_pin(self, pin: bool) -> None:
        self._pad.setVisible(pin)
        self._somebody.setVisible(pin)
        self._names.setVisible(not pin)

    def refuse(self, problem: Problem) -> None:
        """Says why nobody was let in."""
        self._pad.clear()
        self._say(problem.sentence, problem.advice, "danger")

    def _say(self, sentence: str, advice: str, tone_name: str) -> None:
        self._sentence.setText(sentence)
        tone(self._sentence, tone_name)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))

    def _entered(self, pin: str) -> None:
        if self._person is not None:
            self.typed.emit(self._person, pin)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits typed anywhere on this page go to the pad."""
        if not self._pad.isHidden():
            self._pad.keyPressEvent(event)
        else:
            super().keyPressEvent(event)


def _scrolled(inside: QWidget) -> QScrollArea:
    area = QScrollArea()
    area.setWidgetResizable(True)
    area.setFocusPolicy(Qt.FocusPolicy.NoFocus)
    area.setWidget(inside)
    return area


def _gone(widget: QWidget | None, _layout: object) -> None:
    if widget is not None:
        widget.hide()
        widget.deleteLater()
