"""Commands that run as they would, each on top of those before it, and of which nothing stays."""

from __future__ import annotations

from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.access import Actor, denied
from app.kernel.capture import Capture
from app.kernel.commands import Answer, Command
from app.kernel.ids import new_id
from app.kernel.problems import Refused
from app.kernel.work import Mode, Work

if TYPE_CHECKING:
    from app.kernel.dispatch import Dispatcher


class Rehearsal:
    """A transaction that is taken back at its end. `session` sees what was done in it so far."""

    def __init__(self, dispatcher: Dispatcher, session: Session) -> None:
        self._dispatcher = dispatcher
        self.session = session

    def run(self, command: Command, actor: Actor) -> Answer:
        """What `Dispatcher.run` would answer: the same grants, handler, rules and reactions, but no trace of it is kept."""
        ident, name, wanted = new_id(), type(command).__name__, command.grant(self._dispatcher.registry)
        if not actor.can(wanted):
            return Answer(ident, name, "refused", (denied(actor, wanted),))
        try:
            work, capture = self._played(ident, command, actor)
        except Refused as refused:
            return Answer(ident, name, "refused", refused.problems)
        finally:
            self.session.expunge_all()
        return Answer(ident, name, "done", tuple(work.findings), tuple(capture.changes))

    def _played(self, ident: UUID, command: Command, actor: Actor) -> tuple[Work, Capture]:
        dispatcher = self._dispatcher
        envelope = dispatcher._address(ident, command, actor, None)
        self.session.info["capture"] = capture = Capture(dispatcher.registry, envelope.stamp)
        with self.session.begin_nested():
            work = Work(self.session, dispatcher.registry, envelope, actor, Mode.FIRST, command)
            dispatcher.registry.handlers[type(command)](command, work)
            work.finish()
        return work, capture
