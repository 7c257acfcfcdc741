"""Printer: where this terminal's labels go, tried by printing one."""

from __future__ import annotations

from PySide6.QtWidgets import QHBoxLayout, QLabel

from app.kernel.words import _, say
from ui.first.port import Begins
from ui.first.step import Step, Works
from ui.kit.buttons import secondary
from ui.theme import role, tone


class PrinterStep(Step):
    """A printer is known by its address on the network; a file takes its place where there is none."""

    label, icon, verb = _("Label printer"), "print", _("Keep the printer")
    advice = _("Tags, badges and bin labels are printed here. A label printer that speaks ZPL is known by its address.")

    def __init__(self, begins: Begins, works: Works, target: str) -> None:
        super().__init__(begins, works)
        self._target = self.lines.box(_("Its address"), target, "tcp://192.168.1.50")
        self._said = tone(role(QLabel(), "heading"), "ok")
        self._said.setWordWrap(True)
        row = QHBoxLayout()
        self._try = secondary(say(_("Print a test label")), "print")
        self._try.clicked.connect(self._print)
        row.addWidget(self._try)
        row.addWidget(self._said, 1)
        self.column.addLayout(row)
        self.column.addStretch()
        self.setFocusProxy(self._target)

    def _print(self) -> None:
        target = self._target.text().strip()
        self._said.clear()
        sentence = say(_("Sent. The label carries a code: keep it for the test of the scanner."))
        self.do(lambda: self.begins.print_test(target), lambda _none: self._said.setText(sentence))

    def submit(self) -> None:
        target = self._target.text().strip()
        self.do(lambda: self.begins.keep_printer(target), lambda _none: self.done.emit())
