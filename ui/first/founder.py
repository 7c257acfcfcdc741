"""Founder: the first administrator, with a PIN and perhaps a badge; then the recovery code, which is shown this once."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QLabel

from app.access.founding import Founder
from app.kernel.problems import Problem
from app.kernel.words import _, language, say
from ui.first.port import Begins
from ui.first.step import Step, Works
from ui.scan.raw import RawScan
from ui.theme import role, worn


class FounderStep(Step):
    """Where somebody is there already, it says so and asks nothing."""

    label, icon, verb = _("You"), "people", _("Make the administrator")
    advice = _("Whoever looks after people and settings. Six digits or more for the PIN, and none that is easily guessed.")

    def __init__(self, begins: Begins, works: Works, *, there: bool) -> None:
        super().__init__(begins, works)
        self.there = there
        self._badge = ""
        self._code = role(QLabel(), "sentence")
        self._code.setTextInteractionFlags(Qt.TextInteractionFlag.TextSelectableByMouse)
        self._code.setAccessibleName(say(_("Recovery code")))
        self._code.setMinimumHeight(3 * worn().density.sentence)
        self._code.hide()
        self._told = role(QLabel(), "heading")
        self._told.setWordWrap(True)
        if there:
            self._told.setText(say(_("There is an administrator. Further people are made in the list of people.")))
        else:
            self._ask()
        self.column.addWidget(self._told)
        self.column.addWidget(self._code)
        self.column.addStretch()

    def _ask(self) -> None:
        self._name = self.lines.box(_("Your name"))
        self._pin = self.lines.box(_("PIN"), secret=True)
        self._again = self.lines.box(_("The PIN once more"), secret=True)
        self._card = QLabel(say(_("Scan your badge now, or get one later: any card that a scanner reads will do.")))
        self._card.setWordWrap(True)
        self.lines.line(_("Badge"), self._card)
        self.setFocusProxy(self._name)

    def takes(self, scan: RawScan) -> None:
        """A badge is a secret: that there is one is all that is shown of it."""
        if not self.there:
            self._badge = scan.text
            self._card.setText(say(_("Your badge was read.")))

    def submit(self) -> None:
        if self.there:
            self.done.emit()
            return
        if self._pin.text() != self._again.text():
            self._again.clear()
            self._again.setFocus()
            self.fail(Problem("first.pins", _("The two PINs are not the same."), hint=_("Type the second one again.")))
            return
        founder = Founder(self._name.text().strip(), self._pin.text(), badge=self._badge, language=language())
        self.do(lambda: self.begins.appoint(founder), self._appointed)

    def _appointed(self, code: str) -> None:
        """The fields go, the code comes: whoever goes on has seen it."""
        self.there, self.waits = True, False
        self.verb = _("I have written it down")
        while self.lines.count():
            item = self.lines.takeAt(0)
            widget = item.widget() if item is not None else None
            if widget is not None:
                widget.hide()
                widget.deleteLater()
        self._told.setText(
            say(
                _(
                    "Write this recovery code on paper and lock it away. It opens your backups on another machine, and lets an "
                    "administrator back in who lost badge and PIN. It is shown this once."
                )
            )
        )
        half = code.rfind("-", 0, 2 * len(code) // 3) + 1  # in two lines, so that it stands whole on the smallest glass
        self._code.setText(f"{code[:half]}\n{code[half:]}")
        self._code.show()
        self.altered.emit()
