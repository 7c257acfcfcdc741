"""`fettle backup` and `fettle restore`: the store in one file that is proved, and back again, here or on another machine."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING, Any

from app.kernel.words import _
from ui.cli import out
from ui.cli.out import DONE, FAILED, WrongUsage

if TYPE_CHECKING:
    from app.assemble import Terminal
    from app.kernel.backups import Backup

CODE = "FETTLE_RECOVERY"  # in the environment: the recovery code, for scripts
NEEDS = "kernel.set"


def add(verbs: Any) -> None:
    parser = verbs.add_parser("backup", help="write all there is into one encrypted file, and prove that it can be opened")
    parser.add_argument("file", metavar="FILE", nargs="?", default="", help="where to, such as a stick")
    parser.add_argument("--now", action="store_true", help="into the folder of the backups that are made by themselves")
    parser.add_argument("--list", action="store_true", help="which of these there are, the newest first")
    parser.add_argument("--code", action="store_true", help="make a recovery code, which opens backups on another machine")
    parser = verbs.add_parser("restore", help="put a backup back; or the store itself, where its key was lost")
    parser.set_defaults(run=run_restore)
    parser.add_argument("file", metavar="FILE", help="the backup, or the store")
    parser.add_argument("--as-it-was", action="store_true", help="without doing again what was done since")


def run(args: argparse.Namespace) -> int:
    """A backup needs nobody's name, as nobody can read it without a key; a recovery code needs somebody who may set things."""
    if not (args.file or args.now or args.list or args.code):
        raise WrongUsage(_("Say where to: fettle backup FILE, or fettle backup --now."))
    if args.code:
        _make_code(args)
    if args.list:
        _list(args)
    return _back_up(args) if args.file or args.now else DONE


def _back_up(args: argparse.Namespace) -> int:
    from app.assemble import open_terminal
    from app.kernel import backups
    from ui.cli import files
    from ui.cli.opening import store_path

    with closing(open_terminal(store_path(args.store))) as terminal:
        store = terminal.store
        to = Path(args.file).expanduser() if args.file else backups.new_path(store.path, terminal.app.clock.now())
        if args.file and to.is_dir():
            to /= backups.new_path(store.path, terminal.app.clock.now()).name
        with files.written(to):
            made = backups.take(store.path, store.key, to, terminal.journal.next_file())
        if not args.file:
            backups.prune(store.path)
    _tell(made)
    if not made.wrapped:
        out.word(_("It opens on this machine alone. To open it on another, make a recovery code first: fettle backup --code."))
    return DONE


def _tell(backup: Backup) -> None:
    out.line({"file": str(backup.path), "made": backup.made, "bytes": backup.size, "elsewhere": bool(backup.wrapped)})


def _list(args: argparse.Namespace) -> None:
    from app.kernel import backups
    from ui.cli.opening import store_path

    for backup in backups.backups(store_path(args.store)):
        _tell(backup)


def _make_code(args: argparse.Namespace) -> None:
    """The code is said once and kept nowhere: what is kept is the key that it wraps."""
    from app.kernel import recovery
    from app.kernel.access import denied
    from app.kernel.problems import Refused
    from ui.cli.opening import back_up, opened

    with opened(args) as here:
        if not here.app.can(here.actor, NEEDS):
            raise Refused(denied(here.actor, NEEDS))
        code, store = recovery.new_code(), here.terminal.store
        here.app.writer.run(_keep, here.terminal, recovery.wrap(store.key, code))
        out.line({"code": code})
        back_up(here.terminal)  # those that there are open by the code before
    out.word(_("Write this code down and lock it away. It opens the backups that are made from now on, on any machine."))
    out.word(_("A code that was made before opens them no more. It is shown this once."))


def _keep(terminal: Terminal, wrapped: str) -> None:
    from app.kernel import recovery

    with terminal.app.writer.sessions() as session:
        recovery.keep(session, terminal.store.path, wrapped)
        session.commit()


# ------------------------------------------------------------------------------------------------------------ and back


def run_restore(args: argparse.Namespace) -> int:
    """Whatever stands in the store's place is set aside, never deleted."""
    from app.assemble import open_terminal
    from app.kernel import backups, restoring
    from app.migrations import revisions
    from ui.cli.opening import store_path

    store, source = store_path(args.store), Path(args.file).expanduser()
    restored = restoring.restore(store, source, _code, revisions(), again=not args.as_it_was)
    with closing(open_terminal(store)) as terminal:
        here = terminal.store
        made = backups.take(store, here.key, backups.new_path(store, terminal.app.clock.now()), terminal.journal.next_file())
        enrolled = terminal.app.station.enrolled
        told = _told(terminal)
    out.line({"store": str(store), "made": restored.made, "here": restored.here, "backup": str(made.path), **told})
    if restored.aside:
        out.word(_("What was there before is kept in {folder}."), folder=restored.aside)
    if enrolled and not restored.here:
        out.word(_("This is another machine to the hub: have the old one revoked there, and run: fettle enrol URL CODE."))
    return FAILED if told["missing"] or told["failed"] else DONE


def _told(terminal: Terminal) -> dict[str, int]:
    """How much was done again, and what is missing of it."""
    from sqlalchemy.orm import Session

    from app.kernel import mending

    with Session(terminal.app.read_engine) as session:
        told = mending.untold(session)
    last: Mapping[str, Any] = told[-1][1].values if told else {}
    return {name: last.get(name, 0) for name in ("redone", "missing", "failed")}


def _code() -> str:
    """The recovery code, from the environment or from whoever sits here."""
    given = os.environ.get(CODE, "")
    if given or not sys.stdin.isatty():
        if not given:
            raise WrongUsage(_("This machine has not the key of it: put its recovery code into FETTLE_RECOVERY."))
        return given
    out.word(_("This machine has not the key of it. Type the recovery code that was written down:"))
    return getpass.getpass("")
