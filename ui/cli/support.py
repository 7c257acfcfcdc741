"""`fettle support FILE` and `fettle where`: what helps whoever helps, and where the data lies."""

from __future__ import annotations

import argparse
from contextlib import closing
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE


def add(verbs: Any) -> None:
    parser = verbs.add_parser("support", help="write one file for whoever helps, with nothing in it of what people wrote")
    parser.add_argument("file", metavar="FILE", help="the file, or the folder for it")
    parser = verbs.add_parser("where", help="where the data lies, how much there is, and when it was backed up")
    parser.set_defaults(run=run_where)


def run(args: argparse.Namespace) -> int:
    """It needs nobody's name: there is nothing in it that anybody may not see."""
    from app.assemble import open_terminal
    from app.kernel.problems import Trouble
    from ui.cli.opening import store_path
    from ui.support import bare_bundle, bundle, bundle_name

    path, to = store_path(args.store), Path(args.file).expanduser()
    to, reports = to / bundle_name(datetime.now(UTC)) if to.is_dir() else to, path.parent / "reports"
    try:
        terminal = open_terminal(path)
    except Trouble as trouble:
        out.explain(trouble.problem)
        written = bare_bundle(trouble.problem, path, reports, to)
    else:
        with closing(terminal):
            written = bundle(terminal, reports, to)
    out.line({"file": str(written), "bytes": written.stat().st_size})
    out.word(_("No names, phone numbers, codes or keys are in it: it may be sent by mail."))
    return DONE


def run_where(args: argparse.Namespace) -> int:
    from app.assemble import open_terminal
    from app.kernel.whereabouts import whereabouts
    from ui.cli.opening import store_path

    path = store_path(args.store)
    with closing(open_terminal(path)) as terminal:
        found = whereabouts(path, terminal.app.read_engine, terminal.app.station, path.parent / "reports")
    if args.json:
        out.line(found.as_json())
        return DONE
    for piece in found.pieces:
        out.line({"name": piece.name, "path": str(piece.path), "bytes": piece.size, "files": piece.files})
    if found.backed_up is None:
        out.word(_("There is no backup yet."))
    else:
        out.word(_("The last backup was made at {made} (UTC)."), made=f"{found.backed_up:%Y-%m-%d %H:%M}")
    return DONE
