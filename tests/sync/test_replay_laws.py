"""The laws of replay over random days: in the evening hub and terminals are equal, and nothing that happened is lost."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from replay_chance import Day, evening, lived_through, nothing_mended
from replay_world import Template, morning, template
from sqlalchemy import URL, Engine

from app.kernel import postgres as server

STEPS = 28
DAILY, TOGETHER = 50, 25  # seeds in every run of the tests, which also live in the simulated world, and in one test of it
PROVED = 3000
ON_POSTGRES, PROVED_ON_POSTGRES = 20, 300

Count = Callable[..., None]


def lived(seed: int, count: Count, hub: Engine | None = None, source: Template | None = None) -> None:
    """One day from morning to evening; what went wrong is told with its seed and with all that was done."""
    trio = morning(hub, source)
    day = Day(trio, seed)
    count("replay", "seeds on PostgreSQL" if hub else "seeds on SQLite")
    with lived_through(seed, day):
        evening(day.go(STEPS).trio)
        nothing_mended(trio)
        count("replay", "commands", sum(len(terminal.envelopes()) for terminal in trio.terminals))
        count("replay", "exchanges cut off", day.cut)
        count("replay", "facts lost or rows that differ", 0)


@pytest.mark.parametrize("first", range(0, DAILY, TOGETHER))
def test_a_random_day_ends_with_everyone_equal(first: int, count: Count) -> None:
    for seed in range(first, first + TOGETHER):
        lived(seed, count)


@pytest.mark.prove
@pytest.mark.parametrize("first", range(DAILY, DAILY + PROVED, TOGETHER))
def test_ten_times_as_many_random_days(first: int, count: Count) -> None:
    for seed in range(first, first + TOGETHER):
        lived(seed, count)


class Postgres:
    """Copies of a hub on PostgreSQL, one after the other; what was said to the first in SQL need not be put into words again."""

    def __init__(self, databases: Any, tables: URL) -> None:
        self.databases = databases
        self.first = databases.create(tables.database)
        self.current = self.first
        self.said: dict[Any, Any] = {}
        self.engine = self._engine()
        self.source = template(self.engine)

    def _engine(self) -> Engine:
        return server.engine(self.current).execution_options(compiled_cache=self.said)

    def copied(self) -> Engine:
        self.engine.dispose()
        self.drop()
        self.current = self.databases.create(self.first.database)
        self.engine = self._engine()
        return self.engine

    def drop(self) -> None:
        if self.current != self.first:
            self.databases.drop(self.current)

    def close(self) -> None:
        self.engine.dispose()
        self.drop()
        self.databases.drop(self.first)


@pytest.fixture(scope="module")
def posts(postgres_server: Any, postgres_template: URL) -> Iterator[Postgres]:
    """The first morning with its hub on PostgreSQL."""
    made = Postgres(postgres_server, postgres_template)
    yield made
    made.close()


def test_a_random_day_ends_alike_with_a_hub_on_postgresql(posts: Postgres, count: Count) -> None:
    for seed in range(ON_POSTGRES):
        lived(seed, count, posts.copied(), posts.source)


@pytest.mark.prove
def test_more_random_days_with_a_hub_on_postgresql(posts: Postgres, count: Count) -> None:
    for seed in range(ON_POSTGRES, ON_POSTGRES + PROVED_ON_POSTGRES):
        lived(seed, count, posts.copied(), posts.source)
