"""Writes the next step of the history from what the models say now: `poe migration NAME`.

An index over an expression, and whatever else SQLite does not tell of itself, is added to the step by hand.
"""

from __future__ import annotations

import sys
import warnings
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

from alembic import command

from app.kernel.store import Store
from app.migrations import config, history, upgrade

KEY = bytes(32)  # the store is empty, and gone as soon as it has been compared


def write(name: str) -> Path | None:
    """Compares the models with an empty store at the newest step, and writes what is missing; None where nothing is."""
    with TemporaryDirectory() as folder:
        store = Store.create(Path(folder) / "empty.fettle", KEY)
        try:
            upgrade(store.writer)
            return _written(store, name)
        finally:
            store.close()


def _written(store: Store, name: str) -> Path | None:
    with store.writer.begin() as connection, warnings.catch_warnings():
        warnings.filterwarnings("ignore", message=".*expression-based index")
        step = command.revision(
            config(connection),
            name,
            autogenerate=True,
            rev_id=f"{len(history()) + 1:04}",
            process_revision_directives=_nothing_for_nothing,
        )
    return Path(step.path) if step is not None and not isinstance(step, list) else None


def _nothing_for_nothing(_context: Any, _revision: Any, directives: list[Any]) -> None:
    """No step is written that would change nothing."""
    if directives[0].upgrade_ops.is_empty():
        directives.clear()


def main() -> int:
    """Says where the new step is, so that somebody reads it before it is kept."""
    written = write(" ".join(sys.argv[1:]))
    told = f"Read it, then commit it: {written}" if written else "The tables are already what the models say."
    sys.stdout.write(told + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
