"""`fettle doctor` and `fettle fingerprint`: is everything well with a store, and what is in it, in a few characters."""

from __future__ import annotations

import argparse
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import TYPE_CHECKING, Any

from ui.cli import out
from ui.cli.out import DONE, FAILED

if TYPE_CHECKING:
    from app.assemble import Terminal
    from app.kernel.health import Check
    from app.kernel.store import Store

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
        yield from _inside(terminal)
        yield from _surroundings(path)
        yield from _devices(terminal)
    finally:
        terminal.close()


def _inside(terminal: Terminal) -> Iterator[Check]:
    from sqlalchemy.orm import Session

    from app.kernel import health, quarantine
    from app.migrations import head

    app, store = terminal.app, terminal.store
    yield health.caught("store", lambda: _whole(store))
    yield health.caught("backups", lambda: health.backed_up(store.path, app.clock.now()))
    yield health.caught("versions", lambda: health.versions(store.reader, head()))
    with Session(store.reader) as session:
        looks: dict[str, Callable[[], Check]] = {
            "mishaps": lambda: health.mishaps(session, app.clock.now(), quarantine.folder_of(store.path)),
            "clock": lambda: health.clock(session, app.clock.now()),
            "audit": lambda: health.audit(session),
            "links": lambda: health.links(session, app.registry),
        }
        for name, look in looks.items():
            yield health.caught(name, look)
    yield health.caught("balances", lambda: app.writer.submit(health.balances, store.writer, app.registry).result())


def _whole(store: Store) -> Check:
    """Damage that is found makes the next start look at all of it."""
    from app.kernel import health

    found = health.integrity(store.reader)
    if found.state == health.BAD:
        store.suspect()
    return found


def _surroundings(path: Path) -> Iterator[Check]:
    from app.kernel import health
    from app.kernel.keys import machine_keeper

    if path.exists():
        yield health.caught("key", lambda: health.key(machine_keeper(), path))
    yield health.caught("disk", lambda: health.disk(path.parent))
    yield health.caught("writing", lambda: health.writing(path.parent))


def _devices(terminal: Terminal) -> Iterator[Check]:
    """What the terminal is joined to. A command line cannot see printers and cameras of a window; it says so."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from app.kernel.health import OK, WARN, Check
    from app.kernel.records import WAITING, EnvelopeRow
    from app.kernel.words import _

    with Session(terminal.app.read_engine) as session:
        waiting = session.scalar(select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.state == WAITING)) or 0
    if terminal.app.station.enrolled:
        yield Check("hub", OK, _("This terminal has a hub; {waiting} commands wait for it."), "", {"waiting": waiting})
    else:
        yield Check("hub", OK, _("This terminal has joined no hub and works on its own."), "", {"waiting": waiting})
    hint = _("Print one: fettle label part CODE --to tcp://ADDRESS:9100")
    yield Check("printers", OK, _("Labels go to a printer's address or into a file; none is set up to be watched."), hint)
    yield Check("camera", WARN, _("This version reads no camera."), _("Scan with a hand scanner."))
