"""`fettle demo`: a believable workshop, opened; without a display the guided tour is played and saved as pictures."""

from __future__ import annotations

import argparse
import os
import shutil
import sys
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.problems import Trouble
from app.kernel.words import _
from ui.cli import out
from ui.cli.opening import FILE, data_folder, store_path
from ui.cli.out import DONE, FAILED
from ui.cli.window import has_display

if TYPE_CHECKING:
    from app.assemble import Terminal
    from app.demo import Calendar, Stage


def add(verbs: Any) -> None:
    parser = verbs.add_parser("demo", help="a believable workshop to try everything on")
    parser.add_argument("--fresh", action="store_true", help="build the workshop anew; what was done in the old one is gone")
    parser.add_argument("--two", action="store_true", help="two terminals and a hub, which part, work on, and meet again")
    parser.add_argument("--shots", metavar="DIR", help="play the guided tour off-screen and save a picture of each step there")


def run(args: argparse.Namespace) -> int:
    from app.demo import Calendar, build

    if args.two:
        from ui.cli.demo_two import run as run_two

        return run_two(args.store)
    path = demo_path(args.store)
    if args.fresh:
        _remove(path, ours=not args.store)
    calendar = Calendar()
    terminal = _opened(path, calendar)
    try:
        stage = build(terminal, calendar, _progress)
        _welcome(path, args.store)
        shots = args.shots or (None if has_display() else str(path.parent / "tour"))
        return _tour(terminal, stage, Path(shots)) if shots else _window(terminal, path)
    finally:
        terminal.close()


def demo_path(given: str) -> Path:
    """The demo's store: where `--store` says, else beside the real one and never in its place."""
    return store_path(given) if given else data_folder() / "demo" / FILE


def _opened(path: Path, calendar: Calendar) -> Terminal:
    """The demo store, made when it is not there; Trouble when a real one is in its place."""
    from app.assemble import make_terminal, open_terminal

    if not path.exists():
        out.word(_("Building the demo workshop in {folder}. This takes some seconds, once."), folder=path.parent)
        return make_terminal(path, clock=calendar.clock())
    terminal = open_terminal(path, clock=calendar.clock())
    if not _is_demo(terminal):
        terminal.close()
        raise _real(path)
    return terminal


def _is_demo(terminal: Terminal) -> bool:
    """A demo, whole or cut short; an empty store may become one."""
    from sqlalchemy import func, select
    from sqlalchemy.orm import Session

    from app.demo.stage import BEGAN
    from app.kernel import meta
    from app.kernel.records import EnvelopeRow

    with Session(terminal.app.read_engine) as session:
        return meta.read(session, BEGAN) is not None or not session.scalar(select(func.count()).select_from(EnvelopeRow))


def _remove(path: Path, *, ours: bool) -> None:
    """Takes an old demo away. In a place of the caller's own it is looked at first: a real store is never touched."""
    if not path.exists():
        return
    try:
        from app.demo import Calendar

        _opened(path, Calendar()).close()
    except Trouble as trouble:  # in our own place, one that cannot be opened any more may go
        if not ours or trouble.problem.code in ("store.in_use", "cli.no_demo"):
            raise
    if ours:
        shutil.rmtree(path.parent)
    else:
        for left in path.parent.glob(path.name + "*"):  # its backups, and what was set aside, are folders
            shutil.rmtree(left) if left.is_dir() else left.unlink()


def _real(path: Path) -> Exception:
    message = _("The store at {path} is not a demo: it was left as it is.")
    return Trouble("cli.no_demo", message, _("Choose another place with --store, or leave it out."), {"path": path})


# ------------------------------------------------------------------------------------------------------------- showing


def _progress(sentence: str) -> None:
    """One line that is written over, for who watches; nothing in a log."""
    if sys.stderr.isatty():
        print(f"\r\x1b[K{sentence}…", end="", file=sys.stderr, flush=True)


def _welcome(path: Path, given: str) -> None:
    from app.demo import PIN

    if sys.stderr.isatty():
        print("\r\x1b[K", end="", file=sys.stderr)
    out.word(_("Keller Motorcycles is open. Everybody's PIN is {pin}."), pin=PIN)
    out.word(_("Try: fettle ask work_orders open=true --store {store}"), store=given or path.parent)


def _window(terminal: Terminal, path: Path) -> int:
    from ui.cli.window import show

    return show(terminal, path.parent / "reports")


def _tour(terminal: Terminal, stage: Stage, folder: Path) -> int:
    """Plays the tour off-screen; done when every story kept to its budget and the store says what it promises."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    from ui.tour import play

    met = True
    for told in play(terminal, stage, folder, out.word):
        out.word(told.sentence)
        out.line(told.as_json())
        met &= told.met
    out.word(_("The pictures are in {folder}."), folder=folder.resolve())
    return DONE if met else FAILED
