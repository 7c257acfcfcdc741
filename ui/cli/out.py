"""What the command line says: JSON lines and tables on stdout, sentences for people on stderr."""

from __future__ import annotations

import csv
import json
import os
import sys
from collections.abc import Iterable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.words import say

if TYPE_CHECKING:
    from app.kernel.problems import Problem

DONE, FAILED, WRONG_USAGE, LACKING, INTERRUPTED = 0, 1, 2, 3, 130
_WIDEST = 60  # characters of one cell in a table for people


class WrongUsage(Exception):
    """The command line cannot be meant so; the sentence says what would do."""

    def __init__(self, message: str, **values: object) -> None:
        super().__init__(say(message, values))


def open_streams() -> None:
    """Every stream is there, and carries UTF-8 whatever the locale says: codes and names come in every script."""
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:  # the caller has closed it
            setattr(sys, name, Path(os.devnull).open(mode, encoding="utf-8"))  # noqa: SIM115 - open as long as the program
    for stream in (sys.stdout, sys.stderr):
        if hasattr(stream, "reconfigure"):
            stream.reconfigure(encoding="utf-8", errors="backslashreplace")


def line(value: Any, *, at_once: bool = True) -> None:
    """One JSON object on one line; `at_once` it is out of our hands when this returns."""
    print(json.dumps(value, ensure_ascii=False, separators=(",", ":")), flush=at_once)


def word(message: str, **values: object) -> None:
    """A sentence for whoever sits at the terminal, with its named values."""
    print(say(message, values), file=sys.stderr, flush=True)


def explain(*problems: Problem) -> None:
    """What is so and what to do next, a line each."""
    for problem in problems:
        word(" ".join(filter(None, (problem.sentence, problem.advice))))


def hush() -> None:
    """Nobody takes what is still buffered: it goes nowhere, and Python does not complain about it at the end."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())


def plain(value: Any) -> Any:
    """A value of a row as JSON has it."""
    from app.kernel.strict import shown

    return shown(value)


def cell(value: Any) -> str:
    """A value of a row as a sheet or a table shows it."""
    shown = plain(value)
    if shown is None:
        return ""
    return str(shown).lower() if isinstance(shown, bool) else str(shown)


def sheet(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Comma-separated values (RFC 4180)."""
    writer = csv.writer(sys.stdout)
    writer.writerow(head)
    writer.writerows(rows)


def table(head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """Columns for people, each as wide as what stands in it; only the last one is never cut."""
    shown = [list(head), *([*map(_short, row[:-1]), *map(_on_one_line, row[-1:])] for row in rows)]
    widths = [max(map(len, column)) for column in zip(*shown, strict=True)]
    for row in shown:
        print("  ".join(one.ljust(width) for one, width in zip(row, widths, strict=True)).rstrip())


def _short(text: str) -> str:
    whole = _on_one_line(text)
    return whole if len(whole) <= _WIDEST else whole[: _WIDEST - 1] + "…"


def _on_one_line(text: str) -> str:
    return " ".join(text.split())
