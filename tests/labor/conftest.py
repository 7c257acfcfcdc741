"""People with clocks, in a workshop whose morning begins at eight."""

from __future__ import annotations

import pytest
from labor_day import Floor, opened

from world import World


@pytest.fixture
def floor(world: World) -> Floor:
    return opened(world)
