"""A job that is done, and one that is handed over and to be paid."""

from __future__ import annotations

from collections.abc import Callable
from uuid import UUID

import pytest
from paying import given_out, job

from world import World


@pytest.fixture
def ready(world: World) -> UUID:
    return job(world)


@pytest.fixture
def delivered(world: World) -> UUID:
    return given_out(world)


@pytest.fixture
def another(world: World) -> Callable[..., UUID]:
    """More such jobs, at another price."""
    return lambda **more: given_out(world, **more)
