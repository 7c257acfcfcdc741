"""The simulated world: whatever fails, in the evening everybody holds the same, and nothing that was acknowledged is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from replay_chance import evening, lived_through, nothing_mended
from sim_laws import Laws
from sim_world import Life, Town

from sync.terminal import repair

STEPS = 200
DAILY, TOGETHER = 120, 15  # in these each kind of fault strikes, the rarest some eight times; `poe prove` has thousands
PROVED = 3000
ONCE_RED = (11299,)  # a job went back although it was being worked at, and nobody was told

Count = Callable[..., None]


def every_cell(town: Town) -> None:
    """What each terminal does by itself when it is idle: compares what the rows hold. Where a hub was put back by hand, a command
    that was run again may have done something else under the very stamp that it had, and stamps do not tell."""
    town.quiesce()
    for box in town.boxes:
        repair.check(box.app, town.peer, 6)


def lived(seed: int, count: Count, steps: int = STEPS) -> None:
    """One life, from the first morning until everybody has come to rest."""
    life = Life(seed)
    laws = Laws(life)
    with lived_through(seed, life, 60):
        life.live(steps)
        if "hub" in life.put_back:
            every_cell(life.town)
        evening(life.town, verdicts="hub" not in life.put_back)
        if not life.put_back and not life.happened["terminal cloned"]:
            nothing_mended(life.town)
        life.doubtful, life.moved = set(), {box.name for box in life.town.boxes}
        laws.hold()
        count("simulated world", "seeds")
        count("simulated world", "steps", laws.held)
        count("simulated world", "acknowledged commands", sum(map(len, life.acknowledged.values())))
        count("simulated world", "violations", 0)
        for what, times in sorted(life.happened.items()):
            count("simulated world, faults that struck", what, times)


@pytest.mark.parametrize("first", range(0, DAILY, TOGETHER))
def test_a_life_full_of_faults_loses_nothing(first: int, count: Count) -> None:
    for seed in range(first, first + TOGETHER):
        lived(seed, count)


@pytest.mark.parametrize("seed", ONCE_RED)
def test_a_life_that_once_found_a_fault_finds_none(seed: int, count: Count) -> None:
    lived(seed, count)


@pytest.mark.prove
@pytest.mark.parametrize("first", range(DAILY, DAILY + PROVED, TOGETHER))
def test_ten_times_as_many_lives(first: int, count: Count) -> None:
    for seed in range(first, first + TOGETHER):
        lived(seed, count)
