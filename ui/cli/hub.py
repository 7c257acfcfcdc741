"""`fettle hub …`: the hub, which brings terminals together, keeps the whole and answers other programs."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.words import _
from ui.cli import hub_backup, hub_people, hub_state, hub_terminals, out, parcel
from ui.cli.out import DONE

if TYPE_CHECKING:
    from sqlalchemy import URL

    from sync.hub.main import Hub

HOST, PORT = "127.0.0.1", 8423


def add(verbs: Any) -> None:
    parser = verbs.add_parser("hub", help="the hub: serve it, bring its tables up to date, see to its people")
    inner = parser.add_subparsers(metavar="WHAT", required=True)
    for add_verb in (
        _add_serve,
        _add_migrate,
        hub_people.add,
        hub_terminals.add,
        hub_state.add,
        hub_backup.add,
        parcel.add_at_hub,
    ):
        add_verb(inner)


def run(_args: argparse.Namespace) -> int:
    raise AssertionError("every one of the hub's verbs runs its own function")


def _add_serve(inner: Any) -> None:
    parser = inner.add_parser("serve", help="serve terminals and other programs until it is told to end")
    parser.add_argument("--host", default=HOST, help=f"the address to listen at (default: {HOST}, this machine alone)")
    parser.add_argument("--port", type=int, default=PORT, help=f"the port to listen at (default: {PORT})")
    parser.set_defaults(run=run_serve)


def run_serve(args: argparse.Namespace) -> int:
    from sync.hub.main import listen, serve

    with opened(args) as hub, listen(args.host, args.port) as place:
        port = place.getsockname()[1]
        serve(hub, place, lambda: out.word(_("The hub listens at http://{host}:{port}."), host=args.host, port=port))
    out.word(_("The hub has ended."))
    return DONE


def _add_migrate(inner: Any) -> None:
    inner.add_parser("migrate", help="bring the database's tables up to this program").set_defaults(run=run_migrate)


def run_migrate(args: argparse.Namespace) -> int:
    with database(args) as url:
        _migrate(url)
    out.word(_("The tables are those of this program."))
    return DONE


# ---------------------------------------------------------------------------------------------------------- its database


def folder_of(args: argparse.Namespace) -> Path:
    """Where this hub keeps what is not in its database, and its own database where none is named."""
    from ui.cli.opening import data_folder

    if args.store:
        return Path(args.store).expanduser()
    return Path("/var/lib/fettle") if os.name == "posix" and os.geteuid() == 0 else data_folder() / "hub"


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
            _migrate(url)
        hub = Hub.open(url, folder_of(args))
        try:
            yield hub
        finally:
            hub.close()


def _migrate(url: URL) -> None:
    from app.kernel import postgres
    from app.migrations import upgrade

    engine = postgres.owner_engine(url)
    try:
        upgrade(engine)
    finally:
        engine.dispose()
