"""What has an end is ended by its steps; what goes round and round is taken out of use where it began, and nowhere else."""

from __future__ import annotations

import pytest

from app.kernel.standard import ends_by_its_steps
from app.kernel.states import Machine, Move
from app.places.model import Bin

ROUND = Machine(Bin, "pick", (Move("out", "pick", "van", "places.edit"), Move("home", "van", "pick", "places.edit")), "kind")
ENDING = Machine(Bin, "pick", (Move("out", "pick", "van", "places.edit"), Move("wreck", "van", "scrap", "places.edit")), "kind")


def code_of(machine: Machine | None, state: str) -> str:
    problem = ends_by_its_steps(Bin(code="A-01", kind=state), machine)
    return problem.code if problem else ""


@pytest.mark.parametrize(
    ("machine", "state", "code"),
    [
        (None, "pick", ""),
        (ROUND, "pick", ""),
        (ROUND, "van", "record.steps"),
        (ENDING, "pick", "record.steps"),
        (ENDING, "scrap", "record.steps"),
    ],
)
def test_when_it_goes_out_of_use(machine: Machine | None, state: str, code: str) -> None:
    assert code_of(machine, state) == code


def test_a_refusal_says_by_which_steps_it_comes_home() -> None:
    problem = ends_by_its_steps(Bin(code="A-01", kind="van"), ROUND)
    assert problem is not None
    assert "home" in problem.advice


def test_only_what_is_never_left_is_an_end() -> None:
    assert ROUND.ends == frozenset()
    assert ENDING.ends == {"scrap"}
