"""Regaining: the recovery code and a new PIN, typed at the door by an administrator who lost badge and PIN."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QTimer, Signal
from PySide6.QtWidgets import QButtonGroup, QHBoxLayout, QLabel, QScrollArea, QVBoxLayout, QWidget

from app.access.regaining import Keeper
from app.kernel.problems import Problem
from app.kernel.recovery import in_groups
from app.kernel.words import _, say
from ui.kit.bench import sentence_of
from ui.kit.buttons import Button, primary, secondary
from ui.kit.codepad import CodePad
from ui.kit.lines import Lines, scrolled
from ui.kit.readable import words
from ui.theme import role, tone, worn


class RegainForm(QWidget):
    """`typed` carries the administrator's id, the code and the new PIN; `left` says that somebody went back."""

    typed = Signal(object, str, str)
    left = Signal()

    def __init__(self) -> None:
        super().__init__()
        self._known: list[Keeper] = []
        self._chips = QButtonGroup(self)
        self._names = QHBoxLayout()
        self._names.setSpacing(worn().density.gap)
        self._lines = Lines(self.submit)
        self._code = self._lines.box(_("Recovery code"))
        self._pin = self._lines.box(_("New PIN"), secret=True)
        self._again = self._lines.box(_("The new PIN once more"), secret=True)
        self._problem = tone(role(QLabel(), "heading"), "danger")
        self._problem.setWordWrap(True)
        self._problem.hide()
        self._code.textChanged.connect(self._group)
        self._keys = CodePad((self._code, self._pin, self._again))
        self._go = primary(say(_("Set the new PIN")), "lock")
        self._go.clicked.connect(self.submit)
        self._lay_out()
        self.setFocusProxy(self._code)

    def _lay_out(self) -> None:
        fields = QWidget()
        column = scrolled(fields)
        column.addWidget(role(QLabel(say(_("Set a new PIN"))), "title"))
        column.addWidget(words(say(_("Everybody else asks a supervisor, who sets one under People.")), "heading"))
        column.addLayout(self._names)
        column.addLayout(self._lines)
        column.addWidget(self._problem)
        column.addStretch()
        self._area = fields.findChild(QScrollArea)
        fields.setMinimumHeight(worn().density.primary_target)  # on the smallest glass the keys leave room for one field
        self._keys.marked.connect(self._bring)
        back = secondary(say(_("Back")), "back")
        back.clicked.connect(self.left)
        row = QHBoxLayout()
        row.addWidget(back)
        row.addStretch()
        row.addWidget(self._go)
        whole = QVBoxLayout(self)
        whole.setContentsMargins(0, 0, 0, 0)
        whole.setSpacing(worn().density.gap)
        whole.addWidget(fields, 1)
        whole.addWidget(self._keys)
        whole.addLayout(row)

    def begin(self, known: Sequence[Keeper]) -> None:
        """Empty fields, and who it can be for: the only one is chosen already."""
        self._known = list(known)
        for chip in self._chips.buttons():
            self._chips.removeButton(chip)
            chip.hide()
            chip.deleteLater()
        while self._names.count():
            self._names.takeAt(0)
        for place, one in enumerate(self._known):
            chip = Button(one.name, button_role="chip")
            chip.setChecked(place == 0)
            self._chips.addButton(chip, place)
            self._names.addWidget(chip)
        self._names.addStretch()
        self.empty()
        if len(known) > 1:
            QTimer.singleShot(0, self, lambda: self._bring(self._chips.button(0)))  # who it is for is seen first

    def _bring(self, widget: QWidget) -> None:
        """Over the keys, where the glass is small."""
        if self._area is not None:
            self._area.ensureWidgetVisible(widget)

    def _group(self, text: str) -> None:
        """In groups, as it stands on paper, while it is typed at its end."""
        if self._code.cursorPosition() == len(text) and (grouped := in_groups(text)) != text:
            self._code.setText(grouped)

    def empty(self) -> None:
        """Nobody who comes after finds what was typed; what is merely cleared, Ctrl+Z would bring back."""
        for box in (self._code, self._pin, self._again):
            box.setText("")
        self.fail(None)

    def submit(self) -> None:
        place = self._chips.checkedId()
        if place < 0:
            return
        if self._pin.text() != self._again.text():
            hint = _("Type the second one again.")
            self.fail(Problem("first.pins", _("The two PINs are not the same."), hint=hint))
            return
        self.typed.emit(self._known[place].id, self._code.text(), self._pin.text())

    def fail(self, problem: Problem | None) -> None:
        self._problem.setText(sentence_of(problem) if problem else "")
        self._problem.setVisible(problem is not None)
        if problem is not None:
            QTimer.singleShot(0, self, lambda: self._bring(self._problem))  # once it is laid out
