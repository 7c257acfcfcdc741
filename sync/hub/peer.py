"""The hub as a terminal's peer: runs what it is sent, in order, and gives what the terminal lacks."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import codes, feed, outbox
from app.kernel.capture import WorkSession
from app.kernel.problems import Problem, Refused
from app.kernel.records import PARKED, EnvelopeRow
from app.kernel.words import _
from sync.hub.feed import Reach, pages
from sync.hub.taking import Taking, stands_on_another
from sync.hub.verdicts import standing, verdicts
from sync.protocol import OK, Block, Exchanged, Hello, Pull, Push, Sent, Wanted, Welcome

TOGETHER = 25  # envelopes in one transaction


class HubPeer:
    """The hub's side of the protocol over its App. `reach` tells what a terminal may hold, None for one it does not know."""

    def __init__(self, app: App, reach: Callable[[UUID], Reach | None]) -> None:
        self.app = app
        self._reach = reach

    def hello(self, hello: Hello) -> Welcome:
        """Introduces a terminal and leases it the numbers it asks for."""
        reach = self._known(hello.terminal_id)
        blocks = self.app.writer.run(self._lease, reach.org_id, hello.wanted) if hello.wanted else []
        with Session(self.app.read_engine) as session:
            number, _chain = outbox.last_of(session, UUID(hello.terminal_id))
            return Welcome(self.app.clock.now_ms(), number, feed.head(session), tuple(blocks))

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        """Takes the envelopes first, so that the rows given afterwards hold their effects."""
        reach = self._known(push.terminal_id)
        with Session(self.app.read_engine) as session:
            fits = standing(session, push)
        if fits == OK:
            self._take(push, reach)
        with Session(self.app.read_engine) as session:
            told = verdicts(session, push) if fits == OK else []
            given, horizon = pages(session, self.app.registry, reach, pull)
            number, _chain = outbox.last_of(session, UUID(push.terminal_id))
        return Exchanged(fits, number, self.app.clock.now_ms(), horizon, tuple(told), tuple(given))

    def release(self) -> int:
        """Runs what was parked, oldest first, after the program has been mended; returns how many are parked no longer."""
        return self.app.writer.run(self._release)

    def _known(self, terminal_id: str) -> Reach:
        reach = self._reach(UUID(terminal_id))
        if reach is None:
            message = _("The hub does not know this terminal.")
            raise Refused(Problem("sync.unknown_terminal", message, hint=_("Enrol it again; what it holds is kept.")))
        return reach

    def _take(self, push: Push, reach: Reach) -> None:
        numbered = list(enumerate(push.envelopes, start=push.first_number))
        for start in range(0, len(numbered), TOGETHER):
            some = numbered[start : start + TOGETHER]
            if not self.app.writer.run(self._take_some, UUID(push.terminal_id), reach, some):
                return

    def _take_some(self, terminal: UUID, reach: Reach, some: Sequence[tuple[int, Sent]]) -> bool:
        with WorkSession(self.app.dispatcher.engine, expire_on_commit=False) as session:
            taking = Taking(self.app.dispatcher, session, terminal, reach)
            going_on = taking.take_all(some)
            session.commit()
        taking.tell(self.app.notices)
        return going_on

    def _release(self) -> int:
        with self.app.writer.sessions() as session:
            wanted = select(EnvelopeRow).where(EnvelopeRow.state == PARKED).order_by(EnvelopeRow.seq)
            parked = [(row.seq, row.terminal_id, stands_on_another(row)) for row in session.scalars(wanted)]
        stuck: set[UUID] = set()
        released = 0
        for seq, terminal, dependent in parked:
            if (dependent and terminal in stuck) or not self._let_go(seq, terminal):
                stuck.add(terminal)
            else:
                released += 1
        return released

    def _let_go(self, seq: int, terminal: UUID) -> bool:
        with WorkSession(self.app.dispatcher.engine, expire_on_commit=False) as session:
            taking = Taking(self.app.dispatcher, session, terminal, self._known(terminal.hex))
            gone = taking.let_go(session.get_one(EnvelopeRow, seq))
            session.commit()
        taking.tell(self.app.notices)
        return gone

    def _lease(self, org_id: UUID, wanted: Sequence[Wanted]) -> list[Block]:
        with self.app.writer.sessions() as session:
            given = [(one, codes.grant_block(session, org_id, one.series, one.period, one.size)) for one in wanted]
            session.commit()
        return [Block(one.series, one.period, *block) for one, block in given if block is not None]
