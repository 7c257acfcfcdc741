"""Insert or replace by key, in the one way that SQLite and PostgreSQL share."""

from __future__ import annotations

from collections.abc import Sequence
from functools import lru_cache
from typing import Any

from sqlalchemy import Table
from sqlalchemy.orm import Session


def dialect_insert(table: Table, dialect: str) -> Any:
    """Each database's own INSERT; a terminal need not load what only the hub speaks."""
    if dialect == "postgresql":
        from sqlalchemy.dialects import postgresql

        return postgresql.insert(table)
    from sqlalchemy.dialects import sqlite

    return sqlite.insert(table)


@lru_cache(maxsize=512)
def _statement(table: Table, dialect: str, names: tuple[str, ...], key: tuple[str, ...]) -> Any:
    statement = dialect_insert(table, dialect)
    rest = {name: statement.excluded[name] for name in names if name not in key}
    return statement.on_conflict_do_update(index_elements=list(key), set_=rest) if rest else statement.on_conflict_do_nothing()


def upsert(session: Session, table: Table, rows: Sequence[dict[str, Any]], key: tuple[str, ...]) -> None:
    """Writes the rows; where the key is there already, the other given columns are replaced. All rows name the same columns."""
    if rows:
        session.connection().execute(_statement(table, session.get_bind().dialect.name, tuple(rows[0]), key), list(rows))
