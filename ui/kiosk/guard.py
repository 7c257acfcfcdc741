"""Guard: a window that fills the screen and that neither a key nor the desktop closes."""

from __future__ import annotations

from PySide6.QtCore import QEvent, QObject, QTimer
from PySide6.QtWidgets import QApplication, QWidget

_KEPT = "kept"  # the application's own word for it: every way of closing that is meant takes it away first


class Guard(QObject):
    """Turns away what would close or shrink its window, until the application lets go."""

    def __init__(self, window: QWidget, qt: QApplication) -> None:
        super().__init__(window)
        self._window, self._qt = window, qt
        qt.setProperty(_KEPT, True)
        window.installEventFilter(self)
        window.showFullScreen()

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if not self._qt.property(_KEPT):
            return False
        if event.type() == QEvent.Type.Close:
            event.ignore()
            return True
        if event.type() == QEvent.Type.WindowStateChange and not self._window.isFullScreen():
            QTimer.singleShot(0, self._window, self._window.showFullScreen)
        return False


def let_go(qt: QApplication) -> None:
    """From here on windows may be closed."""
    qt.setProperty(_KEPT, False)
