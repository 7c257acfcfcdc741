"""Frame: what stands around each of the first screens: how far it is, what is asked, and the page that asks it."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtWidgets import QBoxLayout, QLabel, QStackedWidget, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.first.step import Step
from ui.theme import role, tone, worn


class Frame(QWidget):
    """One page at a time, over the row of buttons. Steps stay when another page is seen, for what was typed in them."""

    def __init__(self, bar: QBoxLayout) -> None:
        super().__init__()
        gap = worn().density.gap
        column = QVBoxLayout(self)
        column.setContentsMargins(4 * gap, gap, 4 * gap, gap)
        column.setSpacing(gap)
        self._where, self._title, self._advice = role(QLabel(), "quiet"), role(QLabel(), "title"), role(QLabel(), "heading")
        self._advice.setWordWrap(True)
        for label in (self._where, self._title, self._advice):
            column.addWidget(label)
        column.addSpacing(gap)
        self._stage = QStackedWidget()
        column.addWidget(self._stage, 1)
        column.addLayout(bar)

    @property
    def seen(self) -> QWidget | None:
        return self._stage.currentWidget()

    def put(self, page: QWidget) -> None:
        """Shows a page."""
        old = self.seen
        if page is old:
            return
        self._stage.addWidget(page)
        self._stage.setCurrentWidget(page)
        if old is not None and not isinstance(old, Step):
            self._stage.removeWidget(old)
            old.deleteLater()

    def tell(self, where: str, title: str, advice: str) -> None:
        """What stands above the page."""
        self._where.setText(where)
        self._title.setText(title)
        self._advice.setText(advice)
        self._where.setVisible(bool(where))
        self._advice.setVisible(bool(advice))
        tone(self._advice, "")

    def complain(self, sentence: str) -> None:
        """Something went wrong that the page itself does not tell."""
        tone(self._advice, "danger")
        self._advice.setText(sentence)
        self._advice.show()


def ending(left: Sequence[Step]) -> QWidget:
    """The last page: what was left for later."""
    what = ", ".join(say(step.label) for step in left)
    words = QLabel(say(_("Left for later: {what}. It is found again under “Set up”."), what=what) if left else "")
    words.setWordWrap(True)
    page = QWidget()
    column = QVBoxLayout(page)
    column.setContentsMargins(0, 0, 0, 0)
    column.addWidget(words)
    column.addStretch()
    return page
