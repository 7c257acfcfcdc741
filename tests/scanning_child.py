"""The window's program for proofs: `python scanning_child.py STORE SOUNDS [SCANS]`. Scans parts by key events until it is killed.

Or, after so many good ones, whoever stands there signs out, for which a backup is made, and the window is closed.
"""

from __future__ import annotations

import os
import random
import sys
from contextlib import closing
from pathlib import Path
from uuid import UUID

from PySide6.QtCore import QTimer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.model import Person
from app.assemble import Terminal, open_terminal
from app.kernel import backups
from app.kernel.access import Actor
from app.kernel.ids import short
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.scanning import own_code
from app.parts.model import Part
from app.work_orders.model import WorkOrder
from ui.cli.tended import Tended
from ui.kit.sound import Outcome
from ui.main import Setup, application, open_window
from ui.shell.window import Window

EVERY = 25  # milliseconds from one trigger pull to the next


class Ear:
    """Writes down each sound at the moment it would begin."""

    available = True

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)
        self.good = 0

    def play(self, outcome: Outcome, wav: bytes) -> None:
        os.write(self._file, f"{outcome.value}\n".encode())
        self.good += outcome.value == "ok"


def scan(window: Window, order: UUID, parts: list[UUID]) -> QTimer:
    """Somebody who never tires: first the job, then parts for it."""
    dice = random.Random()
    window.typist.scan(own_code("WO", short(order)))
    again = QTimer(window, interval=EVERY)
    again.timeout.connect(lambda: window.typist.scan(own_code("PT", short(dice.choice(parts)))))
    again.start()
    return again


def leave(window: Window, store: Path, ear: Ear, scans: int, scanning: QTimer) -> QTimer:
    """After so many good scans the place is left; once that is backed up, the window is closed."""

    def look() -> None:
        if scanning.isActive() and ear.good >= scans:
            scanning.stop()
            window.floor.lock()
        elif not scanning.isActive() and backups.backups(store):
            window.close()

    looking = QTimer(window, interval=EVERY)
    looking.timeout.connect(look)
    looking.start()
    return looking


def main(store: Path, sounds: Path, scans: int = 0) -> None:
    terminal: Terminal = open_terminal(store, keeper=KeyKeeper(KeyFile()))
    with Session(terminal.app.read_engine) as session:
        person = session.scalars(select(Person)).one()
        order = session.scalars(select(WorkOrder.id).order_by(WorkOrder.number)).first()
        parts = list(session.scalars(select(Part.id)))
    if order is None:
        raise SystemExit("no job")
    ear = Ear(sounds)
    with closing(terminal):
        window = open_window(terminal.app, terminal.org_id, Setup(player=ear, reports=store.parent / "reports"))
        with closing(Tended(terminal, window)) as tended:
            tended.start()
            window.floor.seat(terminal.app.current(Actor(person.id, person.org_id, person.name)))
            scanning = scan(window, order, parts)
            if scans:
                leave(window, store, ear, scans, scanning)
            application().exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]), *map(int, sys.argv[3:]))
