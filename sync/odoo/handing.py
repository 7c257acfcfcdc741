"""Rows handed to commands that take many: where some are refused, the others go through, and each refusal has its row."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Protocol, TypeVar

from app.kernel.bulk import place_of
from app.kernel.commands import Answer, Command
from app.kernel.problems import Problem
from sync.odoo.arriving import Draft


class FromDraft(Protocol):
    """Something that came with one record of Odoo's."""

    @property
    def draft(self) -> Draft: ...


T = TypeVar("T", bound=FromDraft)
Wrong = tuple[Draft, Problem]


def through(batch: Sequence[T], command: Callable[[Sequence[T]], Command], run: Callable[[Command], Answer]) -> list[Wrong]:
    """Hands over rows until those that are left are taken; what is wrong with the others."""
    left, wrong = list(batch), list[Wrong]()
    while left:
        answer = run(command(left))
        if answer.done:
            break
        told = by_place(answer)
        if not told and len(left) > 1:  # something is wrong, and nobody says with which
            half = len(left) // 2
            return wrong + through(left[:half], command, run) + through(left[half:], command, run)
        told = told or {0: answer.problems[0]}
        wrong += [(left[place].draft, told[place]) for place in sorted(told)]
        left = [one for place, one in enumerate(left) if place not in told]
    return wrong


def each(some: Sequence[T], command: Callable[[T], Command], run: Callable[[Command], Answer]) -> list[Wrong]:
    """One command for each; what is wrong with those that were refused."""
    answers = [(one.draft, run(command(one))) for one in some]
    return [(draft, answer.problems[0]) for draft, answer in answers if not answer.done]


def by_place(answer: Answer) -> dict[int, Problem]:
    told: dict[int, Problem] = {}
    for problem in answer.problems:
        place, _field = place_of(problem.field)
        if place is not None:
            told.setdefault(place, problem)
    return told


def numbers(wrong: Sequence[Wrong]) -> set[int]:
    return {draft.number for draft, _problem in wrong}
