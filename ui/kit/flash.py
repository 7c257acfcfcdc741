"""Flash: the full-width twin of each sound, for loud halls and deaf ears, to be read from three metres."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QEvent, QObject, Qt, QTimer, Signal
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from app.kernel.words import _, say
from ui.kit.icons import picture
from ui.kit.sound import Outcome, Sounds
from ui.theme import role, tone
from ui.theme.theme import worn

SHOWN = 1_500
"""Milliseconds that a flash stands; an error stands until somebody saw it."""
_LONG = 60  # characters that fit beside the word on the smallest screen


@dataclass(frozen=True)
class _Look:
    tone: str
    icon: str
    word: str


_LOOKS = {
    Outcome.OK: _Look("ok", "check", _("Done")),
    Outcome.HEARD: _Look("", "scan", _("Heard")),
    Outcome.ASK: _Look("ask", "question", _("Question")),
    Outcome.DUPLICATE: _Look("warn", "twice", _("Scanned twice")),
    Outcome.ERROR: _Look("danger", "cross", _("Not done")),
}


class FlashStrip(QFrame):
    """A strip over the top of its parent, in the outcome's tone, with an icon, a word and the sentence.

    It lets taps through to what is under it, except an error's, which a tap acknowledges, as the next scan does.
    """

    acknowledged = Signal()

    def __init__(self, parent: QWidget, height: int = 0) -> None:
        """`height` is that of what it may cover, such as the scan line; its own where nothing is said."""
        super().__init__(parent)
        self._around, self._height = parent, height
        role(self, "flash")
        self._picture, self._word, self._said = QLabel(), role(QLabel(), "word"), role(QLabel(), "said")
        self._said.setWordWrap(True)
        line = QHBoxLayout(self)
        line.setContentsMargins(24, 0, 24, 0)
        line.setSpacing(20)
        line.addWidget(self._picture)
        line.addWidget(self._word)
        line.addWidget(self._said, 1)
        self._outcome: Outcome | None = None
        self._timer = QTimer(self, singleShot=True, interval=SHOWN)
        self._timer.timeout.connect(self.hide)
        parent.installEventFilter(self)
        self.hide()

    @property
    def standing(self) -> bool:
        """Whether an error is shown that nobody has acknowledged yet."""
        return self._outcome is Outcome.ERROR and not self.isHidden()

    def show_outcome(self, outcome: Outcome, sentence: str) -> None:
        """Shows what became of a scan in place of whatever was shown before."""
        self._outcome = outcome
        look = _LOOKS[outcome]
        tone(self, look.tone)
        self._word.setText(say(look.word))
        role(self._said, "said" if len(sentence) <= _LONG else "said_long")
        self._said.setText(sentence)
        self.setAccessibleName(f"{self._word.text()}: {sentence}")
        self._dress()
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, outcome is not Outcome.ERROR)
        self._timer.stop() if outcome is Outcome.ERROR else self._timer.start()
        self.show()
        self.raise_()

    def acknowledge(self) -> None:
        """Takes away an error that somebody has seen."""
        if self.standing:
            self.hide()
            self.acknowledged.emit()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.acknowledge()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and self._outcome:
            self._dress()

    def _dress(self) -> None:
        if self._outcome:
            self._picture.setPixmap(
                picture(_LOOKS[self._outcome].icon, "ground", round(worn().density.sentence * 1.2), self.devicePixelRatioF())
            )
        self._place()

    def _place(self) -> None:
        density = worn().density
        self.setGeometry(0, 0, self._around.width(), self._height or 2 * (density.sentence + density.gap))


class Announcer:
    """The one place where an outcome is made heard and seen.

    The answers of the runner call it, after the store has committed: nothing else plays a sound, so the OK tone always
    means that the work is kept.
    """

    def __init__(self, sounds: Sounds, strip: FlashStrip) -> None:
        self._sounds, self._strip = sounds, strip

    def announce(self, outcome: Outcome, sentence: str) -> None:
        """Plays the outcome's sound and shows its flash with a sentence in the reader's words."""
        self._sounds.play(outcome)
        self._strip.show_outcome(outcome, sentence)
