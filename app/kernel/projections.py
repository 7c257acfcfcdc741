"""Folds of a ledger into balances: one `step` for each, used live, after a pull and for a rebuild. Local to each database."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from functools import cached_property
from typing import Any, cast

from sqlalchemy import Table, bindparam, delete, select, tuple_
from sqlalchemy.orm import Session

from app.kernel import locks
from app.kernel.entity import Entity, LocalRow
from app.kernel.folds import folds_of
from app.kernel.many import upsert_many
from app.kernel.upsert import upsert

State = dict[str, Any]
_KEPT = 500  # balances written at once


@dataclass(frozen=True)
class Projection:
    """A balance table that is the fold of a ledger; each balance is of the organisation that its lines are of.

    `key` names the columns that ledger and balance share; `step` takes a state and a line to the next state; `start` is
    the state before any line; `in_any_order` tells whether a late line gives the same as an early one in this state.
    """

    source: type[Entity]
    target: type[LocalRow]
    key: tuple[str, ...]
    start: Callable[[], State]
    step: Callable[[State, Any], State]
    in_any_order: Callable[[State, Any], bool] = lambda _state, _line: True

    @property
    def table(self) -> Table:
        return cast(Table, self.target.__table__)

    def key_of(self, line: Any) -> tuple[Any, ...]:
        return tuple(getattr(line, name) for name in self.key)

    def add(self, session: Session, line: Any) -> None:
        """Folds one new line in; a late one that matters folds its whole key anew."""
        key = self.key_of(line)
        if None in key:
            return
        self._hold(session, [key])
        state = self.state(session, key) or self.start()
        if self.in_any_order(state, line):
            self._keep(session, key, self._after(state, line))
        else:
            self.refold(session, [key])

    def add_many(self, session: Session, lines: Iterable[Any]) -> None:
        """Folds new lines in, set-wise, in business time; keys for which their order matters are folded anew.

        A key without a balance has no lines but these, so that they need only be in order among themselves.
        """
        ordered = sorted((line for line in lines if None not in self.key_of(line)), key=lambda line: (line.stamp, line.id))
        wanted = {self.key_of(line) for line in ordered}
        self._hold(session, wanted)
        folds = folds_of(session)
        if folds is not None:
            folds.forget(self)
        states = self.states(session, wanted)
        known = frozenset(states)
        late: dict[tuple[Any, ...], None] = {}
        for line in ordered:
            key = self.key_of(line)
            state = states.get(key) or self.start()
            if key not in known or self.in_any_order(state, line):
                states[key] = self._after(state, line)
            else:
                late[key] = None
        kept = [{**state, **dict(zip(self.key, key, strict=True))} for key, state in states.items() if key not in late]
        upsert_many(session, self.table, kept, self.key)
        self.refold(session, late)

    def states(self, session: Session, keys: Collection[tuple[Any, ...]]) -> dict[tuple[Any, ...], State]:
        """The balances at these keys, where there are any."""
        found: dict[tuple[Any, ...], State] = {}
        wanted = sorted(keys)
        for start in range(0, len(wanted), 200):
            for row in session.execute(self._seek_many, {"keys": wanted[start : start + 200]}).mappings():
                found[tuple(row[name] for name in self.key)] = dict(row)
        return found

    def refold(self, session: Session, keys: Iterable[tuple[Any, ...]]) -> None:
        """Folds these keys from their lines, in business time."""
        wanted = [key for key in dict.fromkeys(keys) if None not in key]
        self._hold(session, wanted)
        folds = folds_of(session)
        for key in wanted:
            state = self.start()
            lines = session.execute(self._lines(key)).all()
            for line in lines:
                state = self._after(state, line)
            if lines:
                self._keep(session, key, state)
            else:
                if folds is not None:
                    folds.forget(self)
                session.execute(delete(self.table).where(*self._at(self.table, key)))

    def rebuild(self, session: Session) -> int:
        """Throws the balances away and folds the whole ledger; returns how many balances there are."""
        session.execute(delete(self.table))
        columns = self.source.__table__.columns
        order = [columns[name] for name in self.key] + [columns["stamp"], columns["id"]]
        count, current, state = 0, None, self.start()
        kept: list[State] = []
        for line in session.execute(select(*columns).order_by(*order)).yield_per(2000):
            key = self.key_of(line)
            if any(part is None for part in key):
                continue
            if key != current:
                current, state = key, self.start()
                kept.append(state)
                count += 1
            state |= self._after(state, line) | dict(zip(self.key, key, strict=True))
            if len(kept) > _KEPT:
                upsert(session, self.table, kept[:-1], self.key)
                del kept[:-1]
        upsert(session, self.table, kept, self.key)
        return count

    def _lines(self, key: tuple[Any, ...]) -> Any:
        columns = self.source.__table__.columns
        return select(*columns).where(*self._at(self.source.__table__, key)).order_by(columns["stamp"], columns["id"])

    @cached_property
    def _seek(self) -> Any:
        """The balance at a key; built once, since every scan asks it."""
        return select(self.table).where(*(self.table.c[name] == bindparam(name) for name in self.key))

    @cached_property
    def _seek_many(self) -> Any:
        named = tuple_(*(self.table.c[name] for name in self.key)).in_(bindparam("keys", expanding=True))
        return select(self.table).where(named)

    def _at(self, table: Any, key: tuple[Any, ...]) -> list[Any]:
        return [table.c[name] == value for name, value in zip(self.key, key, strict=True)]

    def _after(self, state: State, line: Any) -> State:
        return {**self.step(state, line), "org_id": line.org_id}

    def current(self, session: Session, key: tuple[Any, ...]) -> State | None:
        """The balance at a key with all that was posted so far, also what is still to be flushed."""
        if session.new and session.autoflush:
            session.flush()
        return self.state(session, key)

    def state(self, session: Session, key: tuple[Any, ...]) -> State | None:
        """The balance at a key; None where there is none yet."""
        folds = folds_of(session)
        return self.read(session, key) if folds is None else folds.state(self, key)

    def read(self, session: Session, key: tuple[Any, ...]) -> State | None:
        """The balance at a key as it is in the table."""
        found = session.connection().execute(self._seek, dict(zip(self.key, key, strict=True))).mappings().first()
        return dict(found) if found else None

    def _hold(self, session: Session, keys: Iterable[tuple[Any, ...]]) -> None:
        """Nobody else folds lines of these keys now: two who did would each miss the other's."""
        folds = folds_of(session)
        if locks.hold_ids(session, {key[0] for key in keys}) and folds is not None:
            folds.forget(self)

    def _keep(self, session: Session, key: tuple[Any, ...], state: State) -> None:
        folds = folds_of(session)
        if folds is None:
            upsert(session, self.table, [{**state, **dict(zip(self.key, key, strict=True))}], self.key)
        else:
            folds.move(self, key, state)
