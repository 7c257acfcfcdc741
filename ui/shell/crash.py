"""Crash page: something in the program broke. The work is kept, a report is written, and it offers to go on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Qt, Signal
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QHBoxLayout, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import primary
from ui.kit.readable import words
from ui.shell.lid import Lid
from ui.theme import worn

SAFE = _("What was saved is safe, and what you had typed is still there. Go on, and look whether the last thing was done.")


class CrashPage(Lid):
    """Covers the task until somebody goes on, by the button or the DONE card; keys go nowhere else meanwhile."""

    gone_on = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._sentence, self._what, self._where = words("", "sentence", "danger"), words("", "heading"), words("", "quiet")
        self._on = primary("", "next")
        self._on.clicked.connect(self.go_on)
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(self._on)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * gap, 4 * gap, 4 * gap, 4 * gap)
        layout.setSpacing(2 * gap)
        for label in (self._sentence, self._what, self._where):
            layout.addWidget(label)
        layout.addStretch()
        layout.addLayout(line)

    def show_report(self, path: Path) -> None:
        """Says in the language of whoever stands here what is so, and where the report is."""
        self._sentence.setText(say(_("Something in the program broke")))
        self._what.setText(say(SAFE))
        self._where.setText(say(_("A report for your supplier was written: {name}"), name=path.name))
        self._on.setText(say(_("Go on working")))
        self.cover()

    @property
    def first(self) -> QWidget:
        return self._on

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """Enter goes on; no other key reaches what is underneath."""
        if event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.go_on()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab stays here too."""
        self._on.setFocus()
        return True

    def go_on(self) -> None:
        """What was underneath is seen again, and has the keys again."""
        self.uncover()
        self.gone_on.emit()
