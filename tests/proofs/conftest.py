"""A town of real programs, made once for each test process, and copies of it; and a folder in memory."""

from __future__ import annotations

import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest
from hub_town import Copy, Town, founded, moved_in
from postgres_fixture import Databases
from sqlalchemy import URL


@pytest.fixture(scope="session")
def town(tmp_path_factory: pytest.TempPathFactory, postgres_server: Databases, postgres_template: URL) -> Iterator[Town]:
    """A town that others are copied from."""
    url = postgres_server.create(postgres_template.database or "")
    yield founded(tmp_path_factory.mktemp("town") / "made", url, 3)
    postgres_server.drop(url)


@pytest.fixture
def copied(town: Town, tmp_path: Path, postgres_server: Databases) -> Iterator[Copy]:
    """Copies of that town, one for each seed."""
    made: list[Town] = []

    def copy(seed: int) -> Town:
        made.append(moved_in(town, tmp_path / f"town-{seed}", postgres_server.create(town.url.database or "")))
        return made[-1]

    yield copy
    for one in made:
        one.end()
        postgres_server.drop(one.url)


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Path]:
    """A folder in memory, where there is such a thing: thousands of disks are laid into it."""
    if not Path("/dev/shm").is_dir():  # noqa: S108
        yield tmp_path
        return
    with tempfile.TemporaryDirectory(prefix="fettle-", dir="/dev/shm") as folder:
        yield Path(folder)
