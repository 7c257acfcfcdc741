"""The history of the tables, one for SQLite and PostgreSQL; and the one way to bring a database up to date."""

from __future__ import annotations

from pathlib import Path

from alembic import command
from alembic.config import Config
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, Engine

HERE = Path(__file__).resolve().parent


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, for the program and for `poe migration`."""
    made = Config(attributes={"connection": connection} if connection is not None else {})
    made.set_main_option("script_location", str(HERE))
    return made


def revisions() -> frozenset[str]:
    """Every revision this program knows; a store at another one comes from a newer program."""
    return frozenset(script.revision for script in ScriptDirectory.from_config(config()).walk_revisions())


def head() -> str:
    """The newest revision."""
    return str(ScriptDirectory.from_config(config()).get_current_head())


def upgrade(engine: Engine) -> None:
    """Brings a database to this program's tables, in one transaction: all of it, or none."""
    with engine.begin() as connection:
        command.upgrade(config(connection), "head")
