"""Marks: what else is known of a record, in the head of its page: a few words, and where a touch on them leads."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget
from sqlalchemy.orm import Session

from ui.kit.bench import Bench
from ui.kit.buttons import quiet
from ui.theme import role, tone, worn


@dataclass(frozen=True)
class Mark:
    """The words, their tone, and what a touch on them does; without that they are only read. `short` is what a small glass has
    room for."""

    words: str
    short: str = ""
    tone: str = ""
    icon: str = ""
    begins: Callable[[Bench], None] | None = None


@dataclass(frozen=True)
class Marking:
    """What may be known of any record: the grant to know it, what it reads, and what tells it from the store."""

    needs: str
    reads: frozenset[str]
    says: Callable[[Session, UUID], Mark | None]


def marks_of(bench: Bench, session: Session, markings: Sequence[Marking], ident: UUID) -> tuple[Mark, ...]:
    """What is known of a record, for whoever is signed in. On a reader thread."""
    found = (one.says(session, ident) for one in markings if bench.can(one.needs))
    return tuple(mark for mark in found if mark is not None)


class Marks(QWidget):
    """The marks of one record, beside each other."""

    def __init__(self, bench: Bench) -> None:
        super().__init__()
        self._bench = bench
        self._marks: tuple[Mark, ...] = ()
        self._slim = False
        self._line = QHBoxLayout(self)
        self._line.setContentsMargins(0, 0, 0, 0)
        self._line.setSpacing(worn().density.gap)
        self.hide()

    def show_marks(self, marks: tuple[Mark, ...]) -> None:
        """Draws them anew, where they are others."""
        looks, before = (tuple((one.words, one.tone) for one in some) for some in (marks, self._marks))
        self._marks = marks
        if looks != before:
            self._draw()

    def slim(self, slim: bool) -> None:
        """Says it in fewer words, or in all of them."""
        if slim is not self._slim:
            self._slim = slim
            self._draw()

    def _draw(self) -> None:
        while item := self._line.takeAt(0):
            if (old := item.widget()) is not None:
                old.hide()
                old.deleteLater()
        for mark in self._marks:
            self._line.addWidget(self._made(mark))
        self.setVisible(bool(self._marks))

    def _made(self, mark: Mark) -> QWidget:
        told = (mark.short if self._slim else "") or mark.words
        if mark.begins is None:
            return tone(role(QLabel(told), "quiet"), mark.tone)
        button = tone(quiet(told, mark.icon), mark.tone)
        button.setAccessibleName(mark.words)
        button.clicked.connect(partial(self._begin, mark.begins))
        return button

    def _begin(self, begins: Callable[[Bench], None], _on: bool = False) -> None:
        begins(self._bench)
