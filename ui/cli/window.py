"""`fettle`: the terminal's window on the store."""

from __future__ import annotations

import argparse
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from app.assemble import Terminal


def run(args: argparse.Namespace) -> int:
    """Opens the window and comes back when it has been closed."""
    from app.assemble import open_terminal
    from ui.cli.opening import store_path

    path = store_path(args.store)
    if not path.exists():
        raise _nothing_yet(path)
    terminal = open_terminal(path)
    try:
        return show(terminal, path.parent / "reports", kiosk=args.kiosk)
    finally:
        terminal.close()


def _nothing_yet(path: Path) -> Exception:
    from app.kernel.problems import Trouble
    from app.kernel.words import _

    message = _("There is no workshop at {path} yet.")
    return Trouble("cli.no_shop", message, _("Try the demo: fettle demo. Or name another place with --store."), {"path": path})


def show(terminal: Terminal, reports: Path, *, kiosk: bool = False) -> int:
    """Shows the window on an open store until it is closed; Qt's exit code."""
    from ui.cli.ending import announce_when_ready, end_when_told
    from ui.main import Setup, application, open_window, settle

    window = open_window(terminal.app, terminal.org_id, Setup(reports=reports))
    if kiosk:
        window.showFullScreen()
    end_when_told(application())
    announce_when_ready()
    settle(window, terminal.org_id)
    return int(application().exec())
