"""What commands leave behind at the hub, written together: envelopes in their chain, what each changed, the feed and search."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, text
from sqlalchemy.orm import Session

from app.kernel import feed, outbox, search
from app.kernel.capture import Capture
from app.kernel.commands import Envelope
from app.kernel.entity import Entity
from app.kernel.many import insert_many
from app.kernel.outbox import CHANGES, ENVELOPES
from app.kernel.problems import Problem

_NEXT = text("SELECT nextval('envelope_seq_seq') FROM generate_series(1, :count)")
MANY = 500  # changes that are worth a statement of their own
MANY_NEW = 20  # rows from which on it pays to number them at once


class Books:
    """The open books of one transaction at the hub. Nothing is in the tables before `write`."""

    tables = frozenset({"envelope", "change", "search"})  # what handlers may ask for

    def __init__(self, session: Session) -> None:
        self._session = session
        self.effects: dict[UUID, str] = {}  # what each of those that ran did, as one hash
        self._makes_alone = True  # whether this transaction has done nothing but make new rows
        self._open()

    def _open(self) -> None:
        self._envelopes: list[dict[str, Any]] = []
        self._ran: list[dict[str, Any]] = []  # those of them that did something here
        self._earlier: list[int] = []  # places of envelopes that were kept long ago, and ran now
        self._changes: list[dict[str, Any]] = []
        self._changed: dict[tuple[str, UUID], Entity] = {}
        self._searched: dict[UUID, Entity] = {}

    def keep(
        self,
        envelope: Envelope,
        chain: str,
        state: str,
        problems: Iterable[Problem] = (),
        content: str | None = None,
        *,
        done: Capture | None = None,
        feed_seq: int | None = None,
    ) -> None:
        """Takes an envelope down. What it did gets the feed's next number; what did something before has its `feed_seq`."""
        row = {**outbox.envelope_row(envelope, chain, state, problems, content), "feed_seq": feed_seq, "seq": 0}
        self._envelopes.append(row)
        if done is not None:
            self._ran.append(row)
            self._did(envelope.id, done)

    def ran(self, envelope_id: UUID, seq: int, done: Capture) -> None:
        """Takes down what an envelope did that has long been kept."""
        self._makes_alone = False
        self._earlier.append(seq)
        self._did(envelope_id, done)

    def _did(self, envelope_id: UUID, done: Capture) -> None:
        """The one place where what a command changed at the hub becomes audit lines, feed pointers and words to find it by."""
        lines = outbox.change_lines(done, envelope_id)
        self.effects[envelope_id] = outbox.effect(lines)
        self._changes.extend(lines)
        for key, change in done.changes.items():
            self._changed[key] = change.row
            self._makes_alone &= change.before is None
        for row in outbox.searched(done):
            self._searched[row.id] = row
        if len(self._changes) >= MANY and not self._session.in_nested_transaction():
            self._hand_over()

    def _hand_over(self) -> None:
        """Writes what every command leaves behind by itself: while the database works on that, the next command runs."""
        insert_many(self._session, CHANGES, self._changes)
        if self._searched:
            search.put(self._session, self._searched.values())
        self._changes, self._searched = [], {}

    @property
    def holds(self) -> bool:
        """Whether anything is to be written."""
        return bool(self._envelopes or self._earlier)

    def write(self, *, last: bool = False) -> None:
        """Writes all that was taken down: one turn for all of it, so that it shares one number of the feed. The `last` time in
        a transaction that did nothing but make new rows they get it here, and else with the commit."""
        for row, seq in zip(self._envelopes, self._next(len(self._envelopes)) if self._envelopes else (), strict=True):
            row["seq"] = seq
        self._hand_over()
        insert_many(self._session, ENVELOPES, self._envelopes)
        turns = [*self._earlier, *(row["seq"] for row in self._ran)]
        rows = list(self._changed.values())
        at_once = last and self._makes_alone and len(rows) >= MANY_NEW
        if turns and not (at_once and feed.point_now(self._session, rows, turns)):
            feed.point(self._session, rows, turns[-1], turns)
        self._makes_alone &= not turns  # what comes after this would have a second number
        self._open()

    def _next(self, count: int) -> Iterable[int]:
        """The next places in this database's order of envelopes."""
        if self._session.get_bind().dialect.name == "postgresql":
            return self._session.connection().scalars(_NEXT, {"count": count}).all()
        last = self._session.connection().scalar(select(func.max(ENVELOPES.c.seq))) or 0
        return range(last + 1, last + 1 + count)
