"""Running a terminal's envelopes at the hub: each once and for ever, and one that cannot be run stops nobody else.

Many run in one transaction, with what they need looked up together and what they leave behind written together. Where one
falls, the transaction is taken back and that one runs apart: see `sync.hub.peer`.
"""

from __future__ import annotations

import enum
import logging
from collections.abc import Callable, Sequence
from dataclasses import replace
from itertools import chain
from typing import Any
from uuid import UUID

from sqlalchemy import event

from app.assemble import ACCESS_TABLES
from app.kernel import locks, outbox
from app.kernel.access import out_of_scope
from app.kernel.ahead import go_ahead
from app.kernel.behind import held_back
from app.kernel.books import Books
from app.kernel.capture import Capture, WorkSession
from app.kernel.commands import Authority, Command, Envelope
from app.kernel.dispatch import ACTORS, WROTE, Dispatcher
from app.kernel.events import Notice, Notices
from app.kernel.folds import Folds, hold_folds
from app.kernel.ids import derived_id
from app.kernel.many import with_ids
from app.kernel.problems import Problem, Refused
from app.kernel.records import PARKED, EnvelopeRow
from app.kernel.refusals import id_taken
from app.kernel.types import moment
from app.kernel.words import _
from sync.hub.came import Came, Opener, opened
from sync.hub.feed import Reach
from sync.hub.lives import copies
from sync.hub.turns import Portion

WAITS = "sync.waits"
log = logging.getLogger(__name__)


class Care(enum.IntEnum):
    """What the first envelope of a transaction needs, after it has fallen before."""

    NONE = 0
    APART = 1  # it runs in a savepoint, and is parked where it falls there too
    PARKED = 2  # it is only kept
    RENAMED = 3  # its own id cannot be had: it is kept under one of ours


class Fell(Exception):
    """One of many cannot run in one go with the others: nothing of the transaction may be kept. `place` says which one."""

    def __init__(self, place: int) -> None:
        super().__init__(place)
        self.place = place


class Elsewhere(Exception):
    """The terminal's chain does not end where these envelopes go on: somebody else has lengthened it, or works with a copy."""


class Taking:
    """One transaction's worth of envelopes. Who opened the session commits it, and then lets it tell."""

    def __init__(self, dispatcher: Dispatcher, session: WorkSession, terminal: UUID, reach: Reach, token: str = "") -> None:
        """`terminal` and `reach` are those of whom it takes from just now, `token` that of its last greeting."""
        self.dispatcher = dispatcher
        self.session = session
        self.terminal = terminal
        self.reach = reach
        self.token = token
        self.books = Books(session)
        self.changed: dict[str, set[UUID]] = {}
        self._known: dict[UUID, EnvelopeRow] = {}
        self._mine: set[UUID] = set()  # ids of envelopes that have run in this transaction
        self._rows: list[Any] = []  # looked up ahead; the session itself holds them but weakly
        self._folds = Folds(session, chain.from_iterable(dispatcher.registry.projections.values()))
        hold_folds(session, self._folds)
        held_back(session, self._folds, self.books)
        go_ahead(session)
        session.info[ACTORS] = {}
        event.listen(session.connection(), "before_cursor_execute", self._watch)

    def _watch(self, _connection: Any, _cursor: Any, statement: str, *_rest: Any) -> None:
        if not statement.startswith("SELECT"):
            self.session.info[WROTE] = True

    def tell(self, notices: Notices) -> None:
        """Tells, once all is committed, which rows changed. What was done is let go of: it need not wait for the garbage."""
        self.session.info.clear()
        if self.changed:
            notices.tell(Notice({name: frozenset(idents) for name, idents in self.changed.items()}))

    def take_all(self, some: Sequence[Came], care: Care = Care.NONE) -> bool:
        """Takes envelopes, but for those that came before; the first of them with care. False when it stopped behind one it
        had to park: the terminal must first tell which of the next ones stand on that."""
        [fresh] = self._look_ahead([Portion(self.terminal, self.reach, some, self.token)])
        known = len(some) - len(fresh)
        return all(self._take(came, known + place, care if known + place == 0 else Care.NONE) for place, came in enumerate(fresh))

    def take_each(self, portions: Sequence[Portion]) -> bool:
        """Takes what several terminals sent. False where one of them must be heard alone: then nothing may be kept."""
        for portion, fresh in zip(portions, self._look_ahead(portions), strict=True):
            self.terminal, self.reach = portion.terminal, portion.reach
            if not all(self._take(came, place, Care.NONE) for place, came in enumerate(fresh)):
                return False
        return True

    def _look_ahead(self, portions: Sequence[Portion]) -> list[Sequence[Came]]:
        """Keeps others off all that is named, and looks up at once what will be needed. Returns what did not come before."""
        terminals = {portion.terminal: portion.token for portion in portions}
        locks.hold_ids(self.session, set(terminals).union(*(came.names for one in portions for came in one.envelopes)))
        ends = outbox.ends(self.session, terminals)
        if copies(self.session, terminals):
            raise Elsewhere
        fresh = [_beyond(portion.envelopes, *ends[portion.terminal]) for portion in portions]
        envelopes = [came.envelope for some in fresh for came in some if came.envelope is not None]
        if envelopes:
            self._known = {row.id: row for row in with_ids(self.session, EnvelopeRow, [one.id for one in envelopes])}
        self._rows = self.dispatcher.foresight.look(self.session, envelopes)
        self._meet({one.actor_id for one in envelopes})
        return fresh

    def _meet(self, people: set[UUID]) -> None:
        """Looks up together who acted, with what they may do now."""
        found = self.dispatcher.registry.actors(self.session, people) if people else {}
        self.session.info[ACTORS] = {ident: found.get(ident) for ident in people}

    def finish(self) -> None:
        """Writes all that was held back."""
        self._folds.write()
        self.books.write(last=True)

    def _take(self, came: Came, place: int, care: Care) -> bool:
        envelope = came.envelope or self._unreadable(came)
        self.dispatcher.clock.receive(envelope.stamp)
        before = self._known.get(envelope.id)
        if before is not None:
            return self._came_before(before, envelope, came)
        found = _waits() if came.hold else self._opened(envelope, came.number, came.command)
        problem = found if isinstance(found, Problem) else None
        if isinstance(found, Command) and self._ran(envelope, found, came, place, care):
            return True
        kept = replace(envelope, terminal_id=self.terminal, number=came.number, org_id=self.reach.org_id)
        if care is Care.RENAMED:  # its id is another organisation's, whose rows nobody sees here
            kept, problem = replace(kept, id=self._own_id(came)), id_taken()
        self.books.keep(kept, came.chain, PARKED, [problem or _broken()], came.content)
        return came.hold

    def _ran(self, envelope: Envelope, command: Command, came: Came, place: int, care: Care) -> bool:
        """Runs it and takes down what it did; in one go with the others unless it needs care."""
        if care is not Care.NONE:
            return care is Care.APART and self._ran_apart(envelope, command, came)
        if envelope.id in self._mine:  # it came twice in one push
            raise Fell(place)
        self._mine.add(envelope.id)
        try:
            self._run(envelope, command, came, apart=False)
        except Exception as error:
            if locks.passing(error):
                raise
            raise Fell(place) from error
        return True

    def _ran_apart(self, envelope: Envelope, command: Command, came: Came) -> bool:
        """Runs it in a savepoint. False for a bug: whatever it is, it must not stop the envelopes after it."""
        try:
            with self.session.begin_nested():
                self._run(envelope, command, came, apart=True)
        except Exception as error:
            if locks.passing(error):
                raise
            log.exception("Envelope %s of terminal %s is parked.", envelope.id, self.terminal)
            return False
        return True

    def _run(self, envelope: Envelope, command: Command, came: Came, *, apart: bool) -> None:
        self.session.info[WROTE] = False
        done = self.dispatcher.replay(
            self.session, envelope, adopting=self.reach.trusts(came.number), apart=apart, command=command
        )
        kept = replace(envelope, stamp=done.capture.stamp)  # as the hub's clock can believe it
        self.books.keep(kept, came.chain, done.verdict, done.findings, came.content, done=done.capture)
        self._note(done.capture)

    def _note(self, done: Capture) -> None:
        for name, ident in done.changes:
            self.changed.setdefault(name, set()).add(ident)
            if name in ACCESS_TABLES:
                self.session.info[ACTORS] = {}

    def let_go(self, row: EnvelopeRow) -> bool:
        """Runs a parked envelope now; False when it stays parked."""
        if row.state != PARKED:  # another process of the hub was quicker
            return True
        envelope = opened(row.content)
        if envelope is None or envelope.id != row.id or isinstance(self._opened(envelope, row.number), Problem):
            return False
        locks.hold_ids(self.session, {self.terminal, *locks.named_in(envelope.body)})
        try:
            with self.session.begin_nested():
                done = self.dispatcher.replay(self.session, envelope, adopting=self.reach.trusts(row.number))
                row.state, row.problems = done.verdict, [problem.as_json() for problem in done.findings]
                self.session.flush()
                self.books.ran(envelope.id, row.seq, done.capture)
                self.finish()
                self._note(done.capture)
        except Exception as error:
            if locks.passing(error):
                raise
            log.exception("Envelope %s stays parked.", row.id)
            return False
        return True

    def _opened(self, envelope: Envelope, number: int, command: Callable[[Opener], Command] | None = None) -> Command | Problem:
        """The command in an envelope, or why it cannot be run at all: it is of somebody else, or of a version this hub does not
        know."""
        if (envelope.terminal_id, envelope.number, envelope.org_id) != (self.terminal, number, self.reach.org_id):
            return out_of_scope()
        try:
            return command(self.dispatcher.opened) if command else self.dispatcher.opened(envelope)
        except Refused as refused:
            return refused.problems[0]
        except KeyError:  # no upcaster leads from its version to ours
            return _broken()

    def _came_before(self, before: EnvelopeRow, envelope: Envelope, came: Came) -> bool:
        """What came in another terminal's name (a store that was copied) is not done a second time. Where something else came
        under its id, it is parked: nobody can tell which of the two was meant."""
        same = alike(opened(before.content), envelope)
        again = replace(envelope, id=self._own_id(came), terminal_id=self.terminal, number=came.number, org_id=self.reach.org_id)
        state, problems = (before.state, [Problem(**one) for one in before.problems]) if same else (PARKED, [id_taken()])
        self.books.keep(again, came.chain, state, problems, came.content, feed_seq=before.feed_seq if same else None)
        return same or came.hold

    def _unreadable(self, came: Came) -> Envelope:
        """What stands in the chain for text that is no envelope. It names nobody, so it cannot be run."""
        nobody, never = self.terminal, moment(0)
        return Envelope(self._own_id(came), "", 0, {}, nobody, nobody, nobody, 0, never, never.date(), Authority.FACT)

    def _own_id(self, came: Came) -> UUID:
        return derived_id(self.terminal, "envelope", str(came.number))


def _beyond(some: Sequence[Came], number: int, chain: str) -> Sequence[Came]:
    """Those of a terminal's envelopes that are not known yet; they must go on where its chain ends."""
    fresh = [came for came in some if came.number > number]
    if fresh and (fresh[0].number, fresh[0].before) != (number + 1, chain):
        raise Elsewhere
    return fresh


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
