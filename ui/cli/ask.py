"""`fettle ask`: runs a declared query, or an entity's plain list, and prints its rows."""

from __future__ import annotations

import argparse
from collections.abc import Iterator
from itertools import islice
from typing import TYPE_CHECKING, Any

from app.kernel.words import _, say
from ui.cli import out
from ui.cli.out import DONE, WrongUsage

if TYPE_CHECKING:
    from app.kernel.queries import Ask, Row

FORMATS = ("ndjson", "csv", "table")


def add(verbs: Any) -> None:
    parser = verbs.add_parser("ask", help="run a declared query, or list an entity")
    parser.add_argument("name", metavar="NAME", help="a query or an entity, as `fettle queries` and `fettle entities` list them")
    parser.add_argument("arguments", nargs="*", metavar="key=value", help="what the query takes, such as low=true")
    parser.add_argument("--limit", type=_limit, default=None, metavar="N", help="at most so many rows (default: all)")
    parser.add_argument("--format", choices=FORMATS, default="ndjson", help="how the rows are written (default: ndjson)")


def run(args: argparse.Namespace) -> int:
    from ui.cli.opening import opened

    arguments = dict(map(_pair, args.arguments))
    if len(arguments) < len(args.arguments):
        raise WrongUsage(_("Each argument may stand there once."))
    with opened(args) as here, here.app.read(here.actor) as session:
        ask = here.app.asked(session, args.name, here.actor, arguments)
        _write("ndjson" if args.json else args.format, ask, _rows(session, ask, args.limit))
    return DONE


def _limit(text: str) -> int:
    if not (text.isascii() and text.isdigit() and int(text)):
        raise argparse.ArgumentTypeError(say(_("{text} is not a number of rows; write 1 or more"), text=text))
    return int(text)


def _pair(text: str) -> tuple[str, str]:
    name, equals, value = text.partition("=")
    if not equals or not name:
        raise WrongUsage(_("“{text}” is not key=value. Write it like low=true."), text=text[:60])
    return name, value


def _rows(session: Any, ask: Ask, most: int | None) -> Iterator[Row]:
    from app.kernel.queries import rows

    return islice(rows(session, ask), most)


def _write(form: str, ask: Ask, rows: Iterator[Row]) -> None:
    names = [column.name for column in ask.columns]
    if form == "ndjson":
        for row in rows:
            out.line({name: out.plain(value) for name, value in row.items()}, at_once=False)
    elif form == "csv":
        out.sheet(names, ([_quoted(row[name]) for name in names] for row in rows))
    else:
        out.table(names, ([out.cell(row[name]) for name in names] for row in rows))


def _quoted(value: Any) -> str:
    """A cell of a sheet: words that look like a formula are quoted, and numbers stay numbers."""
    from app.kernel.exchange.sheets import armed

    return armed(value) if isinstance(value, str) else out.cell(value)
