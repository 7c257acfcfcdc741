"""The program `fettle`: finds the verb, runs it, and turns whatever happens into words and an exit code."""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from errno import EACCES, EDQUOT, EIO, EMFILE, ENFILE, ENOMEM, ENOSPC, EPERM, EROFS
from importlib import import_module
from typing import Any

from app.kernel.words import _
from ui.cli.out import FAILED, INTERRUPTED, LACKING, WRONG_USAGE, WrongUsage, explain, hush, open_streams, word

# The module of every verb: it has `add(verbs)`, which adds the verb's parser, and `run(args)`, which returns the exit code.
# A module of several verbs gives each parser its own `run` by `set_defaults`. Only the module that is wanted is loaded.
HOMES = {
    "demo": "demo",
    "do": "do",
    "ask": "ask",
    "commands": "lists",
    "queries": "lists",
    "entities": "lists",
    "scan": "scan",
    "label": "label",
    "document": "document",
    "import": "exchange",
    "export": "exchange",
    "fingerprint": "doctor",
    "parcel": "parcel",
    "attach": "attach",
    "file": "attach",
    "doctor": "doctor",
    "backup": "backup",
    "restore": "backup",
    "bench": "bench",
    "support": "support",
    "where": "support",
    "regain": "regain",
    "erase": "erase",
    "init": "init",
    "enrol": "enrol",
    "sync": "sync",
    "hub": "hub",
    "odoo": "odoo",
}
OUTSIDE = {ENOSPC, EDQUOT, EIO, EROFS, EACCES, EPERM, EMFILE, ENFILE, ENOMEM}  # what a system does to a program
EPILOG = """exit codes: 0 done, 1 something was refused or failed, 2 wrong usage, 3 the environment lacks something.
Words for people go to stderr; data goes to stdout, one JSON object per line where it is JSON."""


def main(argv: Sequence[str] | None = None) -> int:
    """Runs one command line; the exit code. Nothing but words ever reaches the terminal, bugs included."""
    given = list(sys.argv[1:] if argv is None else argv)
    open_streams()
    try:
        return _ran(given)
    except SystemExit as ended:  # argparse has said why
        return int(ended.code or 0)
    except WrongUsage as wrong:
        word(str(wrong))
        return WRONG_USAGE
    except KeyboardInterrupt:
        word(_("Stopped."))
        return INTERRUPTED
    except BrokenPipeError:
        hush()
        return FAILED


def _ran(given: Sequence[str]) -> int:
    args = parser(_verb(given)).parse_args(given)
    from app.kernel.problems import Refused, Trouble

    try:
        code = int(args.run(args))
        sys.stdout.flush()
        return code
    except Refused as refused:
        explain(*refused.problems)
        return FAILED
    except Trouble as trouble:
        explain(trouble.problem)
        return LACKING
    except (WrongUsage, BrokenPipeError):
        raise
    except Exception as error:
        return _otherwise(error, args)


def _otherwise(error: Exception, args: argparse.Namespace) -> int:
    """Neither refused nor in trouble: what the system does to a program, or a bug."""
    if isinstance(error, OSError) and error.errno in OUTSIDE:
        hush()
        word(_("The system refuses to go on: {reason}."), reason=error.strerror)
        return LACKING
    if isinstance(error, ImportError) and any(sign in str(error) for sign in ("PySide6", ".so")):
        word(_("This machine lacks what the window needs: {what}."), what=error)
        word(_("Run it by packaging/run.py, which installs what is missing or says how to."))
        return LACKING
    return _reported(error, args)


def _reported(bug: Exception, args: argparse.Namespace) -> int:
    """A bug: its details go to a file for whoever mends it, never to the terminal."""
    from ui.cli.opening import store_path
    from ui.report import write_report

    path = write_report(store_path(args.store).parent / "reports", bug)
    word(_("Fettle has made a mistake, and stopped. What was answered before stands."))
    word(_("The report is in {path}: send it to support."), path=path)
    return FAILED


# ------------------------------------------------------------------------------------------------------------ the parser


def _verb(given: Sequence[str]) -> str:
    """The first word that is not an option or an option's value."""
    rest = _common(argparse.ArgumentParser(add_help=False, allow_abbrev=False)).parse_known_args(given)[1]
    return next((one for one in rest if not one.startswith("-")), "")


def parser(verb: str = "") -> argparse.ArgumentParser:
    """The parser of one verb, or of all of them where it is none of ours."""
    made = argparse.ArgumentParser(
        prog="fettle",
        allow_abbrev=False,
        description="Workshop and maintenance at a scanner's speed. Without a verb, the window opens.",
        epilog=EPILOG,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    _common(made, {"store": "", "user": "", "json": False})
    made.add_argument("--kiosk", action="store_true", help="the window fills the screen and offers no way out of it")
    made.add_argument("--board", metavar="NAME", default="", help="a wall board on the second screen as well, such as jobs")
    made.set_defaults(run=_window)
    verbs = made.add_subparsers(metavar="VERB", parser_class=_VerbParser)
    for home in dict.fromkeys([HOMES[verb]] if verb in HOMES else HOMES.values()):
        module = import_module(f"ui.cli.{home}")
        module.add(_WithRun(verbs, module))
    return made


def _common(made: argparse.ArgumentParser, defaults: dict[str, Any] | None = None) -> argparse.ArgumentParser:
    """The options that every verb takes; they may stand before it or after it."""
    start = defaults or dict.fromkeys(("store", "user", "json"), argparse.SUPPRESS)
    made.add_argument("--store", metavar="PATH", default=start["store"], help="the store's folder or file (default: yours)")
    made.add_argument("--as", dest="user", metavar="USER", default=start["user"], help="who acts; their PIN is in FETTLE_PIN")
    made.add_argument("--json", action="store_true", default=start["json"], help="JSON lines instead of a table")
    return made


class _VerbParser(argparse.ArgumentParser):
    """A verb's own parser, with the common options added."""

    def __init__(self, **more: Any) -> None:
        super().__init__(allow_abbrev=False, **more)
        _common(self)


class _WithRun:
    """What a verb module adds its parsers to: each runs the module's `run` unless it says otherwise."""

    def __init__(self, verbs: Any, module: Any) -> None:
        self._verbs, self._module = verbs, module

    def add_parser(self, name: str, **more: Any) -> argparse.ArgumentParser:
        made: argparse.ArgumentParser = self._verbs.add_parser(name, description=more.get("help"), **more)
        made.set_defaults(run=self._module.run)
        return made


def _window(args: argparse.Namespace) -> int:
    from ui.cli.window import run

    return run(args)
