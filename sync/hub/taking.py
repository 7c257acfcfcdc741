"""Running a terminal's envelopes at the hub: each once and for ever, and one that cannot be run stops nobody else."""

from __future__ import annotations

import json
import logging
from collections.abc import Iterable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.exc import InterfaceError, OperationalError

from app.kernel import outbox
from app.kernel.access import out_of_scope
from app.kernel.capture import WorkSession
from app.kernel.commands import Authority, Envelope
from app.kernel.dispatch import Dispatcher, Replayed, id_taken
from app.kernel.events import Notice, Notices
from app.kernel.ids import derived_id
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import PARKED, EnvelopeRow
from app.kernel.types import moment
from app.kernel.words import _
from sync.hub.feed import Reach
from sync.protocol import Sent

PASSING = (OperationalError, InterfaceError, Trouble)  # the database is busy or away: nobody's fault, all may be sent again
WAITS = "sync.waits"
log = logging.getLogger(__name__)


class Taking:
    """One transaction's worth of a terminal's envelopes. Who opened the session commits it, and then lets it tell."""

    def __init__(self, dispatcher: Dispatcher, session: WorkSession, terminal: UUID, reach: Reach) -> None:
        self.dispatcher = dispatcher
        self.session = session
        self.terminal = terminal
        self.reach = reach
        self.number, self.chain = outbox.last_of(session, terminal)
        self.changed: dict[str, set[UUID]] = {}

    def tell(self, notices: Notices) -> None:
        """Tells, once all is committed, which rows changed."""
        if self.changed:
            notices.tell(Notice({name: frozenset(idents) for name, idents in self.changed.items()}))

    def take_all(self, some: Iterable[tuple[int, Sent]]) -> bool:
        """Takes envelopes with their numbers, but for those that came before. False when it stopped behind one it had to park:
        the terminal must first tell which of the next ones stand on that."""
        return all(number <= self.number or self._take(sent) for number, sent in some)

    def _take(self, sent: Sent) -> bool:
        self.number, self.chain = self.number + 1, outbox.chained(self.chain, sent.content)
        envelope = opened(sent.content) or self._unreadable()
        self.dispatcher.clock.receive(envelope.stamp)
        before = self.session.scalars(select(EnvelopeRow).where(EnvelopeRow.id == envelope.id)).first()
        if before is not None:
            return self._came_before(before, envelope, sent)
        problem = _waits() if sent.hold else self.unfit(envelope, self.number)
        if problem is None and self._ran(envelope, sent.content):
            return True
        kept = replace(envelope, terminal_id=self.terminal, number=self.number, org_id=self.reach.org_id)
        outbox.keep(self.session, kept, self.chain, PARKED, [problem or _broken()], sent.content)
        return sent.hold

    def _ran(self, envelope: Envelope, content: str) -> bool:
        """Runs it and keeps what it did. False for a bug: whatever it is, it must not stop the envelopes after it."""
        try:
            with self.session.begin_nested():
                done = self.dispatcher.replay(self.session, envelope, adopting=self.reach.trusts(self.number))
                kept = replace(envelope, stamp=done.capture.stamp)  # as the hub's clock can believe it
                seq = outbox.keep(self.session, kept, self.chain, done.verdict, done.findings, content)
                self._keep(envelope, done, seq)
        except PASSING:
            raise
        except Exception:
            log.exception("Envelope %s of terminal %s is parked.", envelope.id, self.terminal)
            return False
        return True

    def _keep(self, envelope: Envelope, done: Replayed, seq: int) -> None:
        outbox.keep_changes(self.session, done.capture, envelope.id)
        outbox.point(self.session, done.capture, seq)
        for name, ident in done.capture.changes:
            self.changed.setdefault(name, set()).add(ident)

    def let_go(self, row: EnvelopeRow) -> bool:
        """Runs a parked envelope now; False when it stays parked."""
        envelope = opened(row.content)
        if envelope is None or envelope.id != row.id or self.unfit(envelope, row.number):
            return False
        try:
            with self.session.begin_nested():
                done = self.dispatcher.replay(self.session, envelope, adopting=self.reach.trusts(row.number))
                row.state, row.problems = done.verdict, [problem.as_json() for problem in done.findings]
                self.session.flush()
                self._keep(envelope, done, row.seq)
        except PASSING:
            raise
        except Exception:
            log.exception("Envelope %s stays parked.", row.id)
            return False
        return True

    def unfit(self, envelope: Envelope, number: int) -> Problem | None:
        """Why an envelope cannot be run at all: it is of somebody else, or of a version this hub does not know."""
        if (envelope.terminal_id, envelope.number, envelope.org_id) != (self.terminal, number, self.reach.org_id):
            return out_of_scope()
        try:
            self.dispatcher.opened(envelope)
        except Refused as refused:
            return refused.problems[0]
        except KeyError:  # no upcaster leads from its version to ours
            return _broken()
        return None

    def _came_before(self, before: EnvelopeRow, envelope: Envelope, sent: Sent) -> bool:
        """What came in another terminal's name (a store that was copied) is not done a second time. Where something else came
        under its id, it is parked: nobody can tell which of the two was meant."""
        same = alike(opened(before.content), envelope)
        again = replace(envelope, id=self._own_id(), terminal_id=self.terminal, number=self.number, org_id=self.reach.org_id)
        state, problems = (before.state, ()) if same else (PARKED, (id_taken(),))
        seq = outbox.keep(self.session, again, self.chain, state, problems, sent.content)
        if same:
            outbox.place(self.session, seq, before.feed_seq)
        return same or sent.hold

    def _unreadable(self) -> Envelope:
        """What stands in the chain for text that is no envelope. It names nobody, so it cannot be run."""
        nobody, never = self.terminal, moment(0)
        return Envelope(self._own_id(), "", 0, {}, nobody, nobody, nobody, 0, never, never.date(), Authority.FACT)

    def _own_id(self) -> UUID:
        return derived_id(self.terminal, "envelope", str(self.number))


def opened(content: str) -> Envelope | None:
    """The envelope in a text, None when there is none."""
    try:
        return Envelope.from_json(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def alike(one: Envelope | None, other: Envelope) -> bool:
    """Whether two envelopes say the very same, by whoever's terminal they came."""
    return one is not None and replace(one, terminal_id=other.terminal_id, number=other.number) == other


def stands_on_another(row: EnvelopeRow) -> bool:
    """Whether it was parked only because of an earlier one."""
    return any(problem["code"] == WAITS for problem in row.problems)


def _waits() -> Problem:
    return Problem(WAITS, _("This waits for an earlier command that could not be run yet."), hint=_("Nothing is lost."))


def _broken() -> Problem:
    message = _("The hub could not run this command; it is kept, and run once the hub has been mended.")
    return Problem("sync.parked", message, hint=_("Tell the people who look after the hub."))
