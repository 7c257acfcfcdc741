"""Entry: a window that stands before there is a terminal: its own thread for work, a row of buttons, and what went wrong."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from PySide6.QtGui import QCloseEvent
from PySide6.QtWidgets import QHBoxLayout, QMainWindow, QPushButton, QVBoxLayout, QWidget

from app.kernel.problems import Refused, Trouble
from app.kernel.words import _, say
from ui.kit.buttons import Button
from ui.kit.errand import BROKE
from ui.kit.glasskeys import GlassKeys
from ui.kit.runner import Runner
from ui.theme import worn

Deed = tuple[str, str, Callable[[], object]]


class Entry(QMainWindow):
    """There is no store yet, and so nothing else that writes: its one thread does."""

    def __init__(self, crash: Callable[[BaseException], None], name: str) -> None:
        super().__init__()
        self._writer = ThreadPoolExecutor(1, name)
        self._runner = Runner(self._writer, self._failed, crash, parent=self)
        self._keys: GlassKeys | None = None
        self._bar = QHBoxLayout()
        self._bar.setSpacing(worn().density.gap)
        self._buttons: list[QPushButton] = []
        self.setWindowTitle("Fettle")
        self.setMinimumSize(1024, 600)

    def _hold(self, inside: QWidget) -> None:
        """What the window shows, over the keys for a glass without a keyboard."""
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(0)
        column.addWidget(inside, 1)
        self._keys = GlassKeys()
        column.addWidget(self._keys)
        self.setCentralWidget(whole)

    def _offer(self, *deeds: Deed) -> None:
        """The buttons that there are now: the way back at the left, the filled one last."""
        for button in self._buttons:
            button.hide()
            button.deleteLater()
        while self._bar.count():
            self._bar.takeAt(0)
        self._buttons = []
        for place, (label, icon, run) in enumerate(deeds, start=1):
            button = Button(say(label), icon, "primary" if place == len(deeds) > 1 else "")
            button.setMinimumHeight(worn().density.primary_target)
            button.clicked.connect(lambda _on=False, do=run: do())
            self._bar.addWidget(button)
            self._buttons.append(button)
            if place == 1:
                self._bar.addStretch()

    def _failed(self, error: Refused | Trouble) -> None:
        """Something was refused, or in trouble, that nothing on the screen waits for."""
        raise NotImplementedError

    def broke(self, report: Path) -> None:
        """A bug: the work stays as it is, and a file tells of it."""
        hint = _("A report for your supplier was written: {name}")
        self._failed(Trouble(BROKE, _("Something in the program broke."), hint, {"name": report.name}))

    def closeEvent(self, event: QCloseEvent) -> None:
        """Ends what is under way, and waits for that: the store is nobody else's meanwhile."""
        if self._keys is not None:
            self._keys.leave()
            self._keys = None
        self._runner.close()
        self._writer.shutdown(wait=True, cancel_futures=True)
        super().closeEvent(event)
