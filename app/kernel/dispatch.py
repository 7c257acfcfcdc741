"""The one door for writes: grant, scope, handler, reactions, capture and outbox, in one transaction or not at all."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import Engine, func, insert, select
from sqlalchemy.exc import DBAPIError, IntegrityError
from sqlalchemy.orm import Session

from app.kernel import locks, outbox, rls, tries
from app.kernel.access import SYSTEM, Actor, denied, system
from app.kernel.books import Books
from app.kernel.capture import Capture, WorkSession
from app.kernel.cards import card_of
from app.kernel.clock import SLACK_MS, Clock, stamp_of
from app.kernel.commands import Answer, Authority, Command, Envelope, brief, decode, encode
from app.kernel.commit_times import CommitTimes
from app.kernel.events import Notice, Notices
from app.kernel.foresight import Foresight
from app.kernel.ids import derived_id, new_id
from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.records import APPLIED, QUESTIONED, REFUSED, WAITING, DeniedRow, Discrepancy, EnvelopeRow
from app.kernel.refusals import can_be_kept, from_the_future, id_taken, no_longer, too_new, unfit
from app.kernel.registry import Registry
from app.kernel.rehearsal import Rehearsal
from app.kernel.retrying import TRIES, Relief, may_go_well, nothing_to_give
from app.kernel.types import canonical
from app.kernel.work import Mode, Work, discrepancy, give_back
from app.kernel.zones import business_date

ACTORS, WROTE = "actors", "wrote"  # what a session knows: who acts in it, and whether its newest command has written


@dataclass(frozen=True)
class Station:
    """Where commands run: a terminal with its site, or the hub."""

    id: UUID
    zone: str = "UTC"
    index: int = 0  # the terminal's place in static number ranges, 0 to 49
    site_id: UUID | None = None
    hub: bool = False
    enrolled: bool = False  # a terminal that has a hub to answer its requests


@dataclass(frozen=True)
class Replayed:
    """What came of a replay: the verdict (applied, questioned, refused), its findings, what changed and what was read."""

    verdict: str
    findings: list[Problem]
    capture: Capture
    reads: set[UUID]


class Stumbled(Exception):
    """A command that ran in one go with others was refused after it had written something: it must run apart from them."""


class Dispatcher:
    """Runs commands against one database. Only one thread may use it at a time (the terminal's writer, or one hub request)."""

    def __init__(self, engine: Engine, registry: Registry, station: Station, clock: Clock, notices: Notices) -> None:
        self.engine = engine
        self.registry = registry
        self.station = station
        self.clock = clock
        self.notices = notices
        self.foresight = Foresight()
        self.commits = CommitTimes()
        self.journal: Callable[[str], None] = lambda _text: None  # a terminal's black box: takes each envelope after its commit
        self.relief: Relief = nothing_to_give  # makes room on a full disk; whether there was any to make
        self._resume()

    def _resume(self) -> None:
        """Reads where this station's own chain ends, and how late it is there."""
        with Session(self.engine) as session:
            rls.serve_all(session)  # the hub's own chain is one for all
            self._number, self._chain = outbox.last_of(session, self.station.id)
            own = select(func.max(EnvelopeRow.stamp)).where(EnvelopeRow.terminal_id == self.station.id)
            self.clock.resume(session.scalar(own) or 0)
        self._certain = True  # of where it ends

    # ------------------------------------------------------------------------------------------------ the first run

    def run(
        self, command: Command, actor: Actor, command_id: UUID | None = None, cosigner: Actor | None = None, zone: str = ""
    ) -> Answer:
        """Runs a command that a person (or a program in their name) gives now; at a place in another zone than the station's,
        where one is named."""
        ident = command_id or new_id()
        cosigner = cosigner if cosigner is not None and cosigner.org_id == actor.org_id else None
        try:
            before = self._known(ident, command, actor) if command_id is not None else None
            if before is not None:
                return before
            wanted = command.grant(self.registry)
            if not any(one.can(wanted) for one in (actor, cosigner) if one is not None):
                raise Refused(denied(actor, wanted))
            return self._first(ident, command, actor, cosigner, zone)
        except Refused as refused:
            return self._turned_away(ident, command, actor, refused.problems)
        except IntegrityError as error:
            if not rls.met_unseen(error):
                raise
            return self._turned_away(ident, command, actor, (id_taken(),))

    def _first(self, ident: UUID, command: Command, actor: Actor, cosigner: Actor | None, zone: str) -> Answer:
        for left in reversed(range(TRIES)):
            there = None if self._certain else self._looked_again(ident, command, actor)
            if there is not None:
                return there
            try:
                return self._once(ident, command, actor, cosigner, zone)
            except (DBAPIError, Trouble) as error:
                self._certain = False
                if not (left and may_go_well(error, self.relief, shared=self.station.hub)):
                    raise
        raise AssertionError("the last try answers or raises")

    def _looked_again(self, ident: UUID, command: Command, actor: Actor) -> Answer | None:
        """After an error the chain may end elsewhere: the line may have been cut behind the commit, or another process was
        given the same command, or works under our name. The answer, where there is one."""
        self._resume()
        return self._known(ident, command, actor)

    def _once(self, ident: UUID, command: Command, actor: Actor, cosigner: Actor | None, zone: str) -> Answer:
        envelope = self._address(ident, command, actor, cosigner, zone)
        with self._session(envelope.stamp, actor) as session:
            if self.station.hub:  # other processes write too
                locks.hold_ids(session, set(locks.named_in(envelope.body)))
            work = Work(session, self.registry, envelope, actor, Mode.FIRST, command, cosigner)
            self.registry.handlers[type(command)](command, work)
            work.finish()
            capture: Capture = session.info["capture"]
            content = envelope.text()
            chain = outbox.chained(self._chain, content)
            self._seal(session, envelope, chain, work, content)
            with self.commits.measured():
                session.commit()
        self._number, self._chain = envelope.number, chain
        self.journal(content)
        self.notices.tell(capture.notice(envelope.command))
        for effect in work.afterwards:
            effect()
        pending = envelope.authority is Authority.REQUEST and self.station.enrolled
        return Answer(ident, envelope.command, "pending" if pending else "done", tuple(work.findings), tuple(capture.changes))

    def _address(self, ident: UUID, command: Command, actor: Actor, cosigner: Actor | None, zone: str = "") -> Envelope:
        body, zone = encode(command), zone or self.station.zone
        problem = unfit(body)
        if problem is not None:
            raise Refused(problem)
        stamp, occurred = self.clock.tick(), self.clock.now()
        return Envelope(
            id=ident,
            command=type(command).__name__,
            version=command.version,
            body=body,
            org_id=actor.org_id,
            actor_id=actor.id,
            terminal_id=self.station.id,
            stamp=stamp,
            occurred_at=occurred,
            business_date=business_date(occurred, zone),
            authority=command.authority,
            number=self._number + 1,
            cosigner_id=cosigner.id if cosigner else None,
            site_id=self.station.site_id,
            zone=zone,
            granted=(command.grant(self.registry),),
            drawn=self._circumstances(),
        )

    def _circumstances(self) -> dict[str, Any]:
        """What differs elsewhere and is told with each command; of the clock only where its time is in doubt."""
        doubt = self.clock.doubt
        here = {"hub": True} if self.station.hub else {"station": self.station.index, "enrolled": self.station.enrolled}
        return {**here, "clock": doubt} if doubt else here

    @contextmanager
    def _session(self, stamp: int, actor: Actor) -> Iterator[WorkSession]:
        info = {"capture": Capture(self.registry, stamp), "orgs": {actor.org_id}}
        with WorkSession(self.engine, expire_on_commit=False, info=info) as session:
            session.connection()
            yield session

    def _seal(self, session: Session, envelope: Envelope, chain: str, work: Work, content: str) -> None:
        capture: Capture = session.info["capture"]
        if self.station.hub:
            books = Books(session)
            books.keep(envelope, chain, APPLIED, work.findings, content, done=capture)
            books.write()
        else:
            seq = outbox.keep(session, envelope, chain, WAITING, work.findings, content)
            outbox.keep_changes(session, capture, envelope.id)
            outbox.keep_touches(session, seq, work.reads, capture)

    @contextmanager
    def rehearsal(self, actor: Actor) -> Iterator[Rehearsal]:
        """Commands that run as they would, each on top of those before it, and of which nothing stays; for the actor's own
        organisation."""
        with self._session(self.clock.tick(), actor) as session:
            try:
                yield Rehearsal(self, session)
            finally:
                session.rollback()

    def _known(self, ident: UUID, command: Command, actor: Actor) -> Answer | None:
        """The answer to the very same command by the same person; Refused where the id is that of another one."""
        with Session(self.engine, info={"orgs": {actor.org_id}}) as session:
            content = session.scalar(select(EnvelopeRow.content).where(EnvelopeRow.id == ident))
        if content is None:
            return None
        before = Envelope.from_json(json.loads(content))
        same = (before.command, before.actor_id, before.org_id) == (type(command).__name__, actor.id, actor.org_id)
        if not same or (before.version == command.version and canonical(before.body) != canonical(encode(command))):
            raise Refused(id_taken())
        return self.answered(ident, actor.org_id)

    def answered(self, ident: UUID, org_id: UUID) -> Answer | None:
        """The answer to an organisation's command that already ran here under this id."""
        with Session(self.engine, info={"orgs": {org_id}}) as session:
            row = session.scalars(select(EnvelopeRow).where(EnvelopeRow.id == ident)).first()
            if row is None:
                return None
            changed = session.execute(
                select(outbox.CHANGES.c.entity, outbox.CHANGES.c.row_id)
                .where(outbox.CHANGES.c.envelope_id == ident)
                .order_by(outbox.CHANGES.c.id)
            )
            problems = tuple(Problem(**one) for one in row.problems)
            return Answer(
                ident,
                row.command,
                self._status(row),
                problems,
                tuple((name, row_id) for name, row_id in changed),
                again=True,
            )

    def _status(self, row: EnvelopeRow) -> str:
        if row.state == REFUSED:
            return "refused"
        asks = self.station.enrolled and row.state == WAITING
        return "pending" if asks and json.loads(row.content)["authority"] == Authority.REQUEST else "done"

    def _turned_away(self, ident: UUID, command: Command, actor: Actor, problems: tuple[Problem, ...]) -> Answer:
        """Keeps a trace of the refused try; nothing else of it is kept."""
        told = command.told(self.registry)
        with Session(self.engine, info={"orgs": {actor.org_id}}) as session:
            session.execute(
                insert(DeniedRow).values(
                    command=type(command).__name__,
                    actor_id=actor.id,
                    org_id=actor.org_id,
                    at=self.clock.now(),
                    codes=[problem.code for problem in problems],
                    body=brief(told) if can_be_kept(told) else {},
                )
            )
            session.commit()
        if (report := tries.report_of(self.registry, command, problems)) is not None:
            self.run(report, actor, tries.report_id(ident))
        return Answer(ident, type(command).__name__, "refused", problems)

    # ---------------------------------------------------------------------------------------------------- the replay

    def replay(
        self, session: Session, envelope: Envelope, *, adopting: bool = False, apart: bool = True, command: Command | None = None
    ) -> Replayed:
        """Runs an envelope again inside `session`: at the hub, or on a terminal on top of the hub's rows.

        A fact is never refused: what stops it becomes a discrepancy. The caller keeps the envelope and its changes. With
        `adopting`, the hub takes over what a terminal's program set up by itself before there was a hub. What is not run
        `apart` has no savepoint of its own: `Stumbled` then means that nothing of this transaction may be kept. Who has
        `opened` the envelope already gives the `command`.
        """
        reads: set[UUID] = set()
        told, envelope = envelope, self._believed(envelope)
        capture = self._capturing(session, envelope)
        try:
            with session.begin_nested() if apart else nullcontext():
                work = self._play(session, envelope, command or self.opened(envelope), reads, adopting)
                if envelope.stamp != told.stamp:
                    work.check(from_the_future(told))
                work.finish()
            return Replayed(QUESTIONED if work.questioned else APPLIED, work.findings, capture, reads)
        except Refused as refused:
            problems = list(refused.problems)
        if not apart:
            _take_off(session)
        capture = self._capturing(session, envelope)
        if envelope.authority is Authority.REQUEST:
            if self.station.hub:
                give_back(session, told, problems[0], self._tried(told))
            return Replayed(REFUSED, problems, capture, reads)
        self._question(session, envelope, problems)
        return Replayed(QUESTIONED, problems, capture, reads)

    def _believed(self, envelope: Envelope) -> Envelope:
        """What this database believes of an envelope: a fact is what its command declares as one, and the hub lets no clock
        run ahead of its own, so that one terminal's wrong year does not hide everybody's later movements."""
        kind = self.registry.commands.get(envelope.command)
        fact = envelope.authority is Authority.FACT and kind is not None and kind.authority is Authority.FACT
        ahead = self.station.hub and envelope.stamp > stamp_of(self.clock.now_ms() + SLACK_MS)
        stamp = self.clock.tick() if ahead else envelope.stamp
        return replace(envelope, authority=Authority.FACT if fact else Authority.REQUEST, stamp=stamp)

    def _capturing(self, session: Session, envelope: Envelope) -> Capture:
        capture = Capture(self.registry, envelope.stamp)
        session.info["capture"] = capture
        return capture

    def _play(self, session: Session, envelope: Envelope, command: Command, reads: set[UUID], adopting: bool) -> Work:
        trusted = adopting or not self.station.hub or envelope.terminal_id == self.station.id
        actor = self._someone(session, envelope, envelope.actor_id, trusted)
        cosigner = self._someone(session, envelope, envelope.cosigner_id, trusted) if envelope.cosigner_id else None
        work = Work(session, self.registry, envelope, actor, Mode.REPLAY, command, cosigner)
        work.reads = reads
        work.only_here = self.station.hub
        if not any(one.can(command.grant(self.registry)) for one in (actor, cosigner) if one is not None):
            work.check(no_longer(actor, command.grant(self.registry)))
        self.registry.handlers[type(command)](command, work)
        self.foresight.learn(session, envelope, work)
        return work

    def _someone(self, session: Session, envelope: Envelope, ident: UUID, trusted: bool) -> Actor:
        """Whoever acted, with the grants they have here now. The hub does not believe a terminal that says it is the program,
        and nobody acts for an organisation that is not theirs."""
        if ident == SYSTEM and trusted:
            return system(envelope.org_id)
        known: dict[UUID, Actor | None] = session.info.get(ACTORS, {})  # many commands in one go ask once for each
        if ident not in known:
            known[ident] = self.registry.actors(session, [ident]).get(ident)
        found = known[ident]
        return found if found is not None and found.org_id == envelope.org_id else Actor(ident, envelope.org_id)

    def opened(self, envelope: Envelope) -> Command:
        """The command in an envelope, brought up to this version; Refused when it comes from a newer program."""
        kind = self.registry.command(envelope.command)
        if envelope.version > kind.version:
            raise Refused(too_new(envelope))
        body, version = envelope.body, envelope.version
        while version < kind.version:
            body = self.registry.upcasters[envelope.command, version](body)
            version += 1
        return decode(kind, body)

    def _tried(self, envelope: Envelope) -> dict[str, Any]:
        """The fields of a command, without what is secret; none where nobody can say which those are."""
        try:
            return brief(self.opened(envelope).told(self.registry))
        except (Refused, KeyError):
            return {}

    def _question(self, session: Session, envelope: Envelope, problems: list[Problem]) -> None:
        for count, problem in enumerate(problems):
            row = discrepancy(envelope, problem, card_of(self.registry.cards, problem, whole=True))
            row.id = new_slot(envelope, problem, count)
            row.org_id, row.made_at, row.made_by = envelope.org_id, envelope.occurred_at, envelope.actor_id
            if session.get(Discrepancy, row.id) is None:  # the hub's word may have come first
                session.add(row)
        session.flush()

    def tell(self, notice: Notice) -> None:
        self.notices.tell(notice)

    def moved_to(self, station: Station) -> None:
        """The terminal got its site, or its hub, another identity, or its former ones' commands: it goes on behind the last
        number there is. On the writer's thread."""
        with Session(self.engine) as session:
            self._number, self._chain = outbox.last_of(session, station.id)
        self.station = station

    def now(self) -> datetime:
        return self.clock.now()


def _take_off(session: Session) -> None:
    """Undoes what was done to rows in memory only; Stumbled where something of it was written already."""
    if session.info.get(WROTE):
        raise Stumbled
    for row in list(session.new):
        session.expunge(row)
    for row in list(session.dirty):
        session.expire(row)


def new_slot(envelope: Envelope, problem: Problem, count: int) -> UUID:
    """The id of the discrepancy that stands for a whole command that could not be applied."""
    return derived_id(envelope.id, "discrepancy", f"whole:{problem.code}:{count}")
