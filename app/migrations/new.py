"""Writes the next step of the history from what the models say now: `poe migration NAME`."""

from __future__ import annotations

import sys

from alembic import command
from sqlalchemy import create_engine

from app.migrations import config


def main() -> None:
    """Compares the models with a database that stands at the newest step, and writes what is missing."""
    engine = create_engine("sqlite://")
    with engine.begin() as connection:
        command.upgrade(config(connection), "head")
        command.revision(config(connection), sys.argv[1], autogenerate=True)


if __name__ == "__main__":
    main()
