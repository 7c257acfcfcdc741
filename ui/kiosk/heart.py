"""Heart: as long as the window's loop turns, whoever watches over it hears of it; without them, the window closes."""

from __future__ import annotations

import os
import sys

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from ui.kiosk.guard import let_go
from ui.kiosk.signs import BEAT, BUSY, LEFT, WATCHED

EVERY = 500  # milliseconds


class Heart(QTimer):
    """Beats from the screen's own thread: a window that hangs is silent."""

    def __init__(self, qt: QApplication) -> None:
        super().__init__(qt, interval=EVERY)
        self._qt = qt
        self._file = sys.stdout.fileno()
        self.timeout.connect(lambda: self._tell(BEAT))
        qt.aboutToQuit.connect(lambda: self._tell(BUSY))
        self.start()
        self.singleShot(0, self, lambda: self._tell(BEAT))

    def _tell(self, sign: bytes) -> None:
        try:
            os.write(self._file, sign)
        except OSError:  # nobody watches any more: another window must find the store free
            self.stop()
            let_go(self._qt)
            self._qt.closeAllWindows()
            self._qt.quit()


def watched() -> bool:
    """Whether somebody watches over this window."""
    return bool(os.environ.get(WATCHED))


def leave(qt: QApplication) -> None:
    """Somebody who may has left the kiosk: it closes, and is not started again."""
    if watched():
        os.write(sys.stdout.fileno(), LEFT)
    let_go(qt)
    qt.closeAllWindows()
