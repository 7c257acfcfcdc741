"""Line: one setting: what it is called, what it is for, and what answers it: chips, a number pad or a line of text."""

from __future__ import annotations

from functools import partial
from typing import Any

from PySide6.QtCore import Qt, Signal
from PySide6.QtWidgets import QHBoxLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from app.kernel.words import _, say
from ui.kit.bench import Bench, Told
from ui.kit.buttons import Button, quiet, secondary
from ui.kit.question import Question
from ui.settings.reading import Line, word_of
from ui.theme import role, worn


class SettingLine(QWidget):
    """`chosen` carries the new value, or None for as it is elsewhere."""

    chosen = Signal(object)

    def __init__(self, bench: Bench, line: Line) -> None:
        super().__init__()
        self._bench = bench
        self._line = line
        self._setting = line.setting
        self._label = say(line.setting.label)
        words = QVBoxLayout()
        words.setSpacing(0)
        words.addWidget(_wrapped(self._label, "heading"))
        words.addWidget(_wrapped(say(line.setting.help), "quiet"))
        answers = QHBoxLayout()
        answers.setSpacing(worn().density.gap)
        for widget in self._answers():
            answers.addWidget(widget)
        answers.addStretch()
        if line.own is not None:
            answers.addWidget(self._reset())
        column = QVBoxLayout(self)
        column.setContentsMargins(0, 0, 0, 2 * worn().density.gap)
        column.setSpacing(4)
        column.addLayout(words)
        column.addLayout(answers)
        if line.told:
            column.addWidget(role(QLabel(f"{word_of(line.setting, line.own)}, {line.told}"), "caption"))

    def _answers(self) -> list[QWidget]:
        setting = self._setting
        if setting.choices or isinstance(setting.default, bool):
            return [self._chip(value) for value in setting.choices or (True, False)]
        if isinstance(setting.default, int):
            return [self._number()]
        return self._text()

    def _chip(self, value: Any) -> QWidget:
        chip = Button(word_of(self._setting, value), button_role="chip", name=f"{self._label}: {word_of(self._setting, value)}")
        chip.setChecked(value == self._line.value)
        chip.clicked.connect(partial(self._choose, value))
        return chip

    def _number(self) -> QWidget:
        """The number itself is the button that changes it."""
        words = word_of(self._setting, self._line.value)
        button = secondary(words, "edit")
        button.setAccessibleName(f"{self._label}: {words}")
        button.clicked.connect(self._ask)
        return button

    def _ask(self) -> None:
        """On the pad, whole numbers only; what is out of bounds the command says."""

        def answer(text: str, _told: Told) -> None:
            self.chosen.emit(int(text))

        self._bench.ways.ask(
            Question(self._label, answer, advice=say(self._setting.help), kind="number", tone="", decimals=False)
        )

    def _text(self) -> list[QWidget]:
        line = QLineEdit(str(self._line.value))
        line.setAccessibleName(self._label)
        line.setMinimumWidth(20 * worn().density.body)
        keep = secondary(say(_("Keep it")), "check")
        keep.setAccessibleName(say(_("Keep “{label}”"), label=self._label))
        for signal in (line.returnPressed, keep.clicked):
            signal.connect(lambda *_ignored: self._choose(line.text().strip()))
        return [line, keep]

    def _reset(self) -> QWidget:
        button = quiet(say(_("As elsewhere: {value}"), value=word_of(self._setting, self._line.otherwise)), "undo")
        button.clicked.connect(lambda: self.chosen.emit(None))
        return button

    def _choose(self, value: Any, _checked: bool = False) -> None:
        self.chosen.emit(value)

    @property
    def key(self) -> str:
        """Which setting it is."""
        return self._setting.key


def keys_at(page: QWidget | None) -> tuple[str, str]:
    """The setting, and what in its line has the keys; nothing where they are elsewhere."""
    here = page.window().focusWidget() if page is not None else None
    line = next((one for one in page.findChildren(SettingLine) if here and one.isAncestorOf(here)), None) if page else None
    return (line.key, here.accessibleName()) if line is not None and here is not None else ("", "")


def give_keys(page: QWidget, key: str, name: str) -> None:
    """The keys to the same again on a page that was built anew, or to the first in the line where it says something else now."""
    for line in page.findChildren(SettingLine):
        if line.key == key:
            takes = [one for one in line.findChildren(QWidget) if one.focusPolicy() & Qt.FocusPolicy.TabFocus]
            takes.sort(key=lambda one: one.accessibleName() != name)
            takes[0].setFocus()


def _wrapped(text: str, name: str) -> QLabel:
    label = role(QLabel(text), name)
    label.setWordWrap(True)
    return label
