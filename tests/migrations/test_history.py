"""The history of the tables: what it makes is what the models say, on both databases, and a step is taken whole or not."""

from __future__ import annotations

import shutil
import warnings
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from alembic.autogenerate import compare_metadata
from alembic.migration import MigrationContext
from sqlalchemy import URL, Column, Engine, String, Table, inspect, text
from sqlalchemy.exc import OperationalError, ProgrammingError

import app.migrations as migrations
from app.kernel import postgres as server
from app.kernel.entity import Base
from app.kernel.store import Store
from app.kernel.types import Id
from app.migrations import head, history, revisions, upgrade
from app.migrations.new import write

KEY = bytes(range(32))
BROKEN = '''"""Makes a table, and breaks."""

import sqlalchemy as sa
from alembic import op

revision = "9999"
down_revision = "{last}"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table("half_done", sa.Column("id", sa.Integer(), primary_key=True))
    op.execute("INSERT INTO nowhere VALUES (1)")
'''


@pytest.fixture
def store(tmp_path: Path) -> Iterator[Store]:
    made = Store.create(tmp_path / "store.fettle", KEY)
    yield made
    made.close()


@pytest.fixture
def empty_hub(postgres_server: Any) -> Iterator[Engine]:
    """A database of PostgreSQL without any table."""
    url: URL = postgres_server.create()
    engine = server.owner_engine(url)
    yield engine
    engine.dispose()
    postgres_server.drop(url)


@pytest.fixture(params=["sqlite", "postgresql"])
def empty(request: pytest.FixtureRequest) -> Engine:
    """A database without any table, of either kind."""
    if request.param == "sqlite":
        return request.getfixturevalue("store").writer
    return request.getfixturevalue("empty_hub")


@pytest.fixture
def own_history(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A copy of the history that a test may add to."""
    copy = Path(shutil.copytree(migrations.HERE, tmp_path / "migrations", ignore=shutil.ignore_patterns("__pycache__")))
    monkeypatch.setattr(migrations, "HERE", copy)
    return copy / "versions"


def tables(engine: Engine) -> set[str]:
    with engine.connect() as connection:
        return set(inspect(connection).get_table_names())


def ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    """Full-text tables are made by hand, and an index over an expression is more than SQLite tells of."""
    return not (kind == "table" and (name or "").split("_")[0] == "search") and name != "ix_part_code_any_case"


def differences(engine: Engine) -> list[Any]:
    with engine.connect() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index")
        context = MigrationContext.configure(connection, opts={"include_object": ours, "compare_type": True})
        return list(compare_metadata(context, Base.metadata))


def test_what_the_history_makes_is_what_the_models_say(empty: Engine) -> None:
    upgrade(empty)
    assert differences(empty) == []
    assert tables(empty) >= {table.name for table in Base.metadata.sorted_tables} | {"alembic_version"}


def test_what_only_a_database_itself_can_do_is_there(empty: Engine) -> None:
    upgrade(empty)
    lite = empty.dialect.name == "sqlite"
    asked = "SELECT name FROM sqlite_master" if lite else "SELECT indexname FROM pg_indexes UNION SELECT tgname FROM pg_trigger"
    with empty.connect() as connection:
        names = set(connection.scalars(text(asked)))
        assert names >= {"ix_part_code_any_case", "number_feed"}
        assert connection.scalar(text("SELECT count(*) FROM search")) == 0


def test_a_database_that_is_up_to_date_is_left_alone(empty: Engine) -> None:
    upgrade(empty)
    before = tables(empty)
    upgrade(empty)
    assert tables(empty) == before


def test_the_history_is_one_line_without_branches() -> None:
    before = [one for one in history().values() if one]
    assert len(before) == len(set(before)) == len(history()) - 1
    assert head() in revisions()


def test_a_step_that_breaks_leaves_nothing_of_itself_nor_of_those_before_it(empty: Engine, own_history: Path) -> None:
    (own_history / "9999_broken.py").write_text(BROKEN.format(last=head()))
    with pytest.raises((OperationalError, ProgrammingError), match="nowhere"):
        upgrade(empty)
    assert tables(empty) == set()


def test_a_later_step_that_breaks_leaves_the_database_where_it_stood(empty: Engine, own_history: Path) -> None:
    upgrade(empty)
    before, stood = tables(empty), head()
    (own_history / "9999_broken.py").write_text(BROKEN.format(last=stood))
    with pytest.raises((OperationalError, ProgrammingError), match="nowhere"):
        upgrade(empty)
    assert tables(empty) == before
    with empty.connect() as connection:
        assert connection.scalar(text("SELECT version_num FROM alembic_version")) == stood


# -------------------------------------------------------------------------------------------------------- the next step


def test_where_nothing_has_changed_no_step_is_written(own_history: Path) -> None:
    before = set(own_history.iterdir())
    assert write("nothing") is None
    assert set(own_history.glob("*.py")) == {one for one in before if one.suffix == ".py"}


def test_a_new_table_becomes_the_next_step_and_is_made_on_both_databases(empty: Engine, own_history: Path) -> None:
    tool = Table("tool", Base.metadata, Column("id", Id(), primary_key=True), Column("code", String(32), nullable=False))
    try:
        step = write("tools")
        assert step is not None
        assert (step.parent, step.name) == (own_history, f"{len(history()):04}_tools.py")
        assert "types.Id()" in step.read_text("utf-8")
        upgrade(empty)
        assert "tool" in tables(empty)
        assert differences(empty) == []
        assert write("once more") is None
    finally:
        Base.metadata.remove(tool)
