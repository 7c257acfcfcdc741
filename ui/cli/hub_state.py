"""`fettle hub status` and `fettle hub fingerprint`: how the hub stands, and what each terminal should hold."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE, WrongUsage

if TYPE_CHECKING:
    from sync.hub.feed import Reach
    from sync.hub.main import Hub


HEAD = ("name", "site", "state", "seen", "waiting", "version", "words", "id")


def add(inner: Any) -> None:
    inner.add_parser("status", help="whom the hub serves, how much it holds and what waits").set_defaults(run=run_status)
    parser = inner.add_parser("fingerprint", help="count and hash of every entity's rows, of all or of one terminal")
    parser.add_argument("--device", default="", metavar="ID", help="what this terminal should have, as it tells by itself")
    parser.set_defaults(run=run_fingerprint)


def run_status(args: argparse.Namespace) -> int:
    from sync.hub.state import standing
    from ui.cli.hub_opening import opened

    with opened(args) as hub:
        told, each = standing(hub), list(_terminals(hub))
    if args.json:
        out.line(told | {"each_terminal": each})
        return DONE
    out.table(("what", "how"), [[name, out.cell(value)] for name, value in told.items()])
    if each:
        print()
        out.table(HEAD, [[out.cell(one[name]) for name in HEAD] for one in each])
    return DONE


def _terminals(hub: Hub) -> Iterator[dict[str, Any]]:
    """Every terminal, with when it was last heard of: what no terminal itself can know of the others."""
    from app.kernel import queries
    from app.kernel.access import system

    for org in hub.organisations():
        with hub.session(org) as session:
            for row in queries.rows(session, hub.app.asked(session, "terminals", system(org))):
                yield {name: out.plain(row[name]) for name in HEAD}


def run_fingerprint(args: argparse.Namespace) -> int:
    from ui.cli.hub_opening import opened

    with opened(args) as hub:
        reach = _reach(hub, args.device) if args.device else None
        out.line(hub.fingerprint(reach))
    return DONE


def _reach(hub: Hub, named: str) -> Reach:
    try:
        found = hub.devices.reach(UUID(named))
    except ValueError:
        found = None
    if found is None:
        raise WrongUsage(_("The hub knows no terminal “{named}”. See: fettle hub status."), named=named[:40])
    return found
