"""Trouble: why the terminal cannot be opened, told where people look, with what they can do about it."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from PySide6.QtWidgets import QVBoxLayout, QWidget

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _, say
from ui.kit.bench import problems_of, sentence_of
from ui.kit.entry import Entry
from ui.kit.readable import words
from ui.theme import worn


class TroubleWindow(Entry):
    """`again` says, once it has closed, whether somebody wants it tried once more. `helps` writes the file for support."""

    def __init__(self, problem: Problem, helps: Callable[[], Path], crash: Callable[[BaseException], None]) -> None:
        super().__init__(crash, "trouble")
        self.again = False
        self._helps = helps
        self._told = words("", "heading")
        gap = worn().density.gap
        whole = QWidget()
        column = QVBoxLayout(whole)
        column.setContentsMargins(4 * gap, 4 * gap, 4 * gap, 2 * gap)
        column.setSpacing(2 * gap)
        column.addWidget(words(say(_("The terminal cannot be opened")), "title"))
        column.addWidget(words(problem.sentence.replace("/", "/\u200b"), "heading", "danger"))  # a path may break anywhere
        column.addWidget(words(problem.advice.replace("/", "/\u200b"), "heading"))
        column.addWidget(self._told)
        column.addStretch()
        column.addLayout(self._bar)
        self.setCentralWidget(whole)
        self._offer(
            (_("Leave it"), "back", self.close),
            (_("Write a support file"), "export", self._write),
            (_("Try again"), "sync", self._try),
        )

    def _try(self) -> None:
        self.again = True
        self.close()

    def _write(self) -> None:
        self._runner.submit(self._helps, self._written, self._failed, self)

    def _written(self, file: Path) -> None:
        said = say(_("The file is {file}. No name, phone number, code or key is in it."), file=file)
        self._told.setText(said.replace("/", "/\u200b"))

    def _failed(self, error: Refused | Trouble) -> None:
        self._told.setText(sentence_of(problems_of(error)[0]))
