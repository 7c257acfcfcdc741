"""`fettle hub …`: the hub, which brings terminals together, keeps the whole and answers other programs."""

from __future__ import annotations

import argparse
from typing import Any

from app.kernel.words import _
from ui.cli import hub_backup, hub_people, hub_state, hub_terminals, out, parcel
from ui.cli.hub_opening import database, migrate, opened
from ui.cli.out import DONE

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
        migrate(url)
    out.word(_("The tables are those of this program."))
    return DONE
