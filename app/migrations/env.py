"""Runs the history inside the caller's transaction. Every capability is imported, so that `poe migration` sees all tables."""

from __future__ import annotations

from typing import Any, Literal

from alembic import context

import app.capabilities  # noqa: F401  # names every table
from app.kernel.entity import Base

SKIPPED = ("search",)  # full-text tables are made by hand, and SQLite keeps shadow tables beside them


def _ours(_object: Any, name: str | None, kind: str, _reflected: bool, _compare: Any) -> bool:
    return not (kind == "table" and (name or "").split("_")[0] in SKIPPED)


def _written(kind: str, item: Any, _autogen: Any) -> str | Literal[False]:
    """Our own types by their own names, so that a step of the history reads the same for ever."""
    if kind == "type" and type(item).__module__ in ("app.kernel.types", "app.kernel.money"):
        return f"{type(item).__module__.rsplit('.', 1)[1]}.{type(item).__name__}()"
    return False


context.configure(
    connection=context.config.attributes["connection"],
    target_metadata=Base.metadata,
    include_object=_ours,
    render_as_batch=False,
    render_item=_written,
    transaction_per_migration=False,
    transactional_ddl=True,  # our own BEGIN IMMEDIATE covers changes of tables on SQLite too
)
context.run_migrations()
