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
    terminal = open_terminal(path)
    try:
        return show(terminal, path.parent / "reports", kiosk=args.kiosk)
    finally:
        terminal.close()


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
