"""`fettle parcel`: what waits goes to the hub on a stick, and the answer comes back, when there is no network for days."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Any

from app.kernel.words import _
from ui.cli import files, out
from ui.cli.out import DONE

if TYPE_CHECKING:
    from app.assemble import Terminal
    from sync.hub.main import Hub
    from sync.terminal.identity import Identity


def add(verbs: Any) -> None:
    parser = verbs.add_parser("parcel", help="carry what waits to the hub on a stick, and its answer back")
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--write", metavar="FILE", default="", help="write what waits into a file, sealed for the hub")
    way.add_argument("--take", metavar="FILE", default="", help="take in the file that the hub has answered with")


def run(args: argparse.Namespace) -> int:
    from sync.terminal import parcel

    with _terminal(args) as (terminal, who):
        if args.write:
            content, count = parcel.write(terminal.app, who)
            files.keep(args.write, content)
            out.line({"file": args.write, "commands": count, "bytes": len(content)})
            out.word(_("Commands in it, sealed for the hub: {count}. They wait here until its answer is back."), count=count)
            out.word(_("Carry it to the hub (fettle hub parcel FILE --answer FILE), and bring the answer back."))
        else:
            brought = parcel.take(terminal.app, who, files.content(args.take))
            told = {"answered": brought.sent, "rows": brought.rows, "refused": len(brought.refused)}
            out.line({"file": args.take} | told)
            out.word(_("Answered by the hub: {answered} commands, {refused} refused. {rows} rows came with it."), **told)
    return DONE


@contextmanager
def _terminal(args: argparse.Namespace) -> Iterator[tuple[Terminal, Identity]]:
    from app.assemble import open_terminal
    from app.kernel.keys import machine_keeper
    from app.kernel.problems import Trouble
    from sync.terminal.identity import identity
    from ui.cli.opening import store_path

    path = store_path(args.store)
    terminal = open_terminal(path)
    try:
        who = identity(terminal.app.read_engine, terminal.app.station, path.parent, machine_keeper())
        if who is None:
            raise Trouble("sync.not_enrolled", _("This terminal works alone."), _("Enrol it first: fettle enrol URL CODE."))
        yield terminal, who
    finally:
        terminal.close()


# --------------------------------------------------------------------------------------------------------- at the hub


def add_at_hub(inner: Any) -> None:
    parser = inner.add_parser("parcel", help="take in a terminal's parcel from a stick, and write its answer")
    parser.add_argument("file", metavar="FILE", help="what the terminal wrote")
    parser.add_argument("--answer", metavar="FILE", required=True, help="where the answer goes, for the way back")
    parser.set_defaults(run=run_at_hub)


def run_at_hub(args: argparse.Namespace) -> int:
    from sync.hub.parcels import answer
    from ui.cli.hub_opening import opened

    brought = files.content(args.file)
    with opened(args) as hub:
        made = answer(hub.peer, hub.keys, lambda ident: _key_of(hub, ident), brought)
    files.keep(args.answer, made.content)
    out.line({"terminal": str(made.terminal), "commands": made.commands, "rows": made.rows, "answer": args.answer})
    out.word(
        _("Taken in: {commands} commands. Carry the answer back, and there: fettle parcel --take FILE."), commands=made.commands
    )
    return DONE


def _key_of(hub: Hub, ident: Any) -> bytes | None:
    known = hub.devices.held(ident)
    return known.public_key if known is not None and not known.ended else None
