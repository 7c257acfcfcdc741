"""The first morning: a hub and two terminals that hold the same."""

from __future__ import annotations

from collections.abc import Iterator

import pytest
from replay_world import Trio, morning


@pytest.fixture
def trio() -> Iterator[Trio]:
    made = morning()
    yield made
    made.stop()
