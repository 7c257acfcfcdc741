"""Opens the hub that a verb works with: its folder, its database, and its App on it."""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING
from uuid import UUID

from app.kernel.words import _
from ui.cli.out import WrongUsage

if TYPE_CHECKING:
    from sqlalchemy import URL

    from sync.hub.main import Hub


def folder_of(args: argparse.Namespace) -> Path:
    """Where this hub keeps what is not in its database, and its own database where none is named."""
    from ui.cli.opening import data_folder

    if args.store:
        return Path(args.store).expanduser()
    return Path("/var/lib/fettle") if sys.platform != "win32" and os.geteuid() == 0 else data_folder() / "hub"


@contextmanager
def database(args: argparse.Namespace) -> Iterator[URL]:
    """The database that DATABASE_URL names; else the hub's own PostgreSQL: the one that serves now, or one for this verb.

    Trouble when it cannot be reached, now or later.
    """
    from sqlalchemy.exc import InterfaceError, OperationalError

    try:
        with _found(folder_of(args) / "postgres") as url:
            yield url
    except (InterfaceError, OperationalError) as error:
        raise _away(error) from error


@contextmanager
def _found(folder: Path) -> Iterator[URL]:
    from app.kernel import postgres

    running = None if os.environ.get("DATABASE_URL") else postgres.running(folder)
    if running is not None:
        yield running
        return
    with postgres.database(folder) as url:
        yield url


def _away(error: Exception) -> Exception:
    """What the driver says, without the password that its own words may hold."""
    from app.kernel.problems import Trouble

    told = str(getattr(error, "orig", "") or "").strip().splitlines() or ["…"]
    message, hint = _("The hub's database cannot be reached: {told}"), _("See that it runs and that DATABASE_URL is right.")
    return Trouble("hub.away", message, hint, {"told": told[0].strip()[:200]})


@contextmanager
def opened(args: argparse.Namespace) -> Iterator[Hub]:
    """The hub on its database. One of its own is brought up to date first; another one by `fettle hub migrate`."""
    from sync.hub.main import Hub

    with database(args) as url:
        if not os.environ.get("DATABASE_URL"):
            migrate(url)
        hub = Hub.open(url, folder_of(args))
        try:
            yield hub
        finally:
            hub.close()


def organisation(hub: Hub, named: str) -> UUID:
    """The organisation that is meant: the only one, or the one of that name or id."""
    there = hub.organisations()
    meant = [org for org, name in there.items() if not named or named.casefold() == name.casefold() or named == str(org)]
    if len(meant) == 1:
        return meant[0]
    if not there:
        raise WrongUsage(
            _("The hub serves nobody yet: found the first organisation with fettle hub users add NAME --found NAME.")
        )
    raise WrongUsage(_("Say which is meant: --organisation, one of {names}."), names=", ".join(sorted(there.values())))


def migrate(url: URL) -> None:
    """Brings the tables up to this program."""
    from app.kernel import postgres
    from app.migrations import upgrade

    engine = postgres.owner_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
