"""What a transaction of many commands writes behind them: it is in the tables at the end, and before anybody reads them there."""

from __future__ import annotations

from functools import lru_cache
from typing import Any, Protocol

from sqlalchemy import Table
from sqlalchemy.orm import Session
from sqlalchemy.sql import visitors

_BEHIND = "behind"


class Behind(Protocol):
    """Something that holds back what belongs into these tables."""

    tables: frozenset[str]

    @property
    def holds(self) -> bool:
        """Whether there is anything."""
        ...

    def write(self) -> None:
        """Puts there what it has held back so far."""
        ...


def held_back(session: Session, *those: Behind) -> None:
    """From here on these hold back what they have to write in this session."""
    session.info[_BEHIND] = those


def catch_up(session: Session, statement: Any) -> None:
    """Before a question is asked: whoever holds back something that belongs into its tables writes it."""
    those: tuple[Behind, ...] = session.info.get(_BEHIND, ())
    holding = [one for one in those if one.holds]
    if holding:
        asked = _tables(statement)
        for one in holding:
            if not one.tables.isdisjoint(asked):
                one.write()


@lru_cache(maxsize=1024)
def _tables(statement: Any) -> frozenset[str]:
    """The tables that a statement reads, in whichever part of it."""
    return frozenset(one.name for one in visitors.iterate(statement) if isinstance(one, Table))
