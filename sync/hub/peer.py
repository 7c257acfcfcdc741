"""The hub as a terminal's peer: runs what it is sent, in order, and gives what the terminal lacks."""

from __future__ import annotations

import threading
from collections.abc import Callable
from dataclasses import replace
from uuid import UUID

from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.assemble import App
from app.kernel import codes, feed, outbox, rls
from app.kernel.digests import DigestLine
from app.kernel.problems import Problem, Refused
from app.kernel.records import HeadRow
from app.kernel.words import _
from app.parties.erasing import sweep
from sync.hub.allowance import Allowance
from sync.hub.digests import Sums, add_up, compared, whole
from sync.hub.feed import Reach, lines
from sync.hub.glance import Glance, Head, looking
from sync.hub.intake import Intake
from sync.hub.lives import greeted, is_copied
from sync.hub.paging import pages
from sync.hub.verdicts import known_up_to, standing, verdicts
from sync.protocol import (
    FORK,
    GAP,
    OK,
    STALE,
    Block,
    Compare,
    Compared,
    Exchanged,
    Given,
    Hello,
    Line,
    Pull,
    Push,
    Reborn,
    Renewed,
    Rows,
    Welcome,
)

HOUR = 3600  # seconds
READERS = 6  # requests that read at once: more of them take the processor from each other, and from the writer
MOST_ROWS = 100_000  # of one answer, about
CLAIMS = 10  # times in an hour that one terminal is believed that the hub was put back: everybody begins anew for it


class HubPeer:
    """The hub's side of the protocol over its App. `reach` tells what a terminal may hold, None for one it does not know."""

    def __init__(
        self, app: App, reach: Callable[[UUID], Reach | None], renew: Callable[[UUID, Reborn], Renewed] | None = None
    ) -> None:
        """`renew` makes the identity of a terminal whose store was copied; without it nobody gets one."""
        self.app = app
        self._reach = reach
        self._renew = renew
        self._sums = Sums()
        self._claims = Allowance(CLAIMS / HOUR, CLAIMS)
        self._steady = steady(app.read_engine)
        self._readers = threading.BoundedSemaphore(READERS)
        self._intake = Intake(app, self._known)

    def hello(self, hello: Hello) -> Welcome:
        """Introduces a terminal and leases it the numbers it asks for."""
        reach = self._known(hello.terminal_id)
        token, blocks = self.app.writer.run(self._greet, reach, hello)
        with Session(self.app.read_engine, info={"orgs": {reach.org_id}}) as session:
            number, _chain = outbox.last_of(session, UUID(hello.terminal_id))
            head = feed.state(session)
        return Welcome(
            self.app.clock.now_ms(),
            number,
            head.last,
            tuple(blocks),
            epoch=head.epoch,
            floor=head.floor,
            incarnation=token,
            reach=reach.name,
            standing=OK if token else FORK,
        )

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        """Takes the envelopes first, so that the rows given afterwards hold their effects."""
        reach = self._known(push.terminal_id)
        taken = self._intake.take(push, reach) if push.envelopes else None
        read_upto = self._sums.read_upto(reach.org_id)
        with self._readers, looking(self.app.read_engine, reach, push, pull, read_upto) as (session, seen):
            fits = standing(session, push, seen.end) if taken is not None else _fits(session, push, seen.end)
            told = verdicts(session, push, taken or {}, seen.kept) if fits == OK else []
            answer = replace(self._given(session, reach, pull, fits, seen), last_number=seen.end[0], verdicts=tuple(told))
        if is_put_back(answer, pull) and not self._claims.take(push.terminal_id):
            return replace(answer, epoch=self.app.writer.run(self._begin_anew, answer.epoch))
        return answer

    def _given(self, session: Session, reach: Reach, pull: Pull, fits: str, seen: Glance) -> Exchanged:
        """The rows that come next, where the cursor means something here; at the horizon, the digest of all."""
        head = seen.head
        answer = Exchanged(fits, 0, self.app.clock.now_ms(), head.last, epoch=head.epoch, floor=head.floor, reach=reach.name)
        if fits == FORK or is_stale(head, pull):
            return replace(answer, standing=fits if fits != OK else STALE)
        given = pages(session, self.app.registry, reach, within_bounds(pull), head.last, seen)
        is_behind = (given[-1].upto if given else pull.cursor) < head.last
        if fits != OK or is_behind or self._sums.is_beyond(reach.org_id, head):
            return replace(answer, pages=tuple(given))
        held = self._sums.of(session, self.app.registry, reach, head, pull.without, seen)
        return replace(answer, pages=tuple(given), digest=whole(held))

    def compare(self, compare: Compare) -> Compared:
        """The digests of what the terminal should hold, as deep down as it asks."""
        reach = self._known(compare.terminal_id)
        with Session(self._steady, info={"orgs": {reach.org_id}}) as session:
            return compared(session, self.app.registry, reach, self._sums, compare)

    def rows(self, rows: Rows) -> Given:
        """Rows by id, as far as the terminal may hold them."""
        reach = self._known(rows.terminal_id)
        entity = self.app.registry.entities.get(rows.entity)
        with Session(self._steady, info={"orgs": {reach.org_id}}) as session:
            head = feed.state(session)
            found = {} if entity is None else {one.id: one for one in lines(session, entity, reach, list(map(UUID, rows.ids)))}
        return Given(head.epoch, head.last, tuple(found.get(ident) or Line(rows.entity, ident, None) for ident in rows.ids))

    def reborn(self, reborn: Reborn) -> Renewed:
        """Gives a terminal a new identity at the same site; what waits there comes under it."""
        reach = self._known(reborn.terminal_id)
        if self._renew is None:
            raise _no_second()
        renewed = self._renew(UUID(reborn.terminal_id), reborn)
        with Session(self._steady, info={"orgs": {reach.org_id}}) as session:
            return replace(renewed, known=known_up_to(session, reborn), epoch=feed.state(session).epoch)

    def tidy(self) -> None:
        """What is to be done now and then, by one process: digests are added up, what is long gone is forgotten, and
        what somebody had erased is overwritten in what came since."""
        self.app.writer.run(self._tidy)

    def release(self) -> int:
        """Runs what was parked, oldest first, after the program has been mended; returns how many are parked no longer."""
        return self._intake.release()

    def _known(self, terminal_id: str) -> Reach:
        reach = self._reach(UUID(terminal_id))
        if reach is None:
            message = _("The hub does not know this terminal.")
            raise Refused(Problem("sync.unknown_terminal", message, hint=_("Enrol it again; what it holds is kept.")))
        return reach

    def _greet(self, reach: Reach, hello: Hello) -> tuple[str, list[Block]]:
        with self.app.writer.sessions(info={"orgs": {reach.org_id}}) as session:
            if not feed.state(session).epoch:
                feed.new_epoch(session)
            token = greeted(session, reach.org_id, hello)
            wanted = hello.wanted if token else ()
            given = [(one, codes.grant_block(session, reach.org_id, one.series, one.period, one.size)) for one in wanted]
            session.commit()
        return token, [Block(one.series, one.period, *block) for one, block in given if block is not None]

    def _begin_anew(self, epoch: str) -> str:
        """The hub's database was put back, and nobody said so: another life begins, unless another terminal was quicker."""
        with self.app.writer.sessions() as session:
            now = session.scalars(select(HeadRow).with_for_update()).one().epoch  # one at a time, also of several processes
            if now == epoch:
                now = feed.new_epoch(session)
                session.commit()
        return now

    def _tidy(self) -> None:
        with self.app.writer.sessions() as session:
            rls.serve_all(session)
            feed.forget(session, self.app.clock.now_ms())
            orgs = set(session.scalars(select(DigestLine.org_id).distinct()))
            add_up(session, orgs)
            for org in sorted(orgs):
                sweep(session, self.app.registry, org, enrolled=False)
            session.commit()


def steady(engine: Engine) -> Engine:
    """Reading one state of the database throughout a transaction, whoever commits meanwhile."""
    return engine.execution_options(isolation_level="REPEATABLE READ") if engine.dialect.name == "postgresql" else engine


def _fits(session: Session, push: Push, known: tuple[int, str] | None = None) -> str:
    """How a push stands to what is known of its terminal."""
    return FORK if is_copied(session, push) else standing(session, push, known)


def is_stale(head: Head, pull: Pull) -> bool:
    """Whether a cursor means nothing here: it is of another life of the hub, or rows have gone since of which nobody knows."""
    other = bool(pull.epoch and head.epoch and pull.epoch != head.epoch)
    return other or pull.cursor > head.last or 0 < pull.cursor < head.floor


def within_bounds(pull: Pull) -> Pull:
    """What is asked for, as far as one answer may go: no terminal takes this process's memory from the others."""
    rows = min(max(pull.rows, 1), MOST_ROWS)
    return replace(pull, rows=rows, pages=min(max(pull.pages, 0), MOST_ROWS // rows))


def is_put_back(answer: Exchanged, pull: Pull) -> bool:
    """Whether a terminal that followed this very life of the hub has what the hub has no more: commands that it had answered,
    or numbers of its feed."""
    return bool(answer.epoch) and pull.epoch == answer.epoch and (answer.standing == GAP or pull.cursor > answer.horizon)


def _no_second() -> Refused:
    message = _("Two machines work with the same terminal's store.")
    return Refused(Problem("sync.forked", message, hint=_("Enrol this machine anew. What was done here is kept and sent then.")))
