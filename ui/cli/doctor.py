"""`fettle doctor` and `fettle fingerprint`: is everything well with a store, and what is in it, in a few characters."""

from __future__ import annotations

import argparse
import os
from collections.abc import Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli import out
from ui.cli.out import DONE, FAILED

if TYPE_CHECKING:
    from app.assemble import Terminal
    from app.kernel.health import Check
    from ui.health.doctor import HouseDoctor

SIGNS = {"ok": "ok  ", "warn": "WARN", "bad": "BAD "}


def add(verbs: Any) -> None:
    verbs.add_parser("doctor", help="is everything well: store, key, disk, clock, audit, balances")
    verbs.add_parser("fingerprint", help="count and hash of every entity's rows, equal on every replica in step").set_defaults(
        run=run_fingerprint
    )


def run(args: argparse.Namespace) -> int:
    """Every check that can be made, one line each; it needs nobody's name. Failed when one is bad."""
    worst = DONE
    for check in _checks(args):
        worst = max(worst, FAILED if check.state == "bad" else DONE)
        _say(check, json=args.json)
    return worst


def run_fingerprint(args: argparse.Namespace) -> int:
    from sqlalchemy.orm import Session

    from app.assemble import open_terminal
    from app.kernel.exchange.fingerprints import fingerprint
    from ui.cli.opening import store_path

    terminal = open_terminal(store_path(args.store))
    try:
        with Session(terminal.app.read_engine) as session:
            out.line(fingerprint(session, terminal.app.registry))
    finally:
        terminal.close()
    return DONE


def _say(check: Check, *, json: bool) -> None:
    if json:
        out.line(check.as_json())
        return
    print(f"{SIGNS[check.state]}  {check.name:<9} {check.sentence}", flush=True)
    if check.advice:
        print(f"{'':15} {check.advice}", flush=True)


def _checks(args: argparse.Namespace) -> Iterator[Check]:
    """The checks of an open store, and of what it stands on; without one, what is in the way and what can be seen."""
    from app.assemble import open_terminal
    from app.kernel import health
    from app.kernel.problems import Trouble
    from app.kernel.words import _
    from ui.cli.opening import store_path

    path = store_path(args.store)
    try:
        terminal = open_terminal(path)
    except Trouble as trouble:
        problem = trouble.problem
        yield health.Check("store", health.BAD, problem.message, problem.hint, problem.values)
        if path.parent.is_dir():
            yield from _surroundings(path)
        return
    try:
        yield from _doctor(terminal).everything()
        yield health.Check("camera", health.WARN, _("This version reads no camera."), _("Scan with a hand scanner."))
    finally:
        terminal.close()


def _doctor(terminal: Terminal) -> HouseDoctor:
    """Who looks after the window's terminal too; of the hub it knows what the last window or exchange wrote down."""
    from sqlalchemy.orm import Session

    from app.kernel.types import moment
    from sync.terminal import standing
    from ui.health.doctor import Contact, HouseDoctor

    def contact() -> Contact:
        with Session(terminal.app.read_engine) as session:
            last = standing.last(session)
        return Contact(moment(last.done_ms) if last.done_ms else None, last.problem())

    return HouseDoctor(terminal, contact, lambda: os.environ.get("FETTLE_PRINTER", ""))


def _surroundings(path: Path) -> Iterator[Check]:
    from app.kernel import health, wellbeing
    from app.kernel.keys import machine_keeper
    from app.kernel.room import Room

    if path.exists():
        yield health.caught("key", lambda: health.key(machine_keeper(), path))
    yield health.caught("disk", lambda: wellbeing.disk(Room(path)))
    yield health.caught("writing", lambda: health.writing(path.parent))
