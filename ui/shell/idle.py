"""Idle: when nobody has touched, typed or scanned for a while, the terminal locks; what was open waits for its owner."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer, Signal
from PySide6.QtGui import QWindow

SECONDS = 120
_SIGNS = frozenset({QEvent.Type.KeyPress, QEvent.Type.MouseButtonPress, QEvent.Type.TouchBegin, QEvent.Type.Wheel})


class Idle(QObject):
    """Watches what comes in at a window, before any widget has it. `alone` says that nobody was there for so many seconds."""

    alone = Signal()

    def __init__(self, seconds: int = SECONDS, parent: QObject | None = None) -> None:
        super().__init__(parent)
        self._timer = QTimer(self, singleShot=True, interval=seconds * 1000)
        self._timer.timeout.connect(self.alone)
        self._timer.start()

    def watch(self, window: QWindow | None) -> None:
        """Begins to watch a window that is shown."""
        if window is not None:
            window.installEventFilter(self)

    @property
    def left(self) -> int:
        """Milliseconds until it says that nobody is there; less than none while it rests."""
        return self._timer.remainingTime()

    def wait_for(self, seconds: int) -> None:
        """Another patience, from now on."""
        if self._timer.interval() != seconds * 1000:
            self._timer.setInterval(seconds * 1000)

    def rest(self) -> None:
        """Waits for nobody until somebody stirs, as while a film is shown."""
        self._timer.stop()

    def stir(self) -> None:
        """Somebody is there."""
        self._timer.start()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() in _SIGNS:
            self.stir()
        return False
