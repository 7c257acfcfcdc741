"""`fettle hub enrol-code` and `fettle hub recover`: lets machines in, and takes in what a wiped one has handed over."""

from __future__ import annotations

import argparse
import os
import socket
import sys
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from app.kernel.words import _
from ui.cli import files, out
from ui.cli.out import DONE, FAILED, WrongUsage

if TYPE_CHECKING:
    from sync.hub.enrolling import Invited
    from sync.hub.main import Hub

ADDRESS = "FETTLE_HUB_URL"


def add(inner: Any) -> None:
    parser = inner.add_parser("enrol-code", help="make a code that lets one machine in, once, within ten minutes")
    parser.add_argument("--name", default="", help="what the terminal is to be called")
    parser.add_argument("--site", default="", metavar="CODE", help="it belongs to this site (default: to all of them)")
    parser.add_argument("--warehouse", default="", metavar="CODE", help="it holds this store room of the site alone")
    parser.add_argument("--organisation", default="", metavar="NAME", help="whose it is, where the hub serves several")
    parser.add_argument("--url", default="", help=f"where terminals reach the hub (default: {ADDRESS}, else this machine)")
    parser.add_argument("--to", default="", metavar="FILE", help="where the QR code is written: .png, else as text")
    parser.set_defaults(run=run_code)
    parser = inner.add_parser("recover", help="take in the sealed file that a wiped terminal left")
    parser.add_argument("file", metavar="FILE", help="waiting-….sealed, as the terminal wrote it")
    parser.set_defaults(run=run_recover)


# ---------------------------------------------------------------------------------------------------------- letting in


def run_code(args: argparse.Namespace) -> int:
    """The code, and a QR code of all that the machine must know. An empty hub takes its first machine's organisation."""
    from printing import qr
    from ui.cli.hub_opening import opened

    named = args.url or os.environ.get(ADDRESS, "")
    url = _address(named or f"http://{socket.gethostname()}:8423")
    with opened(args) as hub:
        invited = _invited(hub, args)
    link = invited.link(url)
    out.line({"code": invited.code, "hub": url, "hub_words": invited.hub_words, "link": link, "minutes": 10})
    if args.to:
        files.keep(args.to, qr.as_file(link, Path(args.to).suffix))
    elif not args.json:
        print(qr.as_text(link), file=sys.stderr)
    out.word(_("On the machine, run: fettle enrol {url} {code}"), url=url, code=invited.code)
    out.word(_("It must show these words for this hub: {words}"), words=invited.hub_words)
    if not named:
        out.word(
            _("The address is this machine's name: if terminals reach the hub by another, say it with --url or {name}."),
            name=ADDRESS,
        )
    return DONE


def _address(url: str) -> str:
    """As terminals are to call the hub; Refused where it is no such address, before a code is made for it."""
    from sync.terminal.http import HttpLine

    HttpLine(url).end()
    return url


def _invited(hub: Hub, args: argparse.Namespace) -> Invited:
    from sync.hub.enrolling import invite, invite_first
    from ui.cli.hub_opening import organisation

    if not hub.organisations():
        _check_places_are_left_out(args)
        return invite_first(hub.app, hub.keys, args.name)
    org = organisation(hub, args.organisation)
    site, warehouse = _place(hub, org, "site", args.site), _place(hub, org, "warehouse", args.warehouse)
    return invite(hub.app, hub.keys, org, name=args.name, site=site, warehouse=warehouse)


def _check_places_are_left_out(args: argparse.Namespace) -> None:
    """An empty hub knows nobody's places yet: what is named would come to nothing, unseen."""
    named = [f"--{name}" for name in ("organisation", "site", "warehouse") if getattr(args, name)]
    if named:
        message = _("This hub is empty: its first terminal brings the organisation and its places. Leave out {named}.")
        raise WrongUsage(message, named=", ".join(named))


def _place(hub: Hub, org: UUID, entity: str, code: str) -> UUID | None:
    """A site or a store room by its code; None where none is named."""
    from sqlalchemy import select

    if not code:
        return None
    kind: Any = hub.app.registry.entity(entity)
    with hub.session(org) as session:
        wanted = select(kind.code, kind.id).where(kind.org_id == org, kind.retired.is_(False))
        there: dict[str, UUID] = {name: ident for name, ident in session.execute(wanted)}
    found = next((ident for name, ident in there.items() if name.casefold() == code.casefold()), None)
    if found is None:
        names = ", ".join(sorted(there)) or "–"
        raise WrongUsage(_("There is no {kind} “{code}”. There are: {names}."), kind=entity, code=code[:20], names=names)
    return found


# ---------------------------------------------------------------------------------------------------------- taking in


def run_recover(args: argparse.Namespace) -> int:
    """Runs what waited on a wiped terminal; the file may be taken in again, nothing is done twice."""
    from sync.hub.recovery import recover
    from ui.cli.hub_opening import opened

    with files.opened(args.file) as file, opened(args) as hub:
        done = recover(hub.app, hub.devices, file)
    out.line({**asdict(done), "terminal": str(done.terminal)})
    out.word(_("{taken} of {commands} commands of “{name}” are at the hub."), **asdict(done))
    if done.doubtful:
        out.word(
            _("{doubtful} were done after it had been revoked: look at them among what waits for a decision."), **asdict(done)
        )
    return DONE if done.taken == done.commands else FAILED
