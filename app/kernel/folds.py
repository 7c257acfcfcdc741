"""The balances that a transaction of many commands works on: looked up ahead, moved in memory, written once."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING, Any

from sqlalchemy import event
from sqlalchemy.orm import Session, SessionTransaction

from app.kernel.many import upsert_many

if TYPE_CHECKING:
    from app.kernel.projections import Projection, State

_FOLDS = "folds"
Key = tuple[Any, ...]


class Folds:
    """The states of balances by projection and key; None where there is none."""

    def __init__(self, session: Session, projections: Iterable[Projection]) -> None:
        self._session = session
        self.tables = frozenset(one.table.name for one in projections)
        self.begin_anew()

    def begin_anew(self) -> None:
        """Knows nothing any more: what was done to balances has been taken back."""
        self._known: dict[str, dict[Key, State | None]] = {name: {} for name in self.tables}
        self._moved: dict[Projection, dict[Key, State]] = {}
        self.asked: list[tuple[Projection, Key]] = []  # what was wanted that had not been looked up

    def ahead(self, projection: Projection, keys: Iterable[Key]) -> None:
        """Looks balances up together that will be wanted."""
        known = self._known[projection.table.name]
        wanted = {key for key in keys if key not in known}
        found = projection.states(self._session, wanted) if wanted else {}
        for key in wanted:
            known[key] = found.get(key)

    def state(self, projection: Projection, key: Key) -> State | None:
        known = self._known[projection.table.name]
        if key not in known:
            self.asked.append((projection, key))
            known[key] = projection.read(self._session, key)
        return known[key]

    def move(self, projection: Projection, key: Key, state: State) -> None:
        self._known[projection.table.name][key] = state
        self._moved.setdefault(projection, {})[key] = state

    def forget(self, projection: Projection) -> None:
        """Writes what was moved, and knows nothing of this projection any more: somebody else is about to write it."""
        self.write()
        self._known[projection.table.name] = {}

    @property
    def holds(self) -> bool:
        return bool(self._moved)

    def write(self) -> None:
        """Writes the balances that were moved."""
        for projection, states in self._moved.items():
            rows = [{**state, **dict(zip(projection.key, key, strict=True))} for key, state in sorted(states.items())]
            upsert_many(self._session, projection.table, rows, projection.key)
        self._moved = {}


def folds_of(session: Session) -> Folds | None:
    """The balances that this session holds in memory; None where it writes each at once."""
    return session.info.get(_FOLDS)


def hold_folds(session: Session, folds: Folds) -> None:
    """From here on this session works on balances in memory."""
    session.info[_FOLDS] = folds


@event.listens_for(Session, "after_soft_rollback")
def _taken_back(session: Session, _before: SessionTransaction) -> None:
    folds = folds_of(session)
    if folds is not None:
        folds.begin_anew()
