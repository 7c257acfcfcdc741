"""Form: the hub's address, the code and this machine's name, typed or scanned from the hub's QR code."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.kernel.problems import Problem
from app.kernel.words import _, say
from ui.joining.port import Invitation
from ui.kit.bench import sentence_of
from ui.theme import role, tone, worn


class InvitationForm(QWidget):
    """`given` carries the invitation once all of it is there. `read` knows the text of a QR code."""

    given = Signal(object)

    def __init__(self, read: Callable[[str], Invitation | None], name: str) -> None:
        super().__init__()
        self._read = read
        self._words = ""
        self._hub, self._code, self._name = QLineEdit(), QLineEdit(), QLineEdit(name)
        self._problem = tone(role(QLabel(), "heading"), "danger")
        self._problem.setWordWrap(True)
        grid = QGridLayout()
        grid.setHorizontalSpacing(2 * worn().density.gap)
        grid.setVerticalSpacing(worn().density.gap)
        grid.setColumnStretch(1, 1)
        fields = (
            (self._hub, _("The hub's address, or scan its QR code"), "https://hub.example"),
            (self._code, _("The code that was made there"), "7K2M-9QXW-4TRD"),
            (self._name, _("What this machine is called"), ""),
        )
        for line, (box, label, shape) in enumerate(fields):
            box.setAccessibleName(say(label))
            box.setPlaceholderText(shape)
            box.returnPressed.connect(self.submit)
            grid.addWidget(QLabel(say(label)), line, 0)
            grid.addWidget(box, line, 1)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(2 * worn().density.gap)
        column.addLayout(grid)
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
