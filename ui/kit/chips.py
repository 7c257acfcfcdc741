"""Chips: words to touch under a heading, as many beside each other as there is room for; one of them, or many."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from typing import Any

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QLabel, QVBoxLayout, QWidget

from app.kernel.words import say
from ui.kit.buttons import Button
from ui.kit.flowing import Flowing
from ui.theme import role, worn


class Chips(QWidget):
    """`altered` says that another one is chosen. The choices are pairs of a value and its words; of one choice at the most, a
    second touch takes it back."""

    altered = Signal()

    def __init__(self, heading: str, choices: Sequence[tuple[Any, str]] = (), *, many: bool = False) -> None:
        super().__init__()
        self._many = many
        self._chips: list[tuple[Any, Button]] = []
        self._heading = role(QLabel(say(heading)), "quiet")
        gap = worn().density.gap
        self._line = QWidget()
        self._flow = Flowing(gap, self._line)
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 0)
        column.setSpacing(gap // 2)
        column.addWidget(self._heading)
        column.addWidget(self._line)
        self.offer(choices)

    def offer(self, choices: Sequence[tuple[Any, str]]) -> None:
        """Other words than before; none is chosen."""
        for _value, old in self._chips:
            self._flow.removeWidget(old)
            old.hide()
            old.deleteLater()
        self._chips = [(value, self._chip(value, words)) for value, words in choices]

    def _chip(self, value: Any, words: str) -> Button:
        chip = Button(words, button_role="chip")
        chip.clicked.connect(lambda on=False: self._touched(value, on))
        self._flow.addWidget(chip)
        return chip

    def _touched(self, value: Any, on: bool) -> None:
        if not self._many:
            self._mark((value,) if on else ())
        self.altered.emit()

    @property
    def chosen(self) -> list[Any]:
        """The values of those that are chosen, in the order in which they stand there."""
        return [value for value, chip in self._chips if chip.isChecked()]

    @property
    def words(self) -> list[str]:
        return [chip.text() for _value, chip in self._chips if chip.isChecked()]

    def choose(self, values: Collection[Any]) -> None:
        """Chooses these, and no others."""
        self._mark(values)
        self.altered.emit()

    def _mark(self, values: Collection[Any]) -> None:
        for value, chip in self._chips:
            chip.setChecked(value in values)
