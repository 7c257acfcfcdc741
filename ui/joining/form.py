"""Form: the hub's address, the code and this machine's name, typed or scanned from the hub's QR code."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from app.kernel.words import _
from ui.joining.port import Invitation
from ui.kit.bench import sentence_of
from ui.kit.lines import Lines
from ui.theme import role, tone, worn


class InvitationForm(QWidget):
    """`given` carries the invitation once all of it is there. `read` knows the text of a QR code."""

    given = Signal(object)

    def __init__(self, read: Callable[[str], Invitation | None], name: str) -> None:
        super().__init__()
        self._read = read
        self._words = ""
        self._problem = tone(role(QLabel(), "heading"), "danger")
        self._problem.setWordWrap(True)
        lines = Lines(self.submit)
        self._hub = lines.box(_("The hub's address, or scan its QR code"), shape="https://hub.example")
        self._code = lines.box(_("The code that was made there"), shape="7K2M-9QXW-4TRD")
        self._name = lines.box(_("What this machine is called"), name)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * worn().density.gap)
        column.addLayout(lines)
        column.addWidget(self._problem)
        column.addStretch()
        self._problem.hide()
        self.setFocusProxy(self._hub)

    def submit(self) -> None:
        """What is there; where something is lacking it is said, and where it is typed stands ready."""
        told = self._read(self._hub.text().strip())
        if told is not None:
            self._hub.setText(told.hub)
            self._code.setText(told.code)
            self._words = told.words
        hub, code = self._hub.text().strip(), self._code.text().strip()
        if hub and code:
            self._problem.hide()
            self.given.emit(Invitation(hub, code, self._words, self._name.text().strip()))
            return
        self.fail(
            Problem(
                "enrol.lacks", _("The address and the code are both needed."), hint=_("They stand beside each other at the hub.")
            )
        )
        (self._code if hub else self._hub).setFocus()

    def fail(self, problem: Problem) -> None:
        """Says why nothing came of it; what was typed stays."""
        self._problem.setText(sentence_of(problem))
        self._problem.show()
