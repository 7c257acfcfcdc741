"""What commands will want, learned from those before them: a field that named a part will name a part again.

It is only ever looked up ahead. What was not foreseen is looked up when it is wanted, so a wrong guess costs time alone.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from itertools import chain
from typing import TYPE_CHECKING, Any
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.commands import Envelope
from app.kernel.entity import Entity
from app.kernel.folds import folds_of
from app.kernel.locks import named_in
from app.kernel.many import with_ids

if TYPE_CHECKING:
    from app.kernel.folds import Key
    from app.kernel.projections import Projection
    from app.kernel.work import Work


class Foresight:
    """Remembers which rows and balances the fields of a command led to."""

    def __init__(self) -> None:
        self._rows: dict[tuple[str, str], type[Entity]] = {}  # by command and field
        self._balances: dict[str, dict[tuple[Projection, tuple[str, ...]], None]] = {}  # by command: the fields of a key

    def learn(self, session: Session, envelope: Envelope, work: Work) -> None:
        """Takes note of what a command has just led to."""
        fields = {ident: name for name, ident in _ids(envelope)}
        for ident, name in fields.items():
            entity = work.sought.get(ident)
            if entity is not None:
                self._rows[envelope.command, name] = entity
        folds = folds_of(session)
        for projection, key in folds.asked if folds is not None else ():
            if all(part in fields for part in key):
                balances = self._balances.setdefault(envelope.command, {})
                balances[projection, tuple(fields[part] for part in key)] = None
        if folds is not None:
            folds.asked.clear()

    def look(self, session: Session, envelopes: Collection[Envelope]) -> list[Any]:
        """Looks up together what these commands will want. The rows stay in the session while the list is held."""
        rows: dict[type[Entity], set[UUID]] = {}
        keys: dict[Projection, set[Key]] = {}
        for envelope in envelopes:
            named = dict(_ids(envelope))
            for name, ident in named.items():
                entity = self._rows.get((envelope.command, name))
                if entity is not None:
                    rows.setdefault(entity, set()).add(ident)
            for projection, names in self._balances.get(envelope.command, ()):
                if all(name in named for name in names):
                    keys.setdefault(projection, set()).add(tuple(named[name] for name in names))
        folds = folds_of(session)
        if folds is not None:
            for projection, wanted in keys.items():
                folds.ahead(projection, wanted)
        return list(chain.from_iterable(_found(session, entity, sorted(idents)) for entity, idents in rows.items()))


def _found(session: Session, entity: type[Entity], idents: Sequence[UUID]) -> list[Entity]:
    return list(with_ids(session, entity, idents))


def _ids(envelope: Envelope) -> list[tuple[str, UUID]]:
    """The fields of a command that are an id, with it."""
    return [(name, ident) for name, value in envelope.body.items() if isinstance(value, str) for ident in named_in(value)]
