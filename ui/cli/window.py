"""`fettle`: the terminal's window on the store."""

from __future__ import annotations

import argparse
import os
import sys
from contextlib import closing
from pathlib import Path
from typing import TYPE_CHECKING

from ui.cli import out
from ui.cli.out import DONE

if TYPE_CHECKING:
    from app.assemble import Terminal

JOIN = -1  # no exit code of Qt's: the window was closed to join a hub


def run(args: argparse.Namespace) -> int:
    """Opens the window and comes back when it has been closed."""
    from app.assemble import open_terminal
    from ui.cli.opening import store_path

    path = store_path(args.store)
    if not path.exists() and not _first_start(path, kiosk=args.kiosk):
        return DONE
    if not has_display():
        _say_where_it_is()
    while True:
        terminal = open_terminal(path)
        try:
            code = show(terminal, path.parent / "reports", kiosk=args.kiosk, joins=True)
        finally:
            terminal.close()
        if code != JOIN:
            return code
        _join(path, kiosk=args.kiosk)


def _first_start(path: Path, *, kiosk: bool) -> bool:
    """Where there is no store yet, this machine may join a hub; whether there is a terminal to open now."""
    if not has_display():
        raise _nothing_yet(path)
    return _join(path, first=True, kiosk=kiosk)


def _join(path: Path, *, first: bool = False, kiosk: bool) -> bool:
    from ui.cli.joining import join

    return join(path, first=first, kiosk=kiosk)


def has_display() -> bool:
    """Whether a window would be seen by anybody."""
    there = os.environ.get("DISPLAY") or os.environ.get("WAYLAND_DISPLAY") or not sys.platform.startswith("linux")
    return bool(there) and os.environ.get("QT_QPA_PLATFORM") != "offscreen"


def _say_where_it_is() -> None:
    """A window that nobody sees is opened only for whoever asked for that; Trouble for anybody else."""
    from app.kernel.problems import Trouble
    from app.kernel.words import _

    if not os.environ.get("QT_QPA_PLATFORM"):
        hint = _("Run it on a desktop. Without one, fettle demo --shots DIR plays the tour and saves its pictures.")
        raise Trouble("cli.no_display", _("There is no display here for the window."), hint)
    if sys.stderr.isatty():
        out.word(_("There is no display here: the window is drawn where nobody sees it. Ctrl-C ends it."))


def _nothing_yet(path: Path) -> Exception:
    from app.kernel.problems import Trouble
    from app.kernel.words import _

    message = _("There is no workshop at {path} yet.")
    hint = _("Join a hub: fettle enrol. Or try the demo: fettle demo. Or name another place with --store.")
    return Trouble("cli.no_shop", message, hint, {"path": path})


def show(terminal: Terminal, reports: Path, *, kiosk: bool = False, joins: bool = False) -> int:
    """Shows the window on an open store until it is closed; Qt's exit code. An enrolled terminal keeps in step meanwhile.

    Where it `joins`, a terminal that works alone offers to join a hub; the code is JOIN when somebody wants that.
    """
    from app.kernel.link import NoHub
    from ui.cli.ending import announce_when_ready, end_when_told
    from ui.cli.linked import Linked
    from ui.cli.tended import Tended
    from ui.main import Setup, application, open_window, settle

    qt = application()
    linked = Linked.of(terminal)
    try:
        link = linked.engine if linked is not None else NoHub()
        wants: list[int] = []

        def join() -> None:
            wants.append(JOIN)
            qt.closeAllWindows()

        alone = joins and not terminal.app.station.enrolled
        setup = Setup(reports=reports, link=link, join=join if alone else None)
        window = open_window(terminal.app, terminal.org_id, setup)
        if kiosk:
            window.showFullScreen()
        end_when_told(qt)
        announce_when_ready()
        settle(window, terminal.org_id)
        if linked is not None:
            linked.start(qt)
        with closing(Tended(terminal, window)) as tended:
            tended.start()
            code = int(qt.exec())
    finally:
        if linked is not None:
            linked.close()
    return next(iter(wants), code) if linked is None else linked.obeyed(code)
