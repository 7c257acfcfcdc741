"""The laws of replay over random days: in the evening hub and terminals are equal, and nothing that happened is lost."""

from __future__ import annotations

from collections.abc import Callable

import pytest
from replay_chance import Day, evening
from replay_world import Template, morning
from sqlalchemy import Engine

STEPS = 30
DAILY, TOGETHER = 300, 25  # seeds in every run of the tests, and in one test of it
PROVED, ON_POSTGRES = 3000, 20

Told = Callable[[str, object], None]


def lived(seed: int, hub: Engine | None = None, source: Template | None = None) -> None:
    """One day from morning to evening; what went wrong is told with its seed and with all that was done."""
    trio = morning(hub, source)
    day = Day(trio, seed)
    try:
        evening(day.go(STEPS).trio)
    except BaseException as error:
        raise AssertionError(f"seed {seed}: {error}\n" + "\n".join(day.told)) from error
    finally:
        trio.stop()


@pytest.mark.parametrize("first", range(0, DAILY, TOGETHER))
def test_a_random_day_ends_with_everyone_equal(first: int, record_property: Told) -> None:
    for seed in range(first, first + TOGETHER):
        lived(seed)
    record_property("seeds", TOGETHER)


@pytest.mark.prove
@pytest.mark.parametrize("first", range(DAILY, DAILY + PROVED, TOGETHER))
def test_ten_times_as_many_random_days(first: int, record_property: Told) -> None:
    for seed in range(first, first + TOGETHER):
        lived(seed)
    record_property("seeds", TOGETHER)
