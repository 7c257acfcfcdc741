"""`fettle`: the terminal's window on the store."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from contextlib import AbstractContextManager, closing, nullcontext
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from ui.cli import out
from ui.cli.out import DONE
from ui.kiosk.signs import WATCHED

if TYPE_CHECKING:
    from uuid import UUID

    from PySide6.QtWidgets import QApplication

    from app.assemble import Terminal
    from ui.shell.window import Window

JOIN, FOUND = -1, -2  # no exit codes of Qt's: the window was closed to join a hub, or not opened because nobody is there


def run(args: argparse.Namespace) -> int:
    """Opens the window and comes back when it has been closed."""
    from ui.cli.opening import store_path

    path = store_path(args.store)
    _hold_board(args.board)
    if args.kiosk and not os.environ.get(WATCHED):
        return _watched(args.store, args.board)
    if not path.exists() and (ended := _first_start(path, args)) is not None:
        return ended
    if not has_display():
        _say_where_it_is()
    while True:
        terminal = _opened(path, kiosk=args.kiosk)
        try:
            code = _shown(terminal, path, kiosk=args.kiosk, board=args.board)
        finally:
            terminal.close()
        if code == FOUND:
            if (ended := _first_start(path, args)) is not None:
                return ended
        elif code != JOIN:
            return code
        else:
            _join(path, kiosk=args.kiosk)


def _opened(path: Path, *, kiosk: bool) -> Terminal:
    """The store; what is in its way is told in a window too, for who touched an icon reads no words anywhere else."""
    from app.assemble import open_terminal
    from app.kernel.problems import Trouble
    from ui.cli.entering import told_of

    while True:
        try:
            return open_terminal(path)
        except Trouble as trouble:
            if not (has_display() and told_of(path, trouble.problem, kiosk=kiosk)):
                raise


def _hold_board(name: str) -> None:
    """Refused, before any window opens, where there is no such board."""
    if name:
        from ui.screens import DECLARED
        from ui.wall.window import board_named

        board_named(DECLARED, name)


def _watched(store: str, board: str) -> int:
    """The window in a process of its own, which is started again if it dies."""
    from ui.cli.kiosk import watch

    if not has_display():
        _say_where_it_is()
    return watch(store, board)


def _shown(terminal: Terminal, path: Path, *, kiosk: bool, board: str) -> int:
    """The window; or FOUND, where there is nobody who could sign in at it."""
    from app.access.founding import is_empty

    if has_display() and not terminal.app.station.enrolled and is_empty(terminal.app, terminal.org_id):
        return FOUND
    return show(terminal, path.parent / "reports", kiosk=kiosk, joins=True, board=board)


def _first_start(path: Path, args: argparse.Namespace) -> int | None:
    """Where there is no store yet, or nobody in it, a workshop is begun, a hub joined, or the demo looked at. The exit code,
    None where there is a terminal to open now."""
    from ui.cli.beginning import DEMO, OPEN, begun

    if not has_display():
        raise _nothing_yet(path)
    wants = begun(path, kiosk=args.kiosk)
    if wants == DEMO:
        return _demo()
    there = wants == OPEN or (wants != "" and _join(path, first=not path.exists(), kiosk=args.kiosk))
    return None if there else DONE


def _demo() -> int:
    """In a program of its own, for this one has shown its window already."""
    from ui.cli.kiosk import program

    return subprocess.call([*program(), "demo"])  # noqa: S603 - this very program


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
    hint = _("Begin one: fettle init. Or join a hub: fettle enrol. Or try the demo: fettle demo.")
    return Trouble("cli.no_shop", message, hint, {"path": path})


def show(terminal: Terminal, reports: Path, *, kiosk: bool = False, joins: bool = False, board: str = "") -> int:
    """Shows the window on an open store until it is closed; Qt's exit code. An enrolled terminal keeps in step meanwhile.

    Where it `joins`, a terminal that works alone offers to join a hub; the code is JOIN when somebody wants that. A `board`
    hangs on the wall beside it.
    """
    from app.kernel.link import NoHub
    from ui.cli.beginning import with_set_up
    from ui.cli.ending import announce_when_ready, end_when_told
    from ui.cli.linked import Linked
    from ui.cli.tended import Tended
    from ui.kiosk.guard import Guard
    from ui.kiosk.heart import leave
    from ui.main import Setup, application, open_window, settle
    from ui.report import catch_faults

    qt = application()
    catch_faults(reports)
    linked = Linked.of(terminal)
    try:
        link = linked.engine if linked is not None else NoHub()
        wants: list[int] = []
        join, leaves = partial(_close_to_join, qt, wants), partial(leave, qt) if kiosk else None
        alone = joins and not terminal.app.station.enrolled
        setup = with_set_up(Setup(reports=reports, link=link, join=join if alone else None, leave=leaves), terminal)
        window = open_window(terminal.app, terminal.org_id, setup)
        if kiosk:
            Guard(window, qt)
        end_when_told(qt)
        announce_when_ready()
        settle(window, terminal.org_id)
        if linked is not None:
            linked.start(qt)
        with closing(Tended(terminal, window)) as tended, _hung(window, board, terminal.org_id):
            tended.start()
            code = int(qt.exec())
    finally:
        if linked is not None:
            linked.close()
    return next(iter(wants), code) if linked is None else linked.obeyed(code)


def _hung(window: Window, board: str, org_id: UUID) -> AbstractContextManager[object]:
    """The wall board, for as long as the window stands."""
    if not board:
        return nullcontext()
    from ui.screens import DECLARED
    from ui.wall.window import board_named, open_wall

    return closing(open_wall(window, window.bench, board_named(DECLARED, board), org_id))


def _close_to_join(qt: QApplication, wants: list[int]) -> None:
    from ui.kiosk.guard import let_go

    wants.append(JOIN)
    let_go(qt)
    qt.closeAllWindows()
