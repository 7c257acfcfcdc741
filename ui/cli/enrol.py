"""`fettle enrol URL CODE`: this machine joins a hub, and gets what it is to hold."""

from __future__ import annotations

import argparse
import socket
from pathlib import Path
from typing import TYPE_CHECKING, Any
from urllib.parse import parse_qs, urlsplit

from app.kernel.words import _
from ui.cli import out
from ui.cli.exchange import Progress, stoppable
from ui.cli.out import DONE, LACKING, WrongUsage

if TYPE_CHECKING:
    from app.kernel.problems import Problem
    from sync.terminal.enrol import Call, Enrolled
    from sync.terminal.fetching import Progress as Far

SCHEME = "fettle:enrol?"


def add(verbs: Any) -> None:
    parser = verbs.add_parser("enrol", help="join a hub, with a code that somebody there has made")
    parser.add_argument("url", metavar="URL", help="where the hub is, such as https://hub.example; or what its QR code says")
    parser.add_argument("code", metavar="CODE", nargs="?", default="", help="the code, good for ten minutes")
    parser.add_argument("--name", default="", help="what this terminal is to be called (default: this machine's name)")
    parser.add_argument("--authority", default="", metavar="FILE", help="a PEM file, where the hub's certificate needs one")


def run(args: argparse.Namespace) -> int:
    """Joins, tells whom the words belong to, and fetches the rows; without them the terminal works already, and goes on."""
    from app.kernel.problems import Trouble
    from sync.terminal.enrol import enrol
    from ui.cli.opening import store_path

    path = store_path(args.store)
    try:
        enrolled = enrol(path, _call(args))
    except Trouble as trouble:
        return _out_of_reach(trouble.problem)
    out.line({**vars(enrolled), "terminal": str(enrolled.terminal)})
    _explain(enrolled)
    return _filled(path) if enrolled.fresh else DONE


def _out_of_reach(problem: Problem) -> int:
    """Joining is not tried again by itself, whatever else is: somebody must look at the address, the cable or the disk."""
    if problem.code != "hub.away":
        out.explain(problem)
        return LACKING
    out.word(problem.sentence)
    out.word(_("Check the address and the network, then run it again: a code is good for ten minutes."))
    return LACKING


def _call(args: argparse.Namespace) -> Call:
    """What was typed, or what a QR code said."""
    from sync.snapshots import program
    from sync.terminal.enrol import Call

    url, code, words = linked(args.url) or (args.url, args.code, "")
    if not url or not code:
        raise WrongUsage(_("Say where the hub is and which code it gave: fettle enrol URL CODE."))
    name = args.name or machine_name()
    authority = str(Path(args.authority).expanduser().resolve()) if args.authority else ""
    return Call(url, code, name, words, authority, program())


def linked(text: str) -> tuple[str, str, str] | None:
    """The address, the code and the words of the hub's key that its QR code holds; None for any other text."""
    if not text.startswith(SCHEME):
        return None
    told = {name: values[0] for name, values in parse_qs(urlsplit(text).query).items()}
    return told.get("hub", ""), told.get("code", ""), told.get("key", "")


def machine_name() -> str:
    """What this machine is called where nobody says otherwise."""
    return socket.gethostname().partition(".")[0]


def _explain(enrolled: Enrolled) -> None:
    out.word(_("This machine is “{name}” now, a terminal of {organisation}."), **_named(enrolled))
    out.word(_("Compare with the hub's list of terminals: this machine's key is {words}."), words=enrolled.words)
    out.word(_("And with what was shown beside the code: the hub's key is {words}."), words=enrolled.hub_words)
    if enrolled.adopts:
        out.word(_("The hub was empty: it takes over what was set up here. Run: fettle sync --once."))


def _named(enrolled: Enrolled) -> dict[str, str]:
    return {"name": enrolled.name, "organisation": enrolled.organisation or _("this organisation")}


def _filled(path: Path) -> int:
    from app.kernel.problems import Trouble
    from sync.terminal.starting import start_from_hub

    progress = Progress()
    try:
        with stoppable() as stop:
            start_from_hub(path, tell=lambda so_far: _show(progress, so_far), stop=stop)
    except Trouble as trouble:
        progress.end()
        out.explain(trouble.problem)
        out.word(_("The terminal is enrolled. The same call goes on from here; its window and fettle sync fetch row by row."))
        return LACKING
    progress.end()
    return DONE


def _show(progress: Progress, so_far: Far) -> None:
    """How far the store is: bytes while it is fetched, rows while it is made of columns."""
    if so_far.step == "fetch":
        told = _("{done} of {total} MB are here")
        progress.say(told, {"done": f"{so_far.done / 1e6:.1f}", "total": f"{so_far.total / 1e6:.1f}"})
    else:
        progress.say(_("{done} of {total} rows are in place"), {"done": f"{so_far.done:,}", "total": f"{so_far.total:,}"})
