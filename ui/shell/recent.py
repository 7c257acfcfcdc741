"""Recent: where each person was last, so that the palette begins with it; kept with what they have half filled in."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from PySide6.QtCore import QObject, QTimer

from app.kernel import drafts
from app.kernel.access import Actor
from ui.kit.bench import Bench

FORM = "…recent"  # no form has such a name
MOST = 20
PAUSE = 1500  # milliseconds


class Recent(QObject):
    """The keys of one person's latest places and acts, the latest first."""

    def __init__(self, bench: Bench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._who: Actor | None = None
        self._changed = False
        self.keys: list[str] = []
        self._pause = QTimer(self, singleShot=True, interval=PAUSE)
        self._pause.timeout.connect(self._keep)

    def show_person(self, bench: Bench, who: Actor | None) -> None:
        """Somebody came, or went."""
        self._keep()
        self._bench, self._who, self.keys = bench, who, []
        if who is None:
            return
        app = bench.app

        def look() -> list[str]:
            with app.read(who) as session:
                return [str(one) for one in drafts.find(session, who.id, FORM).get("keys", [])]

        bench.read(self, look, lambda keys: self._came(who, keys))

    def _came(self, who: Actor, keys: Sequence[str]) -> None:
        if self._who is who:
            self.keys += [key for key in keys if key not in self.keys][: MOST - len(self.keys)]

    def touch(self, key: str) -> None:
        """Somebody was here, or did this."""
        if self._who is None or (self.keys and self.keys[0] == key):
            return
        self.keys = [key, *(one for one in self.keys if one != key)][:MOST]
        self._changed = True
        self._pause.start()

    def _keep(self) -> None:
        """Written once somebody stays where they are, and never before the scan that led there."""
        self._pause.stop()
        if self._who is None or not self._changed:
            return
        self._changed = False
        actor, at, fields = self._who.id, self._bench.app.clock.now(), _plain(self.keys)
        self._bench.write(lambda session: drafts.keep(session, actor, FORM, at, fields))


def _plain(keys: Sequence[str]) -> dict[str, Any]:
    return {"keys": list(keys)}
