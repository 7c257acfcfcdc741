"""The window's program under SIGKILL: `python scanning_child.py STORE SOUNDS`. Scans parts by key events until it is killed."""

from __future__ import annotations

import os
import random
import sys
from pathlib import Path

from PySide6.QtCore import QTimer
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.model import Person
from app.assemble import open_terminal
from app.kernel.access import Actor
from app.kernel.ids import short
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.scanning import own_code
from app.parts.model import Part
from app.work_orders.model import WorkOrder
from ui.kit.sound import Outcome
from ui.main import Setup, application, open_window

EVERY = 25  # milliseconds from one trigger pull to the next


class Ear:
    """Writes down each sound at the moment it would begin."""

    available = True

    def __init__(self, path: Path) -> None:
        self._file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600)

    def play(self, outcome: Outcome, wav: bytes) -> None:
        os.write(self._file, f"{outcome.value}\n".encode())


def main(store: Path, sounds: Path) -> None:
    terminal = open_terminal(store, keeper=KeyKeeper(KeyFile()))
    with Session(terminal.app.read_engine) as session:
        person = session.scalars(select(Person)).one()
        order = session.scalars(select(WorkOrder.id).order_by(WorkOrder.number)).first()
        parts = session.scalars(select(Part.id)).all()
    if order is None:
        raise SystemExit("no job")
    window = open_window(terminal.app, terminal.org_id, Setup(player=Ear(sounds)))
    window.floor.seat(terminal.app.current(Actor(person.id, person.org_id, person.name)))
    typist = window.typist
    typist.scan(own_code("WO", short(order)))
    dice = random.Random()
    again = QTimer(interval=EVERY)
    again.timeout.connect(lambda: typist.scan(own_code("PT", short(dice.choice(parts)))))
    again.start()
    application().exec()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
