"""Entering: shows a window that stands before there is a terminal, in the look and language of last time, until it is closed."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, TypeVar

if TYPE_CHECKING:
    from PySide6.QtWidgets import QApplication

    from app.kernel.problems import Problem
    from ui.kit.entry import Entry

    W = TypeVar("W", bound=Entry)


def entered(store: Path, make: Callable[[Callable[[BaseException], None]], W], *, kiosk: bool) -> W:
    """The window, once it is closed. A bug in it is written into the reports of the store's place, and told in it."""
    from ui.cli.ending import end_when_told
    from ui.main import LOOK, application
    from ui.report import write_report

    qt, reports = application(), store.parent / "reports"

    def crashed(bug: BaseException) -> None:
        window.broke(write_report(reports, bug))

    def told(kind: type[BaseException], bug: BaseException, trace: TracebackType | None) -> None:
        if isinstance(bug, Exception):
            crashed(bug)
        else:
            sys.__excepthook__(kind, bug, trace)

    with _as_last_time(qt, reports / LOOK):
        window = make(crashed)
        window.resize(1280, 800)
        window.showFullScreen() if kiosk else window.show()
        end_when_told(qt)
        before, sys.excepthook = sys.excepthook, told
        try:
            qt.exec()
        finally:
            sys.excepthook = before
    return window


@contextmanager
def _as_last_time(qt: QApplication, file: Path) -> Iterator[None]:
    """The look and the language of last time; a language that somebody chooses meanwhile is kept for the next."""
    from app.kernel.words import language, speak
    from ui.settings.look import Look
    from ui.theme import Theme

    look, before = Look.read(file), language()
    Theme.load(look.theme, look.density).wear(qt)
    speak(look.spoken)
    try:
        yield
    finally:
        if language() != look.spoken:
            replace(look, language=language()).keep(file)
        speak(before)


def told_of(store: Path, problem: Problem, *, kiosk: bool) -> bool:
    """Why a store cannot be opened; whether it is to be tried again."""
    from ui.first.trouble import TroubleWindow
    from ui.support import bare_bundle, bundle_name

    def helps() -> Path:
        return bare_bundle(problem, store, store.parent / "reports", store.parent / "support" / bundle_name(datetime.now(UTC)))

    return entered(store, partial(TroubleWindow, problem, helps), kiosk=kiosk).again
