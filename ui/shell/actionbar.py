"""Action bar: Undo at the left, naming what it undoes; what else can be done; and the one filled button at the right."""

from __future__ import annotations

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QFontMetrics, QResizeEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QPushButton, QSizePolicy

from app.kernel.words import _, say
from ui.kit.buttons import HoldButton, primary, secondary
from ui.kit.fitted import fitted
from ui.kit.icons import picture
from ui.kit.screen import Deed
from ui.theme import role, worn

UNDO_LINES, EDGE = 2, 12
WIDE, NARROW = 13, 8  # letters of Undo beside each other
MOST = 4  # buttons that a tired eye takes in; the others are behind “More”


class ActionBar(QFrame):
    """`undone` says that Undo was pressed, `more` carries the deeds for which there was no room."""

    undone = Signal()
    more = Signal(list)

    def __init__(self) -> None:
        super().__init__()
        role(self, "bar")
        gap = worn().density.gap
        self.setFixedHeight(worn().density.primary_target + 2 * gap)
        self._undo = UndoButton()
        self._undo.clicked.connect(self.undone)
        self._buttons: list[QPushButton] = []
        self._deeds: tuple[Deed, ...] = ()
        self._filled = False
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(2 * gap, gap, 2 * gap, gap)
        self._line.setSpacing(gap)
        self._more = secondary(say(_("More")), "more")
        self._more.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
        self._more.clicked.connect(self._ask_more)
        self._more.hide()
        self._hidden: list[int] = []
        self._line.addWidget(self._undo)
        self._line.addStretch()
        self._line.addWidget(self._more)

    def show_undo(self, words: str) -> None:
        """Names what Undo would take back; empty hides it."""
        self._undo.name(words)
        self._fit()

    def show_deeds(self, others: tuple[Deed, ...], first: Deed | None) -> None:
        """The buttons of the screen that is seen now, the most needed last; the same ones as before stay where they are."""
        deeds = (*others, first) if first else others
        same = [deed.look for deed in deeds] == [deed.look for deed in self._deeds] and self._filled == (first is not None)
        self._deeds, self._filled = deeds, first is not None
        self._more.setText(say(_("More")))  # the bar is there before anybody is signed in, and speaks to whoever is
        if same:
            return
        for button in self._buttons:
            self._line.removeWidget(button)
            button.hide()
            button.deleteLater()
        self._buttons = [self._made(place, deed, filled=deed is first) for place, deed in enumerate(deeds)]
        for button in self._buttons:
            self._line.addWidget(button)
        self._fit()

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """Those for which there is no room are behind “More”; the ones at the right stay longest. Before one that is to stay is
        put there, Undo says what it takes back in less room."""
        for wide in (WIDE, NARROW):
            self._undo.take(wide)
            self._share_out()
            if not any(self._deeds[place].stays for place in self._hidden):
                break

    def _share_out(self) -> None:
        gap = self._line.spacing()
        room = self.width() - 4 * gap - self._undo.sizeHint().width() - gap
        widths = [button.sizeHint().width() + gap for button in self._buttons]
        if sum(widths) > room or len(widths) > MOST:
            room -= self._more.sizeHint().width() + gap
        last = len(self._buttons) - 1
        order = sorted(range(len(self._buttons)), key=lambda place: (place != last, not self._deeds[place].stays, -place))
        self._hidden = []
        for rank, place in enumerate(order):
            seen = place == last or (room >= widths[place] and rank < MOST)
            room -= widths[place] if seen else 0
            self._buttons[place].setVisible(seen)
            self._hidden += [] if seen else [place]
        self._more.setVisible(bool(self._hidden))

    def _ask_more(self) -> None:
        self.more.emit([self._deeds[place] for place in self._hidden])

    def _made(self, place: int, deed: Deed, *, filled: bool) -> QPushButton:
        if deed.grave:
            held = HoldButton(deed.label, deed.icon)
            held.confirmed.connect(lambda: self._do(place))
            return _dressed(held, deed)
        button = primary(deed.label, deed.icon) if filled else secondary(deed.label, deed.icon)
        button.clicked.connect(lambda: self._do(place))
        return _dressed(button, deed)

    def _do(self, place: int) -> None:
        if place < len(self._deeds):
            self._deeds[place].run()


class UndoButton(QPushButton):
    """Undo with the words of what it takes back, on two lines where they are long; what stands on no second line is in the tool
    tip, and read out."""

    def __init__(self) -> None:
        super().__init__()
        self._words = role(QLabel(), "door")
        self._words.setWordWrap(True)
        self._words.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        sign = QLabel()
        sign.setPixmap(picture("undo", "text", worn().density.icon, self.devicePixelRatioF()))
        sign.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents)
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(EDGE, 0, EDGE, 0)
        line.addWidget(sign)
        line.addWidget(self._words, 1)
        kept = QSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
        kept.setRetainSizeWhenHidden(True)  # nothing beside it moves when there is something to undo
        self.setSizePolicy(kept)
        self._letters = WIDE
        self.hide()

    def sizeHint(self) -> QSize:
        return QSize(self._letters * worn().density.body, worn().density.primary_target)

    def take(self, letters: int) -> None:
        """So much room it has."""
        self._letters = letters
        self.updateGeometry()
        self._write()

    def name(self, words: str) -> None:
        said = say(_("Undo: {what}"), what=words)
        self.setAccessibleName(said)
        self.setToolTip(said)
        self._write()
        self.setVisible(bool(words))

    def _write(self) -> None:
        said = self.toolTip()
        room = self.sizeHint().width() - 2 * EDGE - worn().density.icon - self._line.spacing()
        self._words.setText(fitted(said, QFontMetrics(worn().font("small")), room, UNDO_LINES))


def _dressed(button: QPushButton, deed: Deed) -> QPushButton:
    button.setEnabled(deed.live)
    button.setToolTip(deed.why)
    button.setSizePolicy(QSizePolicy.Policy.Minimum, QSizePolicy.Policy.Expanding)
    return button
