"""Crash page: something in the program broke. The work is kept, a report is written, and it offers to go on."""

from __future__ import annotations

from pathlib import Path

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import primary
from ui.theme import role, tone, worn


class CrashPage(QWidget):
    """Covers the task until somebody goes on."""

    gone_on = Signal()

    def __init__(self, parent: QWidget) -> None:
        super().__init__(parent)
        self._around = parent
        self.setAutoFillBackground(True)
        self._where = role(QLabel(), "quiet")
        self._where.setWordWrap(True)
        sentence = tone(role(QLabel(say(_("Something in the program broke"))), "sentence"), "danger")
        sentence.setWordWrap(True)
        what = role(QLabel(say(_("What was saved is safe. Go on, and look whether the last thing is there."))), "heading")
        what.setWordWrap(True)
        go_on = primary(say(_("Go on working")), "next")
        go_on.clicked.connect(self._go_on)
        line = QHBoxLayout()
        line.addStretch()
        line.addWidget(go_on)
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(4 * gap, 4 * gap, 4 * gap, 4 * gap)
        layout.setSpacing(2 * gap)
        for label in (sentence, what, self._where):
            layout.addWidget(label)
        layout.addStretch()
        layout.addLayout(line)
        self.hide()

    def show_report(self, path: Path) -> None:
        """Says where the report is."""
        self._where.setText(say(_("A report for your supplier was written: {name}"), name=path.name))
        self.setGeometry(self._around.rect())
        self.show()
        self.raise_()

    def _go_on(self) -> None:
        self.hide()
        self.gone_on.emit()
