"""The history of the tables, one for SQLite and PostgreSQL; and the one way to bring a database up to date."""

from __future__ import annotations

import re
from pathlib import Path
from typing import TYPE_CHECKING

from sqlalchemy import Connection, Engine, inspect, select, text
from sqlalchemy.orm import Session

from app.kernel import rls

if TYPE_CHECKING:
    from alembic.config import Config

TOGETHER = 500  # rows read at once
HERE = Path(__file__).resolve().parent
_STEP = re.compile(r"^revision = [\"'](\w+)[\"']\s+down_revision = (?:None|[\"'](\w+)[\"'])", re.MULTILINE)


def config(connection: Connection | None = None) -> Config:
    """Alembic's configuration, for the program and for `poe migration`."""
    from alembic.config import Config  # it takes longer to load than a start that has nothing to migrate should wait

    made = Config(attributes={"connection": connection} if connection is not None else {})
    made.set_main_option("script_location", str(HERE))
    return made


def history() -> dict[str, str]:
    """Every step of the history and the one before it, read from the steps' own files."""
    texts = (path.read_text("utf-8") for path in sorted((HERE / "versions").glob("*.py")))
    return {found[1]: found[2] or "" for found in map(_STEP.search, texts) if found}


def revisions() -> frozenset[str]:
    """Every revision this program knows; a store at another one comes from a newer program."""
    return frozenset(history())


def head() -> str:
    """The newest revision."""
    steps = history()
    return next(step for step in steps if step not in steps.values())


def upgrade(engine: Engine, to: str = "") -> None:
    """Brings a database to this program's tables, in one transaction: all of it, or none. Nothing to do is soon done.

    At the hub, through an engine of the tables' owner; the app's role and its rules are brought in line with them. `to` is an
    earlier step of the history, for an empty database that a backup from then is to fill.
    """
    with engine.begin() as connection:
        hub = connection.dialect.name == "postgresql"
        if hub:
            rls.begin(connection)
        if _stands_at(connection) != (to or head()):
            from alembic import command

            command.upgrade(config(connection), to or head())
            if not to:
                _find_anew(connection)
        if hub:
            rls.protect(connection)


def _find_anew(connection: Connection) -> None:
    """What is written in several ways, such as a plate, is found in all that this program knows: an earlier one knew fewer."""
    import app.capabilities  # noqa: F401  # names every table
    from app.kernel import search
    from app.kernel.entity import Base, Entity

    entities = [one.entity for one in Base.registry.mappers if issubclass(one.entity, Entity)]
    with Session(connection) as session:
        for entity in (one for one in entities if one.__about__.spelled):
            rows = session.scalars(select(entity).execution_options(yield_per=TOGETHER))
            for some in rows.partitions():
                search.put(session, some)
                session.expunge_all()


def stands_at_head(engine: Engine) -> bool:
    """Whether a database has this program's tables."""
    with engine.connect() as connection:
        return _stands_at(connection) == head()


def _stands_at(connection: Connection) -> str | None:
    """The revision of a database's tables; None where there are none yet."""
    if not inspect(connection).has_table("alembic_version"):
        return None
    return str(connection.scalar(text("SELECT version_num FROM alembic_version")))
