"""Idle: when nobody has touched, typed or scanned for a while, the terminal locks; what was open waits for its owner."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal

SECONDS = 120
_SIGNS = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel})


class Idle(QObject):
    """Watches the program's events. `alone` says that nobody was there for so many seconds."""

    alone = Signal()

    def __init__(self, watched: QObject, seconds: int = SECONDS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=seconds * 1000)
        self._timer.timeout.connect(self.alone)
        self._timer.start()
        watched.installEventFilter(self)

    def stir(self) -> None:
        """Somebody is there."""
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS:
            self.stir()
        return False
