"""Unsaved: a command that the disk did not take. It is kept on the screen until it is saved, or somebody gives it up."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from app.kernel.commands import Answer
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.store_troubles import NOT_SAVED
from app.kernel.words import _

if TYPE_CHECKING:
    from ui.kit.bench import Told

Heard = Callable[[Answer], None]
Seen = Callable[[Answer | None], None]
Failed = Callable[[Refused | Trouble], None]


@dataclass(frozen=True)
class Unsaved:
    """What was to be saved, in words; why it was not; who waits to be told. `send` tries it again under the same id, so that it
    is applied once, and `look` asks the store whether it is there; `done` takes its answer, and `refused` is that answer where
    it is given up."""

    words: str
    problem: Problem
    told: Told
    send: Callable[[Heard, Failed], None]
    look: Callable[[Seen, Failed], None]
    done: Heard
    refused: Answer

    def because(self, *problems: Problem) -> Answer:
        """The answer where something else than the disk stands against it."""
        return replace(self.refused, problems=problems)


def unsure() -> Problem:
    """Why nobody can say whether it was saved."""
    message = _("It could not be seen whether this was saved.")
    return Problem("store.unsure", message, hint=_("Look whether it is there before you do it again."))


def was_not_saved(error: Refused | Trouble) -> bool:
    """Whether the disk did not take it: then the same may go through once there is room."""
    return isinstance(error, Trouble) and error.problem.code in NOT_SAVED
