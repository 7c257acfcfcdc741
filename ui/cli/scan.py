"""`fettle scan`: what a scanned text means here, as JSON."""

from __future__ import annotations

import argparse
from typing import Any

from ui.cli import out
from ui.cli.out import DONE, FAILED


def add(verbs: Any) -> None:
    parser = verbs.add_parser("scan", help="what a scanned text means")
    parser.add_argument("texts", nargs="+", metavar="TEXT", help="the text as the scanner sends it")


def run(args: argparse.Namespace) -> int:
    """Done when everything could be read; a code that nobody knows yet is an answer, a damaged one is not."""
    from ui.cli.opening import opened

    with opened(args) as here:
        found = [here.app.meaning(text, here.actor) for text in args.texts]
    for one in found:
        out.line(one.as_json())
    return FAILED if any(one.kind == "refused" for one in found) else DONE
