"""Drafting: keeps what is typed into a form within a second of the last key, so that neither a power cut nor a badge loses it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.kernel import drafts
from ui.kit.bench import Bench

PAUSE = 600  # milliseconds without a key before it is kept


class Drafting(QObject):
    """Watches over one form. `gather` says what has been typed that is not yet saved."""

    def __init__(self, bench: Bench, form: str, gather: Callable[[], dict[str, Any]], parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.form = form
        self._gather = gather
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._keep)

    def stir(self) -> None:
        """Something was typed."""
        self._pause.start()

    def keep(self) -> bool:
        """The form is being left: keeps what was typed, to the last key. Whether there is anything."""
        if self._pause.isActive():
            self._pause.stop()
            self._keep()
        return bool(self._gather())

    def forget(self) -> None:
        """It was saved, or nobody wants it: there is nothing to come back to."""
        self._pause.stop()
        self._write({})

    def _keep(self) -> None:
        self._write(self._gather())

    def _write(self, fields: dict[str, Any]) -> None:
        actor, form, at = self._bench.actor.id, self.form, self._bench.app.clock.now()
        self._bench.write(lambda session: drafts.keep(session, actor, form, at, fields))
