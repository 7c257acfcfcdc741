"""`fettle hub users`: who works at the hub's organisations, and the first ones of each, whom nobody else could make."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE, WrongUsage

if TYPE_CHECKING:
    from sync.hub.main import Hub

HEAD = ("organisation", "username", "name", "roles", "status")


def add(inner: Any) -> None:
    parser = inner.add_parser("users", help="list who works here; `users add NAME` makes somebody")
    parser.set_defaults(run=run)
    more = parser.add_subparsers(metavar="WHAT")
    added = more.add_parser("add", help="make somebody, and print the PIN that they come in with")
    added.add_argument("name", metavar="NAME", help="the name that colleagues use")
    added.add_argument("--role", default="ADM", help="the code of their role (default: ADM, who looks after everything)")
    added.add_argument("--username", default="", help="the user name (default: from the name)")
    added.add_argument("--organisation", default="", metavar="NAME", help="whose they are, where the hub serves several")
    added.add_argument("--found", default="", metavar="NAME", help="founds an organisation of this name for them")
    added.set_defaults(run=run_add)


def run(args: argparse.Namespace) -> int:
    """Everybody, by organisation and user name."""
    from ui.cli.hub_opening import opened

    with opened(args) as hub:
        found = list(_people(hub))
    if args.json:
        for entry in found:
            out.line(entry)
    else:
        out.table(HEAD, [[out.cell(entry[name]) for name in HEAD] for entry in found])
    return DONE


def run_add(args: argparse.Namespace) -> int:
    from app.access.newcomers import welcome
    from ui.cli.hub_opening import opened, organisation

    with opened(args) as hub:
        org = _founded(hub, args) if args.found else organisation(hub, args.organisation)
        newcomer = welcome(hub.app, org, args.name, args.role, args.username)
    out.line({"username": newcomer.username, "pin": newcomer.pin})
    out.word(_("{name} comes in with this PIN, and changes it then. It is shown here once."), name=args.name)
    return DONE


def _people(hub: Hub) -> Iterator[dict[str, str]]:
    from app.access.actors import roles_of
    from app.access.model import Person

    for org, name in hub.organisations().items():
        with hub.session(org) as session:
            for person in session.query(Person).where(Person.org_id == org, Person.retired.is_(False)).order_by(Person.username):
                roles = " ".join(dict.fromkeys(role.code for role in roles_of(session, person)))
                shown = {"username": person.username, "name": person.name, "roles": roles, "status": person.status}
                yield {"organisation": name, **shown}


def _founded(hub: Hub, args: argparse.Namespace) -> UUID:
    """A new organisation; nothing is founded that there is already, nor for somebody who cannot be made."""
    from app.access.newcomers import found, may_begin

    wanted = " ".join(args.found.split())
    if wanted.casefold() in {name.casefold() for name in hub.organisations().values()}:
        raise WrongUsage(_("“{name}” is there already: leave out --found, or say --organisation."), name=wanted[:60])
    may_begin(args.name, args.role, args.username)
    return found(hub.app, wanted)
