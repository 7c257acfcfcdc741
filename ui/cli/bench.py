"""`fettle bench`: measures what a person waits for, beside what this machine can do at best."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from importlib import import_module
from typing import TYPE_CHECKING, Any

from ui.cli import out
from ui.cli.out import DONE, FAILED, WrongUsage

if TYPE_CHECKING:
    from app.kernel.measuring import Result

BENCHES = {
    "scan": "ui.bench.scan",
    "commit": "ui.bench.commit",
    "paint": "ui.bench.paint",
    "start": "ui.bench.start",
    "search": "ui.bench.searching",
    "import": "ui.bench.importing",
    "snapshot": "sync.bench.snapshot",
    "round": "sync.bench.round",
    "push": "sync.bench.push",
    "pull": "ui.cli.bench_pull",
    "tick": "ui.cli.bench_tick",
    "list": "ui.bench.lists",
    "many": "sync.bench.many",
    "records": "sync.bench.records",
    "odoo": "sync.bench.odoo",
}
_HEAD = ("bench", "measure", "here", "limit", "wanted", "")


def add(verbs: Any) -> None:
    parser = verbs.add_parser("bench", help="measure speed beside this machine's own limit")
    parser.add_argument("names", nargs="*", metavar="NAME", help=f"which: {', '.join(BENCHES)} (default: all)")
    parser.add_argument("--n", type=_number, default=None, metavar="N", help="how many, for a smaller or larger run")


def run(args: argparse.Namespace) -> int:
    """Done when every target was met."""
    unknown = [name for name in args.names if name not in BENCHES]
    if unknown:
        raise WrongUsage(f"There is no bench “{unknown[0]}”. There are: {', '.join(BENCHES)}.")
    results = []
    for name in args.names or BENCHES:
        load = _load()
        results.append(import_module(BENCHES[name]).bench(args.n))
        _tell(results[-1], load, as_json=args.json)
    return DONE if all(result.met for result in results) else FAILED


def _tell(result: Result, load: str, *, as_json: bool) -> None:
    out.word(f"{result.bench}: {result.did}. {load}")
    if as_json:
        out.line(result.as_json())
    else:
        out.table(_HEAD, _lines(result))


def _lines(result: Result) -> Iterator[tuple[str, ...]]:
    """What was measured here, each beside the machine's limit and the target where there is one."""
    for name, value in {**result.metrics, **result.ratios}.items():
        yield (result.bench, name, _figure(value), _figure(result.limits.get(name)), *_verdict(result, name))
    for name, value in result.limits.items():
        if name not in result.metrics:
            yield (result.bench, name, "", _figure(value), "", "")


def _verdict(result: Result, name: str) -> tuple[str, str]:
    if name not in result.targets:
        return "", ""
    way, wanted = result.targets[name]
    return f"{way} {_figure(wanted)}", "met" if result.meets(name) else "not met"


def _figure(value: float | None) -> str:
    return "" if value is None else f"{value:,g}"


def _load() -> str:
    """What else the machine was doing: whoever reads the numbers must know."""
    if not hasattr(os, "getloadavg"):
        return ""
    return f"Load before it: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores."


def _number(text: str) -> int:
    if not text.isdecimal() or int(text) < 1:
        raise argparse.ArgumentTypeError("give a whole number from 1 up")
    return int(text)
