"""The hub as a terminal's peer: runs what it is sent once and for ever, in order, and gives what the terminal lacks."""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from uuid import UUID

from sqlalchemy import func, select
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import codes, feed, outbox
from app.kernel.access import out_of_scope
from app.kernel.capture import Capture, WorkSession
from app.kernel.commands import Authority, Envelope
from app.kernel.events import Notice
from app.kernel.ids import derived_id
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import PARKED, EnvelopeRow
from app.kernel.types import moment
from app.kernel.words import _
from sync.hub.feed import Reach, pages
from sync.protocol import FORK, GAP, OK, Block, Exchanged, Hello, Pull, Push, Sent, Verdict, Welcome

TOGETHER = 25  # envelopes in one transaction
PASSING = (OperationalError, InterfaceError, Trouble)  # the database was busy or away: everything may be sent again
log = logging.getLogger(__name__)


@dataclass
class Standing:
    """How far a terminal's chain is known here."""

    number: int
    chain: str


class HubPeer:
    """The hub's side of the protocol over its App. `reach` tells what a terminal may hold, None for one it does not know."""

    def __init__(self, app: App, reach: Callable[[UUID], Reach | None]) -> None:
        self.app = app
        self._reach = reach

    def hello(self, hello: Hello) -> Welcome:
        """Introduces a terminal and leases it the numbers it asks for."""
        reach = self._known(hello.terminal_id)
        blocks = self.app.writer.run(self._lease, reach.org_id, hello) if hello.wanted else ()
        with Session(self.app.read_engine) as session:
            number, _chain = outbox.last_of(session, UUID(hello.terminal_id))
            return Welcome(self.app.clock.now_ms(), number, feed.head(session), tuple(blocks))

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        """Takes the envelopes first, so that the rows given afterwards hold their effects."""
        reach = self._known(push.terminal_id)
        terminal = UUID(push.terminal_id)
        with Session(self.app.read_engine) as session:
            standing = _standing(session, push)
        if standing == OK:
            self._take_all(terminal, reach, push)
        with Session(self.app.read_engine) as session:
            last = push.first_number + len(push.envelopes) - 1
            verdicts = _verdicts(session, terminal, push.first_number, last, push.parked) if standing == OK else []
            given, horizon = pages(session, self.app.registry, reach, pull)
            number, _chain = outbox.last_of(session, terminal)
        return Exchanged(standing, number, self.app.clock.now_ms(), horizon, tuple(verdicts), tuple(given))

    def release(self) -> int:
        """Runs what was parked, oldest first, after the program has been mended; returns how many are parked no longer."""
        return self.app.writer.run(self._release)

    def _known(self, terminal_id: str) -> Reach:
        reach = self._reach(UUID(terminal_id))
        if reach is None:
            message = _("The hub does not know this terminal.")
            raise Refused(Problem("sync.unknown_terminal", message, hint=_("Enrol it again; what it holds is kept.")))
        return reach

    # -------------------------------------------------------------------------------------------------------- taking

    def _take_all(self, terminal: UUID, reach: Reach, push: Push) -> None:
        """Runs what is new, some at a time, and stops behind one that had to be parked: the terminal names its dependents."""
        number = push.first_number
        for start in range(0, len(push.envelopes), TOGETHER):
            some = push.envelopes[start : start + TOGETHER]
            if not self.app.writer.run(self._take_some, terminal, reach, number + start, some):
                return

    def _take_some(self, terminal: UUID, reach: Reach, first: int, some: Sequence[Sent]) -> bool:
        captures: list[Capture] = []
        going_on = True
        with WorkSession(self.app.dispatcher.engine, expire_on_commit=False) as session:
            standing = Standing(*outbox.last_of(session, terminal))
            for number, sent in enumerate(some, start=first):
                if number > standing.number and going_on:
                    going_on = self._take(session, terminal, reach, standing, sent, captures) or sent.hold
            session.commit()
        self._tell(captures)
        return going_on

    def _take(
        self, session: WorkSession, terminal: UUID, reach: Reach, standing: Standing, sent: Sent, captures: list[Capture]
    ) -> bool:
        """Runs one envelope, or parks it; False when it was parked."""
        chain = outbox.chained(standing.chain, sent.content)
        standing.number, standing.chain = standing.number + 1, chain
        envelope = _opened(sent.content) or _unreadable(terminal, reach, standing.number)
        self.app.clock.receive(envelope.stamp)
        if _done_elsewhere(session, envelope, terminal, standing.number, chain, sent.content):
            return True
        problem = _waits() if sent.hold else self._unfit(envelope, terminal, reach, standing.number)
        if problem is None:
            try:
                with session.begin_nested():
                    captures.append(self._run(session, envelope, reach, chain, sent.content))
                return True
            except PASSING:
                raise
            except Exception:  # a bug: whatever it is, it must not stop the envelopes after it
                log.exception("Envelope %s of terminal %s is parked.", envelope.id, terminal)
                problem = _broken()
        kept = replace(envelope, terminal_id=terminal, number=standing.number, org_id=reach.org_id)  # in its sender's chain
        outbox.keep(session, kept, chain, PARKED, [problem], sent.content)
        return False

    def _run(self, session: WorkSession, envelope: Envelope, reach: Reach, chain: str, content: str) -> Capture:
        done = self.app.dispatcher.replay(session, envelope, adopting=reach.adopting)
        seq = outbox.keep(session, envelope, chain, done.verdict, done.findings, content)
        outbox.keep_changes(session, done.capture, envelope.id)
        outbox.point(session, done.capture, seq)
        return done.capture

    def _unfit(self, envelope: Envelope, terminal: UUID, reach: Reach, number: int) -> Problem | None:
        """Why an envelope cannot be run at all: it is of somebody else, or of a version this hub does not know."""
        if (envelope.terminal_id, envelope.number, envelope.org_id) != (terminal, number, reach.org_id):
            return out_of_scope()
        try:
            self.app.dispatcher.opened(envelope)
        except (Refused, KeyError) as error:
            return error.problems[0] if isinstance(error, Refused) else _broken()
        return None

    def _release(self) -> int:
        stuck: set[UUID] = set()
        with self.app.writer.sessions() as session:
            wanted = select(EnvelopeRow).where(EnvelopeRow.state == PARKED).order_by(EnvelopeRow.seq)
            parked = [(row.seq, row.terminal_id, _behind_another(row)) for row in session.scalars(wanted)]
        for seq, terminal, behind in parked:
            if (behind and terminal in stuck) or not self._let_go(seq):
                stuck.add(terminal)
        with self.app.writer.sessions() as session:
            left = session.scalar(select(func.count()).select_from(EnvelopeRow).where(EnvelopeRow.state == PARKED)) or 0
        return len(parked) - left

    def _let_go(self, seq: int) -> bool:
        with WorkSession(self.app.dispatcher.engine, expire_on_commit=False) as session:
            row = session.get_one(EnvelopeRow, seq)
            envelope, reach = _opened(row.content), self._reach(row.terminal_id)
            if envelope is None or reach is None or self._unfit(envelope, row.terminal_id, reach, row.number):
                return False
            try:
                done = self.app.dispatcher.replay(session, envelope, adopting=reach.adopting)
            except PASSING:
                raise
            except Exception:
                log.exception("Envelope %s stays parked.", row.id)
                return False
            row.state, row.problems = done.verdict, [problem.as_json() for problem in done.findings]
            session.flush()
            outbox.keep_changes(session, done.capture, envelope.id)
            outbox.point(session, done.capture, seq)
            session.commit()
        self._tell([done.capture])
        return True

    def _tell(self, captures: Sequence[Capture]) -> None:
        rows: dict[str, set[UUID]] = {}
        for capture in captures:
            for name, ident in capture.changes:
                rows.setdefault(name, set()).add(ident)
        if rows:
            self.app.notices.tell(Notice({name: frozenset(idents) for name, idents in rows.items()}))

    def _lease(self, org_id: UUID, hello: Hello) -> list[Block]:
        blocks = []
        with self.app.writer.sessions() as session:
            for one in hello.wanted:
                block = codes.grant_block(session, org_id, one.series, one.period, one.size)
                if block is not None:
                    blocks.append(Block(one.series, one.period, *block))
            session.commit()
        return blocks


def _behind_another(row: EnvelopeRow) -> bool:
    return any(problem["code"] == "sync.waits" for problem in row.problems)


def _waits() -> Problem:
    return Problem("sync.waits", _("This waits for an earlier command that could not be run yet."), hint=_("Nothing is lost."))


def _broken() -> Problem:
    message = _("The hub could not run this command; it is kept, and run once the hub has been mended.")
    return Problem("sync.parked", message, hint=_("Tell the people who look after the hub."))


# -------------------------------------------------------------------------------------------------- chains and verdicts


def _standing(session: Session, push: Push) -> str:
    """Whether a push fits what is known of the terminal's chain."""
    terminal = UUID(push.terminal_id)
    last, _chain = outbox.last_of(session, terminal)
    if push.first_number > last + 1:
        return GAP
    ahead = push.first_number - 1
    known = _chains(session, terminal, ahead, ahead + len(push.envelopes))
    if known.get(ahead, "") != push.prev_hash:
        return FORK
    chain = push.prev_hash
    for number, sent in enumerate(push.envelopes[: last - ahead], start=push.first_number):
        chain = outbox.chained(chain, sent.content)
        if known[number] != chain:
            return FORK
    return OK


def _chains(session: Session, terminal: UUID, first: int, last: int) -> dict[int, str]:
    wanted = select(EnvelopeRow.number, EnvelopeRow.chain).where(
        EnvelopeRow.terminal_id == terminal, EnvelopeRow.number.between(first, last)
    )
    return {number: chain for number, chain in session.execute(wanted)}


def _verdicts(session: Session, terminal: UUID, first: int, last: int, parked: Sequence[int]) -> list[Verdict]:
    """What became of these envelopes, now or when they came before; of the parked ones, those that are so no longer."""
    ours = select(EnvelopeRow).where(EnvelopeRow.terminal_id == terminal)
    rows = list(session.scalars(ours.where(EnvelopeRow.number.between(first, last))))
    rows += session.scalars(ours.where(EnvelopeRow.number.in_(parked), EnvelopeRow.state != PARKED)).all() if parked else []
    done = outbox.effects(session, [row.id for row in rows])
    found = {row.number: Verdict(row.number, row.state, tuple(row.problems), row.feed_seq, done[row.id]) for row in rows}
    return [found[number] for number in sorted(found)]


def _done_elsewhere(session: Session, envelope: Envelope, terminal: UUID, number: int, chain: str, content: str) -> bool:
    """Whether a command came before under another terminal's name (a store that was copied): it is not done a second time."""
    before = session.scalars(select(EnvelopeRow).where(EnvelopeRow.id == envelope.id)).first()
    if before is None:
        return False
    again = replace(envelope, id=derived_id(terminal, "envelope", str(number)), terminal_id=terminal, number=number)
    seq = outbox.keep(session, again, chain, before.state, (), content)
    outbox.place(session, seq, before.feed_seq)
    return True


def _opened(content: str) -> Envelope | None:
    try:
        return Envelope.from_json(json.loads(content))
    except (ValueError, TypeError, KeyError, AttributeError):
        return None


def _unreadable(terminal: UUID, reach: Reach, number: int) -> Envelope:
    """What stands in the chain for text that is no envelope: it names nobody, so it cannot be run."""
    start = moment(0)
    ident = derived_id(terminal, "envelope", str(number))
    return Envelope(ident, "", 0, {}, reach.org_id, terminal, terminal, 0, start, start.date(), Authority.FACT, number)
