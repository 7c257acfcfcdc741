"""Toast: a message above the action bar that never moves, nor covers from a tap, what is under a finger."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, Qt, QTimer
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QWidget

from ui.kit.icons import picture
from ui.theme import role, tone
from ui.theme.theme import worn

_ICONS = {"ok": "check", "ask": "question", "warn": "warn", "danger": "cross"}
_AT_LEAST, _A_CHARACTER = 4_000, 60  # milliseconds to notice it, and to read it
_AIMED = 600  # milliseconds in which a tap was meant for what lies under a message that has just come


class Toast(QFrame):
    """A message at the bottom of its parent, the task area. One at a time; the newest stands.

    It goes when it can have been read; one in the tone `danger` stays until it is tapped, cleared or replaced.
    """

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        role(self, "toast")
        self._picture, self._sentence = QLabel(), QLabel()
        self._sentence.setWordWrap(True)
        self._line = line = QHBoxLayout(self)
        line.setContentsMargins(20, 12, 20, 12)
        line.setSpacing(12)
        line.addWidget(self._picture)
        line.addWidget(self._sentence, 1)
        self._tone = ""
        self._life = QTimer(self, singleShot=True)
        self._life.timeout.connect(self.clear)
        self._aimed = QTimer(self, singleShot=True, interval=_AIMED)
        self._aimed.timeout.connect(lambda: self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, False))
        parent.installEventFilter(self)
        self.hide()

    @property
    def sentence(self) -> str:
        """What is shown, or nothing."""
        return "" if self.isHidden() else self._sentence.text()

    def show_message(self, sentence: str, tone_name: str = "") -> None:
        """Shows a whole sentence in the reader's words; the tone is ok, ask, warn, danger, or none for a plain notice."""
        self._tone = tone_name
        tone(self, tone_name)
        self._sentence.setText(sentence)
        self.setAccessibleName(sentence)
        self.setAttribute(Qt.WidgetAttribute.WA_TransparentForMouseEvents, True)
        self._aimed.start()
        self._life.stop() if tone_name == "danger" else self._life.start(max(_AT_LEAST, _A_CHARACTER * len(sentence)))
        self._dress()
        self.show()
        self.raise_()

    def clear(self) -> None:
        """Takes the message away."""
        self._life.stop()
        self._aimed.stop()
        self.hide()

    def mousePressEvent(self, event: QMouseEvent) -> None:
        self.clear()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self._place()
        return False

    def changeEvent(self, event: QEvent) -> None:
        super().changeEvent(event)
        if event.type() == QEvent.Type.StyleChange and not self.isHidden():
            self._dress()

    def _dress(self) -> None:
        size = worn().density.icon
        self._picture.setPixmap(picture(_ICONS.get(self._tone, "info"), "ground", size, self.devicePixelRatioF()))
        self._place()

    def _place(self) -> None:
        around, margin = self._around, worn().density.gap
        width = min(around.width() - 2 * margin, 40 * worn().density.large)
        height = max(self._line.heightForWidth(width), worn().density.target)
        self.setGeometry((around.width() - width) // 2, around.height() - height - margin, width, height)
