"""Work: one command, one transaction. All that a handler may do goes through it, so that a replay yields the same rows."""

from __future__ import annotations

import enum
from collections import Counter
from collections.abc import Callable, Sequence
from datetime import date, datetime
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import locks
from app.kernel.access import Actor, out_of_scope
from app.kernel.capture import Capture, Change, hold_fit
from app.kernel.cards import NOTED, Card, card_of, returned, topic_of
from app.kernel.commands import Authority, Command, Envelope
from app.kernel.entity import Entity, Scope, fields_of
from app.kernel.events import Event
from app.kernel.ids import derived_id
from app.kernel.many import insert_columns
from app.kernel.problems import Problem, Refused
from app.kernel.records import ChangeRow, Discrepancy, EnvelopeRow
from app.kernel.registry import Registry
from app.kernel.rows import columns_of, table_of
from app.kernel.settings import read_setting
from app.kernel.unique import clashes
from app.kernel.words import _
from app.kernel.written import texts

E = TypeVar("E", bound=Entity)


class Mode(enum.Enum):
    """FIRST is the run that a person waits for; REPLAY is every other one, at the hub or after a pull."""

    FIRST = "first"
    REPLAY = "replay"


class Work:
    """What a handler works with: its rows, its rules, its clock and its numbers, all fixed by the envelope."""

    def __init__(
        self,
        session: Session,
        registry: Registry,
        envelope: Envelope,
        actor: Actor,
        mode: Mode,
        command: Command,
        cosigner: Actor | None = None,
    ) -> None:
        self.session = session
        self.registry = registry
        self.envelope = envelope
        self.actor = actor
        self.cosigner = cosigner
        self.mode = mode
        self.command = command
        self.findings: list[Problem] = []
        self.reads: set[UUID] = set()
        self.sought: dict[UUID, type[Entity]] = {}
        self.only_here = False  # at the hub: nothing that this command makes can have come by another way
        self.afterwards: list[Callable[[], None]] = []
        self.own: set[UUID] = set()  # rows that are the actor's own, wherever their grants hold
        self._reviewed: Counter[str] = Counter()
        self._doubted: set[UUID] = set()

    @property
    def now(self) -> datetime:
        """The moment the person acted, in UTC; never this machine's clock."""
        return self.envelope.occurred_at

    @property
    def today(self) -> date:
        """The business date at the site."""
        return self.envelope.business_date

    @property
    def is_fact(self) -> bool:
        return self.envelope.authority is Authority.FACT

    @property
    def questions_only(self) -> bool:
        """Whether findings are noted for review instead of stopping the command: a fact that is replayed."""
        return self.is_fact and self.mode is Mode.REPLAY

    def get(self, entity: type[E], ident: UUID, *, even_retired: bool = False) -> E:
        """The row, if it is there, in the actor's organisation and in use; otherwise Refused.

        Who takes something that was retired may say why, where the command asks for a reason. `even_retired` is for what
        must go through all the same: putting back, counting and clearing out.
        """
        row = self.find(entity, ident)
        if row is None:
            raise Refused(
                Problem(
                    "row.missing",
                    _("This {kind} is not known here."),
                    values={"kind": entity.__about__.label},
                    hint=_("Scan it again, or wait until the hub has been reached."),
                )
            )
        if row.org_id != self.envelope.org_id:
            raise Refused(out_of_scope())
        if row.retired and not even_retired and ident not in self._doubted:
            self._doubted.add(ident)
            self.check(out_of_use(row))
        return row

    def find(self, entity: type[E], ident: UUID) -> E | None:
        self.reads.add(ident)
        self.sought[ident] = entity
        return self.session.get(entity, ident)

    def hold(self, *idents: UUID | None) -> None:
        """Before something is judged that the command does not name itself: at the hub nobody else changes it meanwhile."""
        wanted = {ident for ident in idents if ident is not None}
        if locks.hold_ids(self.session, wanted):
            for row in self.session.identity_map.values():
                if getattr(row, "id", None) in wanted and not self.session.is_modified(row):
                    self.session.expire(row)

    def new_id(self, entity: type[Entity], slot: str = "") -> UUID:
        """The id that this command gives to the row it makes at a natural slot."""
        return derived_id(self.envelope.id, entity.__tablename__, slot)

    def add(self, row: E, slot: str = "") -> E:
        """Keeps a new row. A replay that finds it already there (the hub's word came first) leaves that one alone."""
        own = row.id is None
        if own:
            row.id = self.new_id(type(row), slot)
        if row.org_id is None:
            row.org_id = self.envelope.org_id
        row.made_at, row.made_by = self.now, self.envelope.actor_id
        there = self.session.get(type(row), row.id) if self.mode is Mode.REPLAY and not (own and self.only_here) else None
        if there is not None:
            return there
        self.session.add(row)
        return row

    def add_many(self, rows: Sequence[E]) -> None:
        """Keeps many new rows of one entity, whose ids and owners are set, with few looks at what is there already. They are
        written at once, and no row of the session."""
        there = self._there(rows) if self.mode is Mode.REPLAY and not self.only_here else set()
        fresh = [row for row in rows if row.id not in there]
        if fresh:
            self._keep(fresh)

    def _keep(self, rows: Sequence[E]) -> None:
        capture: Capture = self.session.info["capture"]
        entity, made = type(rows[0]), {"made_at": self.now, "made_by": self.envelope.actor_id, "stamp": capture.stamp}
        for row in rows:
            held = vars(row)  # no session knows these rows, so that nobody watches them
            held.update(made, retired=bool(held.get("retired")))
            hold_fit(row)
        columns = columns_of(entity, rows)
        insert_columns(self.session, table_of(entity), columns)
        capture.fresh_many(rows, texts(entity, columns))

    def _there(self, rows: Sequence[E]) -> set[UUID]:
        found: set[UUID] = set()
        for start in range(0, len(rows), 500):
            column = type(rows[0]).id
            found.update(self.session.scalars(select(column).where(column.in_([row.id for row in rows[start : start + 500]]))))
        return found

    def check(self, *problems: Problem | None) -> bool:
        """Holds rules against the command. True when nothing is wrong.

        A blocking problem refuses it; one that asks is refused until its field is filled in. Where the command is a fact
        that is replayed, nothing is refused: the finding goes to review, and False comes back.
        """
        found = [problem for problem in problems if problem is not None]
        if not found:
            return True
        if not self.questions_only and any(self._stops(problem) for problem in found):
            raise Refused(*found)
        for problem in found:
            self._note(problem)
        return False

    def _stops(self, problem: Problem) -> bool:
        return problem.blocks or bool(problem.asks and not getattr(self.command, problem.asks, None))

    def _note(self, problem: Problem) -> None:
        """A finding on something that happened anyway becomes a discrepancy for someone to settle."""
        self.findings.append(problem)
        if self.is_fact and (problem.review or self._stops(problem)):
            self.review(problem)

    def review(self, problem: Problem) -> None:
        """Puts a finding before someone who settles it."""
        slot = f"{problem.code}:{problem.field}"
        self._reviewed[slot] += 1
        card = card_of(self.registry.cards, problem)
        self.add(discrepancy(self.envelope, problem, card), f"{slot}:{self._reviewed[slot]}")

    def overtaken(self, row: Entity) -> bool:
        """Whether a row was changed by others after the person acted, and their act only comes in now. What came in late before
        it has given the row an earlier stamp: then the trail tells."""
        if self.mode is not Mode.REPLAY:
            return False
        capture: Capture = self.session.info["capture"]
        change = capture.changes.get((row.__tablename__, row.id))
        stamp = (change.before or {}).get("stamp", row.stamp) if change is not None else row.stamp
        return stamp > self.envelope.stamp or self._changed_since(row)

    def _changed_since(self, row: Entity) -> bool:
        later = select(ChangeRow.id).join(EnvelopeRow, EnvelopeRow.id == ChangeRow.envelope_id)
        wanted = later.where(ChangeRow.row_id == row.id, EnvelopeRow.stamp > self.envelope.stamp)
        return self.session.scalar(wanted.limit(1)) is not None

    @property
    def questioned(self) -> bool:
        """Whether something was put before someone."""
        return bool(self._reviewed)

    def may(self, grant: str, place: UUID | None = None) -> bool:
        """Whether the person, or the colleague who signs it off, holds a further grant there; decided once, on the first run."""
        somebody = [one for one in (self.actor, self.cosigner) if one is not None]
        name = f"may:{grant}" + (f"@{place.hex}" if place else "")
        return bool(self.draw(name, lambda: any(one.can(grant, place) for one in somebody)))

    def draw(self, name: str, fresh: Callable[[], Any]) -> Any:
        """A value that may differ elsewhere (a number, a price, a setting): drawn once, then read from the envelope."""
        if name not in self.envelope.drawn:
            self.envelope.drawn[name] = fresh()
        return self.envelope.drawn[name]

    def setting(self, key: str, *places: UUID) -> Any:
        """A setting as it stood when the person acted, for the first of some places that has its own."""
        where = "@".join((f"setting:{key}", *(place.hex for place in places)))
        return self.draw(where, lambda: read_setting(self.session, self.registry, self.envelope.org_id, key, *places))

    def finish(self) -> None:
        """After the handler: writes what it did, and holds it against the places where the person may do such things, and
        against what must be unique."""
        self.session.flush()
        capture: Capture = self.session.info["capture"]
        if not self.check(self._beyond_places(), *clashes(self.session, capture.changes.values())):
            self.session.flush()

    def _beyond_places(self) -> Problem | None:
        capture: Capture = self.session.info["capture"]
        return self.beyond(*capture.changes.values())

    def beyond(self, *changes: Change) -> Problem | None:
        """What is written must lie where the grant is held, by the person or by the colleague who signs it off."""
        wanted = self.command.grant(self.registry)
        held = [one.places(wanted) for one in (self.actor, self.cosigner) if one is not None and one.can(wanted)]
        if not held or None in held:
            return None
        allowed = frozenset[UUID]().union(*(places for places in held if places is not None))
        return None if all(self._lies_in(change, allowed) for change in changes) else out_of_scope()

    def _lies_in(self, change: Change, allowed: frozenset[UUID]) -> bool:
        """Whether a row lies in these places, or hangs on one that does. What is everybody's takes a grant that holds everywhere,
        but for what is declared to be written anywhere."""
        places = change.places() or self._hangs_in(change.row)
        if change.row.id in self.own:
            return True
        return places <= allowed if places else type(change.row) in self.registry.anywhere

    def _hangs_in(self, row: Entity) -> set[UUID]:
        """The places of a row that has none of its own: the one it is set for, or those of the rows it points to."""
        place: UUID | None = getattr(row, "place_id", None)
        found = set() if place is None else {place}
        for field in fields_of(type(row)).values():
            target = self.registry.entities.get(field.target)
            ident = getattr(row, field.name)
            if ident is not None and target is not None and target.__about__.scope is not Scope.ORGANISATION:
                other = self.session.get(target, ident)
                found |= Change(other, None).places() if other is not None else {ident}
        return found

    def emit(self, event: Event) -> None:
        """Tells the other capabilities; their reactions run now, inside this transaction."""
        for reaction in self.registry.reactions.get(type(event), ()):
            reaction(event, self)

    def after(self, effect: Callable[[], None]) -> None:
        """Something for the first run only, after the commit (a print job's start): never a business effect."""
        if self.mode is Mode.FIRST:
            self.afterwards.append(effect)


def out_of_use(row: Entity) -> Problem:
    return Problem(
        "row.retired",
        _("{row} has been taken out of use."),
        blocks=False,
        asks="reason",
        hint=_("Choose another, or say why it is this one."),
        values={"row": row.title},
    )


def discrepancy(envelope: Envelope, problem: Problem, card: Card = NOTED) -> Discrepancy:
    """The row that asks somebody to look at what `envelope` did."""
    contest = problem.contest
    other = contest.theirs.get("by") if contest else None
    return Discrepancy(
        envelope_id=envelope.id,
        command=envelope.command,
        code=problem.code,
        message=problem.message,
        hint=problem.hint,
        detail={name: str(value) for name, value in problem.values.items()},
        state="open",
        kind=card.kind,
        decides=card.decides,
        topic=topic_of(envelope, problem),
        entity=contest.entity if contest else "",
        row_id=contest.row_id if contest else None,
        field=contest.field if contest else "",
        mine=dict(contest.mine) if contest else None,
        theirs=dict(contest.theirs) if contest else None,
        base=contest.base if contest else None,
        against=UUID(other) if other else None,
        site_id=envelope.site_id,
    )


def give_back(session: Session, envelope: Envelope, problem: Problem, tried: dict[str, Any]) -> None:
    """What the hub turned down comes back to its author, as a card that keeps what was tried."""
    ident = derived_id(envelope.id, Discrepancy.__tablename__, "returned")
    if session.get(Discrepancy, ident) is None:
        row = returned(discrepancy(envelope, problem), envelope, tried)
        row.id, row.org_id, row.made_at, row.made_by = ident, envelope.org_id, envelope.occurred_at, envelope.actor_id
        session.add(row)
        session.flush()
