"""`fettle import` and `fettle export`: files of records in and out, in the name of whoever acts."""

from __future__ import annotations

import argparse
import signal
import sys
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli import out
from ui.cli.out import DONE, FAILED, INTERRUPTED, LACKING

if TYPE_CHECKING:
    from app.kernel.exchange.report import Finding, Summary

OFTEN, SELDOM = 0.2, 10.0  # seconds between two words of progress: on a terminal, in a log


def add(verbs: Any) -> None:
    parser = verbs.add_parser("import", help="take the rows of a file in as records")
    parser.add_argument("entity", metavar="ENTITY", help="what the rows are, such as part, customer or stock_line")
    parser.add_argument("file", metavar="FILE", help="a .csv, .xlsx or .ndjson file")
    parser.add_argument("--map", default="", metavar="FILE", help="a mapping file, or the name of one that comes with Fettle")
    parser.add_argument("--dry-run", action="store_true", help="tell what would happen, and keep nothing")
    parser.add_argument("--report", metavar="FILE", help="where findings are written (.csv or .ndjson; default: stdout)")
    parser = verbs.add_parser("export", help="write a list to a file")
    parser.add_argument("name", metavar="ENTITY", help="an entity or a query")
    parser.add_argument("--to", required=True, metavar="FILE", help="its name ends in .csv, .xlsx or .ndjson")
    parser.set_defaults(run=run_export)


# --------------------------------------------------------------------------------------------------------------- import


def run(args: argparse.Namespace) -> int:
    """Tells every line that was refused, skipped or remarked on, and at the end what became of the whole file."""
    from app.kernel.exchange.running import import_file
    from app.kernel.words import _
    from ui.cli.opening import opened

    with opened(args) as here, _findings(args.report) as tell, stoppable() as stopped:
        progress = Progress()
        summary = import_file(
            here.app,
            here.actor,
            args.entity,
            Path(args.file),
            map=args.map,
            dry_run=args.dry_run,
            tell=tell,
            progress=lambda so_far: progress.say(_("{lines} lines read, {refused} refused"), asdict(so_far)),
            cancelled=stopped,
        )
        progress.end()
    out.line(summary.as_json())
    _explain(summary, args.report or "")
    return _exit_code(summary)


@contextmanager
def _findings(report: str | None) -> Iterator[Callable[[Finding], None]]:
    """Where findings go: to stdout, a line each, or into a file."""
    from app.kernel.exchange.report import ReportFile

    if not report:
        yield lambda finding: out.line(finding.as_json())
        return
    file = ReportFile(Path(report))
    try:
        yield file.add
    finally:
        file.close()


def _exit_code(summary: Summary) -> int:
    if summary.trouble is not None:
        return LACKING
    if summary.cancelled:
        return INTERRUPTED
    return DONE if summary.clean else FAILED


def _explain(summary: Summary, report: str) -> None:
    """The same in words."""
    from app.kernel.words import _

    counted = asdict(summary)
    if summary.dry_run:
        out.word(_("{lines} lines: {made} would be made, {changed} changed, {unchanged} stay as they are."), **counted)
    else:
        out.word(_("{lines} lines: {made} made, {changed} changed, {unchanged} stay as they were."), **counted)
    out.word(_("{skipped} were skipped, {refused} refused."), **counted)
    for entity, tally in summary.also.items():
        out.word(_("With them, {entity}: {made} made, {unchanged} as before, {refused} refused."), entity=entity, **asdict(tally))
    if summary.unread:
        out.word(_("Nothing reads these columns: {columns}."), columns=", ".join(summary.unread))
    if summary.pending:
        out.word(_("The hub has yet to agree to these changes."))
    if summary.trouble is not None:
        out.explain(summary.trouble)
    if summary.cancelled or summary.trouble is not None:
        out.word(_("It ended early: what is counted above was taken. Import the file again to go on."))
    if report and (summary.refused or summary.skipped or summary.noted):
        out.word(_("The lines that need a look are in {report}."), report=report)


# --------------------------------------------------------------------------------------------------------------- export


def run_export(args: argparse.Namespace) -> int:
    from app.kernel.exchange.exports import export_file
    from app.kernel.words import _
    from ui.cli.opening import opened

    with opened(args) as here, stoppable() as stopped:
        progress = Progress()
        count = export_file(
            here.app,
            here.actor,
            args.name,
            Path(args.to),
            progress=lambda so_far: progress.say(_("{count} rows written"), {"count": so_far}),
            cancelled=stopped,
        )
        progress.end()
    out.line({"export": args.name, "to": args.to, "rows": count})
    return DONE


# ------------------------------------------------------------------------------------------------------------ long work


class Progress:
    """How far long work is, on stderr: one line that changes on a terminal, a line now and then in a log."""

    def __init__(self) -> None:
        self._live = sys.stderr.isatty()
        self._said = time.monotonic()
        self._width = 0

    def say(self, message: str, values: Mapping[str, object]) -> None:
        from app.kernel.words import say

        now = time.monotonic()
        if now - self._said < (OFTEN if self._live else SELDOM):
            return
        self._said = now
        text = say(message, values)
        if self._live:
            print(f"\r{text.ljust(self._width)}", end="", file=sys.stderr, flush=True)
            self._width = len(text)
        else:
            out.word(text)

    def end(self) -> None:
        if self._width:
            print(file=sys.stderr)


@contextmanager
def stoppable() -> Iterator[Callable[[], bool]]:
    """Whether Ctrl-C was pressed: long work then ends at the next clean place. A second one ends the program."""
    from app.kernel.words import _

    pressed: list[int] = []

    def press(number: int, _frame: Any) -> None:
        pressed.append(number)
        signal.signal(signal.SIGINT, signal.default_int_handler)
        out.word(_("Stopping; press Ctrl-C again to end at once."))

    before = signal.signal(signal.SIGINT, press)
    try:
        yield lambda: bool(pressed)
    finally:
        signal.signal(signal.SIGINT, before)
