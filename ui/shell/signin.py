"""Sign-in: a badge opens the terminal; a name and a PIN do where there is no badge."""

from __future__ import annotations

from uuid import UUID

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent, QShowEvent
from PySide6.QtWidgets import QHBoxLayout, QLabel, QScrollArea, QStackedWidget, QVBoxLayout, QWidget

from app.access.regaining import Keeper
from app.access.sign_in import Desk, Tile
from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.access.regaining import RegainForm
from ui.kit.bench import Bench
from ui.kit.buttons import quiet, secondary
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
        self._bench = bench
        self._person: UUID | None = None
        self._checking = False  # a PIN was typed and is looked at
        self.setFocusPolicy(Qt.FocusPolicy.StrongFocus)
        self._sentence = role(QLabel(), "sentence")
        self._sentence.setWordWrap(True)
        self._advice = role(QLabel(), "heading")
        self._advice.setWordWrap(True)
        self._names = QScrollArea()
        self._names.setWidgetResizable(True)
        self._names.setFocusPolicy(Qt.FocusPolicy.NoFocus)
        self._head, self._below = self._top(), QStackedWidget()
        self._pad = Pad(say(_("Sign in")), secret=True)
        self._pad.entered.connect(self._entered)
        self._pad.setMinimumWidth(26 * worn().density.body)
        self._regain = RegainForm()
        self._regain.typed.connect(self._regained)
        self._regain.left.connect(self.reset)
        self._lost = quiet(say(_("Badge and PIN lost?")), "lock")
        self._lost.clicked.connect(self._ask_code)
        self._somebody = secondary(say(_("Somebody else")), "back")
        self._somebody.clicked.connect(self.reset)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(3 * gap, 2 * gap, 3 * gap, gap)
        layout.setSpacing(gap)
        layout.addWidget(self._head)
        layout.addWidget(self._below, 1)
        layout.addWidget(self._lost, 0, Qt.AlignmentFlag.AlignRight)
        self._below.addWidget(self._names)
        self._below.addWidget(self._pin_side())
        self._below.addWidget(self._regain)
        self._once = Once(bench, self, lambda: desk.people, self._show_people)
        Live(bench, self, lambda: frozenset({"person"}), self._once.ask)
        self.reset()

    def _top(self) -> QWidget:
        sign = QLabel()
        sign.setPixmap(picture("scan", "text", round(1.6 * worn().density.sentence), self.devicePixelRatioF()))
        words = QVBoxLayout()
        words.setSpacing(4)
        words.addWidget(self._sentence)
        words.addWidget(self._advice)
        top = QWidget()
        line = QHBoxLayout(top)
        line.setContentsMargins(0, 0, 0, 0)
        line.setSpacing(3 * worn().density.gap)
        line.addWidget(sign)
        line.addLayout(words, 1)
        return top

    def _pin_side(self) -> QWidget:
        side = QWidget()
        line = QHBoxLayout(side)
        line.setContentsMargins(0, 0, 0, 0)
        line.addWidget(self._pad, 0, Qt.AlignmentFlag.AlignTop)
        line.addStretch()
        line.addWidget(self._somebody, 0, Qt.AlignmentFlag.AlignBottom)
        return side

    def _show_people(self, people: list[Tile]) -> None:
        tiles = []
        for person in people:
            if person.has_pin:
                tile = BigTile(person.name, "", "people")
                tile.clicked.connect(lambda _checked=False, one=person: self.ask_pin(one))
                tiles.append(tile)
        inside = QWidget()
        column = QVBoxLayout(inside)
        column.setContentsMargins(0, 0, 0, 0)
        column.addLayout(grid_of(tiles, 3))
        column.addStretch()
        self._names.setWidget(inside)

    def reset(self) -> None:
        """Asks for a badge."""
        self._person, self._checking = None, False
        self._pad.clear()
        self._regain.empty()
        self._say(say(_("Scan your badge")), say(_("No badge? Touch your name and type your PIN.")), "")
        self._lost.setVisible(self._bench.begins is not None)
        self._below.setCurrentIndex(0)

    def _ask_code(self) -> None:
        """A supervisor helps whoever forgot a PIN; the code is for administrators whom nobody can help."""
        begins = self._bench.begins
        if begins is not None:
            self._bench.read(self, begins.keepers, self._show_code)

    def _show_code(self, known: list[Keeper]) -> None:
        self._person = None
        self._regain.begin(known)
        self._head.hide()  # the keys of the form need the room
        self._lost.hide()
        self._below.setCurrentIndex(2)
        self._regain.setFocus()

    def _regained(self, who: UUID, code: str, pin: str) -> None:
        begins = self._bench.begins

        def over(problem: Problem | None) -> None:
            if problem is not None:
                self._regain.fail(problem)
            else:
                self.typed.emit(who, pin)

        if begins is not None:
            self._bench.read(self, lambda: begins.regain(who, code, pin), over)

    def ask_pin(self, person: Tile) -> None:
        """Asks this person for their PIN."""
        self._person = person.id
        self._lost.hide()
        self._pad.clear()
        self._say(say(_("{name}, type your PIN"), name=person.name), "", "")
        self._below.setCurrentIndex(1)
        self._pad.setFocus()

    def refuse(self, problem: Problem) -> None:
        """Says why nobody was let in. A scan that means nothing leaves whoever types their PIN at it."""
        if self._below.currentWidget() is self._regain:
            self._regain.fail(problem)
            return
        if self._person is not None and not self._checking:
            return
        self._checking = False
        self._pad.clear()
        self._say(problem.sentence, problem.advice, "danger")

    def _say(self, sentence: str, advice: str, tone_name: str) -> None:
        self._head.show()
        self._sentence.setText(sentence)
        tone(self._sentence, tone_name)
        self._advice.setText(advice)
        self._advice.setVisible(bool(advice))

    def _entered(self, pin: str) -> None:
        if self._person is not None:
            self._checking = True
            self.typed.emit(self._person, pin)

    def showEvent(self, event: QShowEvent) -> None:
        super().showEvent(event)
        self.setFocus()

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Digits typed anywhere on this page go to the pad; Escape asks for a badge again."""
        if event.key() == Qt.Key.Key_Escape:
            self.reset()
        elif self._below.currentIndex() == 1:
            self._pad.keyPressEvent(event)
        else:
            super().keyPressEvent(event)
