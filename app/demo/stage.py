"""The stage on which the demo is played: its own time, its own ids, and commands as the only way to change anything."""

from __future__ import annotations

import time
from collections.abc import Callable
from datetime import datetime, timedelta
from datetime import time as time_of_day
from uuid import UUID

from sqlalchemy.orm import Session

from app.assemble import Terminal
from app.kernel import meta
from app.kernel.access import Actor, system
from app.kernel.clock import Clock
from app.kernel.commands import Answer, Command
from app.kernel.ids import derived_id
from app.kernel.types import millis
from app.kernel.zones import zone

ZONE = "Europe/Berlin"
BEGAN = "demo_began"


class Calendar:
    """A wall clock that can be set back while history is written, and tells the real time otherwise."""

    def __init__(self) -> None:
        self.set_to: int | None = None

    def __call__(self) -> int:
        return self.set_to if self.set_to is not None else time.time_ns() // 1_000_000

    def clock(self) -> Clock:
        return Clock(self)


class Stage:
    """Runs the demo's commands in order. Each has an id of its own place in the play, so that a play cut short goes on."""

    def __init__(self, terminal: Terminal, calendar: Calendar, progress: Callable[[str], None] = lambda _sentence: None) -> None:
        self.app = terminal.app
        self.org = terminal.org_id
        self.host = system(terminal.org_id)
        self.progress = progress
        self._calendar = calendar
        self.began = self._begun(terminal)
        self.today = self.began.date()
        self._root = _marked(millis(self.began))
        self._count = 0

    def _begun(self, terminal: Terminal) -> datetime:
        """When this demo was begun, on the wall clock of the workshop; kept, so that it goes on with the same days."""
        now = self._calendar()

        def kept() -> int:
            with terminal.app.writer.sessions() as session:
                if meta.read(session, BEGAN) is None:
                    meta.keep(session, BEGAN, now)
                    session.commit()
                return int(meta.read(session, BEGAN))

        return datetime.fromtimestamp(terminal.app.writer.run(kept) / 1000, zone(ZONE))

    def at(self, days_ago: int, hour: int, minute: int = 0) -> None:
        """Sets the clock: from now on things happen then, in the workshop's own time, and never after the demo was begun."""
        then = datetime.combine(self.today - timedelta(days=days_ago), time_of_day(hour, minute), zone(ZONE))
        self._calendar.set_to = min(millis(then), millis(self.began))
        self.app.clock.correct(self.app.clock.offset)  # it is meant so

    def now(self) -> None:
        """Back to the real time."""
        self._calendar.set_to = None

    def ident(self, kind: str, name: str) -> UUID:
        """The id of a record of the demo."""
        return derived_id(self._root, kind, name)

    def actor(self, username: str) -> Actor:
        """Somebody who works here."""
        return self.app.current(Actor(self.ident("person", username), self.org, username))

    def do(self, command: Command, actor: Actor | None = None) -> Answer:
        """Runs what must go well; a refusal is a mistake in the play."""
        self._count += 1
        ident = derived_id(_marked(self._calendar()), "demo", str(self._count)) if self._calendar.set_to is not None else None
        answer = self.app.run(command, actor or self.host, ident)
        if not answer.done:
            raise RuntimeError(f"the demo's {answer.command} was refused: {[one.sentence for one in answer.problems]}")
        return answer

    def session(self) -> Session:
        return Session(self.app.read_engine)


def _marked(ms: int) -> UUID:
    """An id that says nothing but its time."""
    return UUID(int=ms << 80 | 0x7 << 76 | 0b10 << 62)
