"""A program that was killed while it began its journal anew leaves a whole store; a journal from elsewhere is still found out."""

from __future__ import annotations

import shutil
import sys
from collections.abc import Callable
from contextlib import closing
from pathlib import Path

import pytest
from sqlalchemy import Engine

from app.kernel.problems import Trouble
from app.kernel.store import Store

KEY = bytes(range(32))
HEAD, INDEX = 32, 48  # bytes of the journal's head, and of the index's, which stands there twice
SALTS, LAST_FRAME = 32, 16  # where these are in the index


def run(engine: Engine, *statements: str) -> None:
    for statement in statements:
        with engine.begin() as connection:
            connection.exec_driver_sql(statement)


def killed(folder: Path, *statements: str) -> Path:
    """A store as it lies there when its program is killed after some commits on an empty journal."""
    path = folder / "at work" / "store"
    with closing(Store.create(path, KEY)) as store:
        run(store.writer, "CREATE TABLE part (code TEXT)", "INSERT INTO part VALUES ('P-1')")
    with closing(Store.open(path, KEY, ())) as store:
        run(store.writer, *statements)
        shutil.copytree(path.parent, folder / "left")
    return folder / "left" / "store"


def beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def tell(path: Path, salts: bytes, frames: int) -> None:
    """Has the index know of a journal with these salts, and of so many frames that were finished in it."""
    told = bytearray(beside(path, "-shm").read_bytes())
    for start in (0, INDEX):
        told[start + SALTS : start + SALTS + 8] = salts
        told[start + LAST_FRAME : start + LAST_FRAME + 4] = frames.to_bytes(4, sys.byteorder)
    beside(path, "-shm").write_bytes(told)


def salts_in(path: Path) -> bytes:
    return beside(path, "-wal").read_bytes()[16:24]


def counted_on(salts: bytes) -> bytes:
    """What the next journal's salts are, as SQLite makes them: the first is counted on, the other is by chance."""
    return (int.from_bytes(salts[:4], "big") + 1).to_bytes(4, "big") + b"once"


def parts(path: Path) -> list[str]:
    with closing(Store.open(path, KEY, ())) as store, store.reader.connect() as connection:
        return list(connection.exec_driver_sql("SELECT code FROM part ORDER BY code").scalars())


def test_killed_twice_in_its_very_first_commit_a_store_is_whole(tmp_path: Path) -> None:
    path = killed(tmp_path, "INSERT INTO part VALUES ('P-2')")
    journal = beside(path, "-wal").read_bytes()
    beside(path, "-wal").write_bytes(journal[: HEAD + 100])  # of that commit
    tell(path, b"by_first", 0)
    assert parts(path) == ["P-1"]


def test_killed_between_its_only_commit_and_the_word_of_it_a_store_keeps_it(tmp_path: Path) -> None:
    path = killed(tmp_path, "INSERT INTO part VALUES ('P-2')")
    tell(path, b"by_first", 0)
    assert parts(path) == ["P-1", "P-2"]


def test_killed_before_the_head_of_a_journal_that_is_begun_anew_a_store_is_whole(tmp_path: Path) -> None:
    path = killed(tmp_path, "INSERT INTO part VALUES ('P-2')", "INSERT INTO part VALUES ('P-3')")
    tell(path, counted_on(salts_in(path)), 0)
    assert parts(path) == ["P-1", "P-2", "P-3"]


@pytest.mark.parametrize(
    "known",
    [
        pytest.param(lambda salts: (b"anothers", 0), id="of which the index knows nothing"),
        pytest.param(lambda salts: (b"anothers", 2), id="in place of one that had commits"),
        pytest.param(lambda salts: (counted_on(salts), 2), id="older than the one that had commits"),
    ],
)
def test_a_journal_with_commits_that_nobody_made_here_is_found_out(
    known: Callable[[bytes], tuple[bytes, int]], tmp_path: Path
) -> None:
    path = killed(tmp_path, "INSERT INTO part VALUES ('P-2')", "INSERT INTO part VALUES ('P-3')")
    tell(path, *known(salts_in(path)))
    with pytest.raises(Trouble) as trouble:
        parts(path)
    assert trouble.value.problem.code == "store.damaged"
