"""What can be wrong: a Problem (say what is so and what to do), a Trouble (the environment), or a bug (anything else)."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from app.kernel.words import say


@dataclass(frozen=True)
class Contest:
    """Where two acts met: the record and its field, what each side wanted, and what was there before.

    `mine` is the side of the command that the finding is about, `theirs` the one it met: `{"value", "by", "at",
    "terminal"}` as plain data, the value as the record's own codec writes it, `at` in milliseconds.
    """

    entity: str
    row_id: UUID
    field: str = ""
    mine: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    theirs: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    base: Any = None


@dataclass(frozen=True)
class Problem:
    """A finding of a rule: `message` says what is so, `hint` what to do next, `field` where it belongs on a form.

    `blocks` is false for a warning; `asks` names the field (such as a reason) whose being filled in settles the warning.
    """

    code: str
    message: str
    hint: str = ""
    field: str = ""
    blocks: bool = True
    asks: str = ""
    review: bool = True  # whether someone must look at it even though it was answered
    values: Mapping[str, object] = dataclasses.field(default_factory=dict, hash=False)
    contest: Contest | None = dataclasses.field(default=None, hash=False, compare=False)  # for the card that asks about it

    @property
    def sentence(self) -> str:
        return say(self.message, self.values)

    @property
    def advice(self) -> str:
        return say(self.hint, self.values)

    def as_json(self) -> dict[str, str]:
        """The shape of a problem on the command line and in the hub's answers."""
        return {"code": self.code, "message": self.sentence, "hint": self.advice, "field": self.field}


class Refused(Exception):
    """A command, import or scan that a rule does not let through; nothing of it is kept."""

    def __init__(self, *problems: Problem) -> None:
        super().__init__(" ".join(problem.sentence for problem in problems))
        self.problems = problems

    @property
    def problem(self) -> Problem:
        """The first of them, which stands for all where only one can be told."""
        return self.problems[0]


class Trouble(Exception):
    """The environment lets us down (disk, lock, key, printer, network): worth a retry, never the user's fault."""

    def __init__(self, code: str, message: str, hint: str = "", values: Mapping[str, object] | None = None) -> None:
        self.problem = Problem(code, message, hint=hint, values=values or {})
        super().__init__(self.problem.sentence)
