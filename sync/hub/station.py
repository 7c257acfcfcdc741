"""Which station a process of the hub is: each has a chain of envelopes of its own, and takes it up again after a restart."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from itertools import count
from uuid import UUID

from sqlalchemy import Connection, Engine, text
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.dispatch import Station
from app.kernel.ids import new_id

_CLASS = 0x0F177E  # of the server's locks that stand for our stations
_TAKE, _GIVE = text("SELECT pg_try_advisory_lock(:kind, :place)"), text("SELECT pg_advisory_unlock(:kind, :place)")


@contextmanager
def claimed(engine: Engine, zone: str = "UTC") -> Iterator[Station]:
    """The first station that no other process has, for as long as this one lives: the server takes it back with our line.

    Its id is kept in the database, so that a process that is started again lengthens the same chain.
    """
    with engine.connect().execution_options(isolation_level="AUTOCOMMIT") as line:
        place = next(place for place in count() if _is_free(line, place))
        try:
            yield Station(_ident(engine, place), zone, hub=True)
        finally:
            _let_go(line, place)


def _let_go(line: Connection, place: int) -> None:
    """A pooled line would keep the lock; and whoever comes next must not find it still held by one that is being cut."""
    try:
        line.scalar(_GIVE, {"kind": _CLASS, "place": place})
    except DBAPIError:
        line.invalidate()


def _is_free(line: Connection, place: int) -> bool:
    return bool(line.scalar(_TAKE, {"kind": _CLASS, "place": place}))


def _ident(engine: Engine, place: int) -> UUID:
    key = f"{meta.STATION}.{place}"
    with Session(engine) as session:
        known = meta.read(session, key)
        if known is None:
            known = new_id().hex
            meta.keep(session, key, known)
            session.commit()
        return UUID(known)
