"""Not saved: what the disk did not take stands over everything, in full width, until it is saved or somebody gives it up."""

from __future__ import annotations

from PySide6.QtCore import Qt
from PySide6.QtGui import QKeyEvent
from PySide6.QtWidgets import QFrame, QHBoxLayout, QLabel, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.buttons import HoldButton, primary
from ui.kit.icons import picture
from ui.kit.readable import words
from ui.shell.keeping import Keeping
from ui.shell.lid import Lid
from ui.theme import role, tone, worn

KEYS = (Qt.Key.Key_F5, Qt.Key.Key_Return, Qt.Key.Key_Enter)
_WHY = {"store.full": _("The disk of this machine is full."), "store.disk": _("The disk of this machine reports a fault.")}
_ELSE = _("The disk of this machine cannot be written.")
_WHAT = _("Call whoever looks after this machine. What you scan meanwhile is not booked.")
_WAITS = _("It is tried again by itself every few seconds. F5, Enter or the DONE card try it at once.")
_LEAVES = _("First it is made sure that it was not saved after all.")


class UnsavedPage(Lid):
    """Shows what is kept, over the whole window; keys go nowhere else meanwhile."""

    def __init__(self, keeping: Keeping, parent: QWidget) -> None:
        super().__init__(parent)
        self._keeping = keeping
        self._what, self._scan, self._more = words("", "sentence"), words("", "quiet"), words("", "heading")
        self._why, self._advice, self._tried = words("", "heading", "danger"), words("", "heading"), words("", "quiet")
        self._try, self._give = primary("", "sync"), HoldButton("", "cross")
        self._try.clicked.connect(keeping.try_again)
        self._give.confirmed.connect(keeping.give_up)
        self._banner = self._made_banner()
        self._lay_out()
        keeping.altered.connect(self.show_kept)
        self.show_kept()

    def _made_banner(self) -> QLabel:
        label = role(QLabel(), "word")
        label.setAlignment(Qt.AlignmentFlag.AlignVCenter)
        return label

    def _lay_out(self) -> None:
        gap = worn().density.gap
        layout = QVBoxLayout(self)
        layout.setContentsMargins(0, 0, 0, 0)
        layout.addWidget(self._strip())
        column = QVBoxLayout()
        column.setContentsMargins(4 * gap, 2 * gap, 4 * gap, 2 * gap)
        column.setSpacing(gap)
        for label in (self._what, self._scan, self._more, self._why, self._advice, self._tried):
            column.addWidget(label)
        column.addStretch()
        column.addLayout(self._buttons())
        layout.addLayout(column, 1)

    def _strip(self) -> QFrame:
        strip, size = tone(role(QFrame(), "flash"), "danger"), worn().density.sentence
        strip.setFixedHeight(2 * size + 2 * worn().density.gap)
        sign = QLabel()
        sign.setPixmap(picture("cross", "ground", round(1.4 * size), self.devicePixelRatioF()))
        line = QHBoxLayout(strip)
        line.setContentsMargins(4 * worn().density.gap, 0, 24, 0)
        line.setSpacing(20)
        line.addWidget(sign)
        line.addWidget(self._banner, 1)
        return strip

    def _buttons(self) -> QHBoxLayout:
        line = QHBoxLayout()
        line.addWidget(self._give)
        line.addStretch()
        line.addWidget(self._try)
        return line

    def show_kept(self) -> None:
        """Says what is kept, in the language of whoever stands here; goes when there is nothing any more."""
        keeping = self._keeping
        if not keeping.items or keeping.problem is None:
            self.uncover()
            return
        first = keeping.items[0]
        self._banner.setText(say(_("NOT SAVED")))
        self._what.setText(first.words)
        scanned = str(getattr(first.told, "shown", ""))
        self._say(self._scan, say(_("Scanned: {what}"), what=scanned) if scanned and scanned not in first.words else "")
        more = len(keeping.items) - 1
        self._say(self._more, say(_("And {count} more."), count=more) if more else "")
        self._why.setText(say(_WHY.get(keeping.problem.code, _ELSE)))
        self._advice.setText(say(_WHAT))
        self._tried.setText(_how_it_goes(keeping))
        self._try.setText(say(_("Try again (F5)")))
        self._give.setText(say(_("Give it up")))
        self.setAccessibleName(f"{self._banner.text()}: {self._what.text()}")
        self.cover()

    def _say(self, label: QLabel, text: str) -> None:
        label.setText(text)
        label.setVisible(bool(text))

    @property
    def first(self) -> QWidget:
        return self._try

    def keyPressEvent(self, event: QKeyEvent) -> None:
        """F5 and Enter try again; no other key reaches what is underneath."""
        if event.key() in KEYS:
            self._keeping.try_again()

    def focusNextPrevChild(self, _next: bool) -> bool:
        """Tab goes between the two buttons."""
        (self._give if self._try.hasFocus() else self._try).setFocus()
        return True


def _how_it_goes(keeping: Keeping) -> str:
    if keeping.leaving:
        return say(_LEAVES)
    return say(_("Tried again at {time}: not saved yet."), time=f"{keeping.tried:%H:%M:%S}") if keeping.tried else say(_WAITS)
