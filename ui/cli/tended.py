"""The caretaker beside the window: begun once it stands; and what happened to the store is told to whoever signs in next."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal
from sqlalchemy.orm import Session

from app.kernel import mending
from app.kernel.caretaker import SETTLED, Caretaker
from app.kernel.meanings import Meaning
from app.kernel.scan_log import Outcome
from app.kernel.words import _, say
from ui.cli.tidying import Tidying
from ui.kit.bench import Told
from ui.kit.question import Question, Tile

if TYPE_CHECKING:
    from app.assemble import Terminal
    from ui.shell.window import Window


class Tended(QObject):
    """Backs the store up every quarter of an hour and at each sign-out, looks through it, and speaks up when it is damaged."""

    _met = Signal(object)
    _moved = Signal()

    def __init__(self, terminal: Terminal, window: Window) -> None:
        super().__init__()
        app, self._window = terminal.app, window
        self._terminal, self._there = terminal, False
        zone, now = lambda: app.station.zone, app.clock.now
        self.caretaker = Caretaker(terminal.store, terminal.journal, app.writer, zone, now, self._met.emit, terminal.room)
        self._forget = app.notices.listen(lambda _notice: self.caretaker.stir())
        self._tidying = Tidying(terminal)
        self._met.connect(window.voice.trouble, Qt.ConnectionType.QueuedConnection)
        window.floor.altered.connect(self._altered)
        self._moved.connect(self._show_room, Qt.ConnectionType.QueuedConnection)
        self._unheard = terminal.room.listen(self._moved.emit)

    def start(self, after: float = SETTLED) -> None:
        self.caretaker.start(after)
        self._tidying.look()
        self._show_room()

    def close(self) -> None:
        self._forget()
        self._unheard()
        self._tidying.close()
        self.caretaker.close()

    def _show_room(self) -> None:
        """The disk has more or less room than before."""
        self._window.show_room(self._terminal.room.problem())

    def _altered(self) -> None:
        """Somebody came, or left."""
        there = self._window.floor.who is not None
        if there != self._there:
            self._there = there
            if there:
                self._window.bench.read(self._window, self._untold, self._tell)
            else:
                self.caretaker.left()
                self._tidying.look()

    def _untold(self) -> list[tuple[str, str]]:
        with Session(self._terminal.app.read_engine) as session:
            return [(problem.sentence, problem.advice) for _at, problem in mending.untold(session)]

    def _tell(self, told: list[tuple[str, str]]) -> None:
        if told and self._window.floor.who is not None:
            sentence, advice = told[-1]
            self._window.floor.ask(told_of(sentence, advice, self._confirmed))

    def _confirmed(self, told: Told) -> None:
        app = self._terminal.app

        def confirm() -> None:
            with app.writer.sessions() as session:
                mending.confirm(session)
                session.commit()

        app.writer.submit(confirm)
        told(Outcome.SUCCESS, say(_("Noted: nobody is told of it again.")))


def told_of(sentence: str, advice: str, confirmed: Callable[[Told], None]) -> Question:
    """What happened, until somebody says that they have read it; the DONE card says so too."""
    tile = Tile(say(_("I have read this")), True, say(_("Then nobody is told again")), "check")
    return Question(
        sentence, lambda _answer, told: confirmed(told), advice, tiles=(tile,), takes=_done, leave=_later, tone="danger"
    )


def _done(meaning: Meaning) -> bool | None:
    return True if meaning.command == "DONE" else None


def _later(told: Told) -> None:
    told(Outcome.SUCCESS, say(_("The next person who signs in is told of it.")))
