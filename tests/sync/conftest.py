"""The first morning: a hub and two terminals that hold the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from replay_world import Trio, morning, template
from sqlalchemy import URL

from app.kernel import postgres as server


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    made.stop()


@pytest.fixture
def trio_on_postgresql(postgres: URL) -> Iterator[Trio]:
    """The same with the hub where it is in earnest."""
    engine = server.engine(postgres)
    made = morning(engine, template(engine))
    yield made
    made.stop()
    engine.dispose()
