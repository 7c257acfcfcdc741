"""Twins: the record that has already what somebody typed for a new one, so that it can be offered instead of only named."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from app.kernel.meanings import Match
from app.kernel.problems import Problem


def twin_of(problems: Iterable[Problem]) -> Match | None:
    """The record that a problem says has it already; None where none does."""
    for problem in problems:
        if problem.contest is not None and "other_id" in problem.values:
            return Match(problem.contest.entity, UUID(str(problem.values["other_id"])), str(problem.values["other"]))
    return None
