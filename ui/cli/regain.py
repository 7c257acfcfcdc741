"""`fettle regain USER`: an administrator who lost badge and PIN sets a new PIN by the recovery code."""

from __future__ import annotations

import argparse
import getpass
import os
import sys
from contextlib import closing
from typing import Any

from app.kernel.words import _
from ui.cli import out
from ui.cli.backup import CODE
from ui.cli.out import DONE, FAILED, WrongUsage


def add(verbs: Any) -> None:
    parser = verbs.add_parser("regain", help="an administrator who lost badge and PIN sets a new one by the recovery code")
    parser.add_argument("user", metavar="USER", help="their user name; the code is in FETTLE_RECOVERY, the new PIN in FETTLE_PIN")


def run(args: argparse.Namespace) -> int:
    from app.assemble import open_terminal
    from ui.cli.beginning import Store
    from ui.cli.opening import back_up, person_called, store_path

    code = _secret(CODE, _("Type the recovery code that was written down:"))
    pin = _secret("FETTLE_PIN", _("Type the new PIN:"))
    with closing(open_terminal(store_path(args.store))) as terminal:
        who = person_called(terminal, args.user)
        problem = Store(terminal).regain(who.id, code, pin)
        back_up(terminal)
    if problem is not None:
        out.explain(problem)
        return FAILED
    out.word(_("{name} has a new PIN."), name=who.name)
    return DONE


def _secret(name: str, asked: str) -> str:
    """From the environment, or from whoever sits here; never from the command line, where others read it."""
    given = os.environ.get(name, "")
    if given:
        return given
    if not sys.stdin.isatty():
        raise WrongUsage(_("Put it into {name}."), name=name)
    out.word(asked)
    return getpass.getpass("")
