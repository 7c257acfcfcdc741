"""Gates: what stands against a step, said with where it is settled; what a colleague may sign off is settled by their badge."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any

from PySide6.QtWidgets import QHBoxLayout, QLabel, QWidget

from app.kernel.access import Actor
from app.kernel.problems import Problem
from app.kernel.scan_log import Outcome
from app.kernel.words import say
from ui.kit.bench import Bench, Told, sentence_of
from ui.kit.buttons import quiet
from ui.kit.declared import Action, PageScreen
from ui.kit.question import Question, Tile
from ui.kit.vouching import ask_colleague
from ui.theme import tone


def jump_of(declared: PageScreen, actions: Sequence[Action], problem: Problem) -> Action | None:
    """Where an unmet gate is settled, among what this person can do here."""
    return next((one for one in actions if one.id == declared.jumps.get(problem.field)), None)


def first_of(declared: PageScreen, problems: Sequence[Problem]) -> Problem | None:
    """What has to be settled first: what takes more than a colleague's badge. What blocks nothing is only said."""
    return next((one for one in problems if one.blocks and one.code not in declared.vouched), None)


def line(problem: Problem, jump: Action | None, go: Callable[[Action], None]) -> QWidget:
    """An unmet gate as it stands on the page."""
    made = QWidget()
    row = QHBoxLayout(made)
    row.setContentsMargins(0, 0, 0, 0)
    sentence = tone(QLabel(sentence_of(problem)), "warn")
    sentence.setWordWrap(True)
    row.addWidget(sentence, 1)
    if jump is not None:
        button = quiet(say(jump.title), jump.icon)
        button.clicked.connect(lambda: go(jump))
        row.addWidget(button)
    return made


def ask(bench: Bench, problem: Problem, jump: Action | None, go: Callable[[Action], None]) -> None:
    """A step was wanted that cannot be taken: why, and a touch to where that is settled."""
    if jump is None:
        bench.ways.told(Outcome.ERROR, sentence_of(problem))
        return

    def answer(_jump: Any, told: Told) -> None:
        told.quietly(Outcome.SUCCESS, say(jump.title))
        go(jump)

    tile = Tile(say(jump.title), jump.id, icon=jump.icon)
    bench.ways.ask(Question(problem.sentence, answer, advice=problem.advice, tiles=(tile,), tone="warn"))


def sign_off(bench: Bench, problem: Problem, then: Callable[[Actor], None]) -> None:
    """Has a colleague scan their badge for it; nothing is done where they do not."""
    ask_colleague(bench, problem, lambda who, _told: then(who), lambda _told: None)
