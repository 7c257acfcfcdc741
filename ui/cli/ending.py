"""Beginning and ending of the window's program: it says when it can be scanned into, and ends cleanly when it is told to."""

from __future__ import annotations

import os
import signal
import socket
from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QSocketNotifier, QTimer
from PySide6.QtWidgets import QApplication

from ui.kiosk.guard import let_go

READY = "FETTLE_ANNOUNCE_READY"  # in the environment: a line on stdout once a scan would be taken


def end_when_told(qt: QApplication) -> None:
    """On SIGTERM or SIGINT the windows close as by hand: what was begun is finished, and the next start is a quick one.

    Qt's loop lets no signal handler run, so the signal itself wakes it through a socket.
    """
    ours, wakes = socket.socketpair()
    wakes.setblocking(False)
    notifier = QSocketNotifier(ours.fileno(), QSocketNotifier.Type.Read, qt)
    notifier.activated.connect(lambda: woken(ours))
    signal.set_wakeup_fd(wakes.fileno(), warn_on_full_buffer=False)
    qt.aboutToQuit.connect(_forgetting(notifier, ours, wakes))

    def end(_number: int, _frame: Any) -> None:
        let_go(qt)
        qt.closeAllWindows()
        qt.quit()

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, end)


def woken(ours: socket.socket) -> None:
    """A signal came, and its handler runs as soon as Python does. It may have come last of all, when the loop was gone."""
    if ours.fileno() >= 0:
        ours.recv(64)


def _forgetting(notifier: QSocketNotifier, ours: socket.socket, wakes: socket.socket) -> Callable[[], None]:
    """All of it goes with the loop: another window of this program may follow, with a loop of its own."""

    def forget() -> None:
        if wakes.fileno() < 0:
            return
        signal.set_wakeup_fd(-1)
        notifier.setEnabled(False)
        ours.close()
        wakes.close()

    return forget


def announce_when_ready() -> None:
    """Tells whoever asked for it by the environment that the event loop turns and the window has been drawn."""
    if os.environ.get(READY):
        QTimer.singleShot(0, lambda: QTimer.singleShot(0, lambda: print("ready", flush=True)))
