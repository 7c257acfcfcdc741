"""Taking what terminals push, in as few transactions as it can be done in, so that nothing is lost and nobody stops another."""

from __future__ import annotations

import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import partial
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout

from app.assemble import App
from app.kernel import locks, rls
from app.kernel.capture import WorkSession
from app.kernel.problems import Refused, Trouble
from app.kernel.records import PARKED, EnvelopeRow
from sync.garbage import uncollected
from sync.hub.came import Came, came
from sync.hub.feed import Reach
from sync.hub.taking import Care, Elsewhere, Fell, Taking, stands_on_another
from sync.hub.turns import Outcome, Portion, Turns
from sync.protocol import Push

TRIES = 6  # of a transaction that the database ended through nobody's fault
log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Batch:
    """Envelopes for one transaction, and what care the first of them needs."""

    envelopes: Sequence[Came]
    care: Care = Care.NONE

    def split_at(self, place: int) -> list[Batch]:
        """Where one fell: those before it, and then it, apart from those behind it."""
        before, behind = self.envelopes[:place], self.envelopes[place:]
        return [*([Batch(before, self.care)] if before else []), Batch(behind, Care.APART)]

    def halves(self) -> list[Batch]:
        """Where nobody knows which fell; one alone gets more care, until it is but kept."""
        middle = len(self.envelopes) // 2
        if not middle:
            return [Batch(self.envelopes, Care(self.care + 1))]
        return [Batch(self.envelopes[:middle], self.care), Batch(self.envelopes[middle:])]


class Intake:
    """Takes the envelopes of terminals whose reach is known."""

    def __init__(self, app: App, known: Callable[[str], Reach]) -> None:
        self._app = app
        self._known = known
        self._turns = Turns(app.writer, self._take_turn)

    def take(self, push: Push, reach: Reach) -> dict[UUID, str] | None:
        """Takes a push, and tells what each of its envelopes did that ran just now, as one hash. None when it does not go on
        where its terminal's chain ends, or comes from a copied store."""
        some = came(push)
        portion = Portion(UUID(push.terminal_id), reach, some, push.incarnation)
        try:
            self._turns.run(portion, partial(self._read_ahead, some))
        except Elsewhere:
            return None
        return portion.effects

    def _read_ahead(self, some: Sequence[Came]) -> None:
        """While the first ones are being taken, which is mostly the database's work, the next ones are read."""
        for one in some[1:]:
            one.prepare(self._app.dispatcher.opened)

    def release(self) -> int:
        """Runs what was parked, oldest first, each in a transaction of its own; returns how many are parked no longer."""
        stuck: set[UUID] = set()
        released = 0
        for seq, terminal, org_id, dependent in self._app.writer.run(self._parked):
            if (dependent and terminal in stuck) or not self._app.writer.run(self._let_go, seq, terminal, org_id):
                stuck.add(terminal)
            else:
                released += 1
        return released

    def _take_turn(self, some: Sequence[Portion]) -> Sequence[Outcome]:
        """All of them in one transaction; where anything stands in the way of that, each in its own."""
        with uncollected():
            if len(some) > 1 and self._took_all(some):
                return [True] * len(some)
            return [self._outcome(one) for one in some]

    def _took_all(self, some: Sequence[Portion]) -> bool:
        try:
            with self._session(some[0].reach) as session:
                taking = Taking(self._app.dispatcher, session, some[0].terminal, some[0].reach)
                if not taking.take_each(some):
                    return False
                taking.finish()
                session.commit()
        except PoolTimeout:
            raise  # no connection was free for so long that nobody waits for another
        except Exception as error:  # whatever it is, it is one of theirs: alone, each hears of its own
            if not isinstance(error, Fell | Elsewhere | DBAPIError | Trouble):
                log.exception("Envelopes of %d terminals could not be taken together.", len(some))
            return False
        taking.tell(self._app.notices)
        for one in some:
            one.effects.update(taking.books.effects)
        return True

    def _outcome(self, one: Portion) -> Outcome:
        try:
            return self._take_some(one)
        except Exception as error:  # whoever waits for it hears of it, and not those that wait behind
            return error

    def _take_some(self, some: Portion) -> bool:
        """Where one falls, those before it are taken without it, and it opens the next transaction, apart from those behind
        it: so each runs twice at most. False when the terminal must first tell which of the next ones stand on a parked one."""
        ahead = [Batch(some.envelopes)]
        while ahead:
            batch = ahead.pop()
            try:
                going_on = self._persist(batch, some)
            except Fell as fell:
                ahead += reversed(batch.split_at(fell.place))
            except DBAPIError as error:  # told when all was written, and not of which
                if locks.passing(error) or batch.care is Care.RENAMED:
                    raise
                log.exception("Envelopes of terminal %s could not be kept together.", some.terminal)
                ahead += reversed(batch.halves())
            else:
                if not going_on:
                    return False
        return True

    def _persist(self, batch: Batch, some: Portion) -> bool:
        """One transaction, tried again when it was ended through nobody's fault: that is never a reason to park anything."""
        for left in reversed(range(TRIES)):
            try:
                return self._attempt(batch, some)
            except DBAPIError as error:
                if not (left and locks.passing(error)):
                    raise
        raise AssertionError("the last try answers or raises")

    def _attempt(self, batch: Batch, some: Portion) -> bool:
        with self._session(some.reach) as session:
            taking = Taking(self._app.dispatcher, session, some.terminal, some.reach, some.token)
            going_on = taking.take_all(batch.envelopes, batch.care)
            taking.finish()
            session.commit()
        taking.tell(self._app.notices)
        some.effects.update(taking.books.effects)
        return going_on

    def _parked(self) -> list[tuple[int, UUID, UUID, bool]]:
        """What is parked, each with its terminal, its organisation, and whether only for an earlier one."""
        with self._app.writer.sessions() as session:
            rls.serve_all(session)
            wanted = select(EnvelopeRow).where(EnvelopeRow.state == PARKED).order_by(EnvelopeRow.seq)
            return [(row.seq, row.terminal_id, row.org_id, stands_on_another(row)) for row in session.scalars(wanted)]

    def _let_go(self, seq: int, terminal: UUID, org_id: UUID) -> bool:
        reach = self._reach(terminal, org_id)
        with self._session(reach) as session:
            taking = Taking(self._app.dispatcher, session, terminal, reach)
            gone = taking.let_go(session.get_one(EnvelopeRow, seq, with_for_update=True))
            session.commit()
        taking.tell(self._app.notices)
        return gone

    def _reach(self, terminal: UUID, org_id: UUID) -> Reach:
        """That of a terminal; where it was shut out since, its organisation, for whom the hub had taken what it sent."""
        try:
            return self._known(terminal.hex)
        except Refused:
            return Reach(org_id)

    def _session(self, reach: Reach) -> WorkSession:
        return WorkSession(self._app.dispatcher.engine, expire_on_commit=False, info={"orgs": {reach.org_id}})
