"""How evenly the screens' thread ticks while something else goes on: the longest it ever stands still is what a person feels."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Callable

from PySide6.QtCore import QEventLoop, Qt, QTimer

from ui.main import application

BEAT = 5  # milliseconds from one tick to the next


def ticking(act: Callable[[], None]) -> list[float]:
    """Runs `act` on a thread of its own while a timer ticks in the window's loop; the milliseconds between two ticks."""
    os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
    application()
    gaps: list[float] = []
    last = [time.perf_counter()]
    loop, wrong = QEventLoop(), list[BaseException]()

    def tick() -> None:
        now = time.perf_counter()
        gaps.append((now - last[0]) * 1000)
        last[0] = now
        if not worker.is_alive():
            loop.quit()

    def work() -> None:
        try:
            act()
        except BaseException as error:  # it is raised again where it was asked for
            wrong.append(error)

    worker = threading.Thread(target=work, name="beside the window")
    timer = QTimer(interval=BEAT, timerType=Qt.TimerType.PreciseTimer)
    timer.timeout.connect(tick)
    worker.start()
    timer.start()
    loop.exec()
    timer.stop()
    worker.join()
    if wrong:
        raise wrong[0]
    return gaps
