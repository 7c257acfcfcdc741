"""`fettle commands`, `queries`, `entities`: what there is, each with its grant, one sentence and its JSON schema."""

from __future__ import annotations

import argparse
from typing import Any

from ui.cli import out
from ui.cli.out import DONE

HEAD = ("name", "grant", "about")


def add(verbs: Any) -> None:
    for name, help in (
        ("commands", "what `fettle do` can run"),
        ("queries", "what `fettle ask` can be asked, beside every entity's plain list"),
        ("entities", "what there are records of"),
    ):
        verbs.add_parser(name, help=help).set_defaults(entries=name)


def run(args: argparse.Namespace) -> int:
    from app.capabilities import registry
    from app.kernel import catalogue

    entries = {"commands": catalogue.commands, "queries": catalogue.queries, "entities": catalogue.entities}[args.entries]
    found = list(entries(registry()))
    if args.json:
        for entry in found:
            out.line(entry)
    else:
        out.table(HEAD, [[entry[name] for name in HEAD] for entry in found])
    return DONE
