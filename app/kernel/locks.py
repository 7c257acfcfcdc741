"""Keyed locks at the hub: whoever reads and then writes the same things, in whichever process, does so one after the other.

They are PostgreSQL's advisory locks and end with the transaction, or with the savepoint in which they were taken. On a
terminal, whose store has one writer, there is nothing to hold.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from hashlib import blake2b
from typing import Any
from uuid import UUID

from sqlalchemy import event, text
from sqlalchemy.exc import DBAPIError, InterfaceError, OperationalError
from sqlalchemy.orm import Session, SessionTransaction

from app.kernel.ids import unshort
from app.kernel.problems import Trouble

MANY = 400  # keys of one kind: beyond it their whole kind is held, so that the server's table of locks never fills
IDS = "ids"
_HOLD = text(
    "SELECT pg_advisory_xact_lock_shared(:kind), count(pg_advisory_xact_lock(one)) FROM unnest(CAST(:keys AS bigint[])) one"
)
_HOLD_ALL = text("SELECT pg_advisory_xact_lock(:kind)")
_HELD = "held"
_LENGTHS = (26, 32, 36)  # of an id in letters
_SELF_HEALING = ("40001", "40P01", "55P03")  # serialization failure, deadlock, a lock that was not to be had in time
_TOO_LARGE = "54"  # class of errors: what is asked for is beyond a limit of the server, today and tomorrow


def hold(session: Session, keys: Collection[str], kind: str = IDS) -> bool:
    """Waits until nobody else holds any of these keys of a kind, and holds them until the transaction ends. Whether any of
    them was not held before: what was read of it until now may be old.

    All of one call are taken in one order, so that two who want the same never wait for each other. Where later calls want
    more and that does happen, the server ends one of the two: `passing` tells so, and it is tried again.
    """
    if session.get_bind().dialect.name != "postgresql":
        return False
    held: set[int] = session.info.setdefault(_HELD, set())
    whole = _number(kind, "")
    if -whole in held:
        return False
    if len(set(keys)) - len(held) > MANY:
        return _hold_all(session, whole, held)
    wanted = sorted({_number(kind, key) for key in keys} - held)
    if len(wanted) > MANY:
        return _hold_all(session, whole, held)
    if wanted:
        session.connection().execute(_HOLD, {"kind": whole, "keys": wanted})
    held.update(wanted)
    return bool(wanted)


def _hold_all(session: Session, whole: int, held: set[int]) -> bool:
    session.connection().execute(_HOLD_ALL, {"kind": whole})
    held.add(-whole)
    return True


def hold_ids(session: Session, idents: Collection[UUID]) -> bool:
    """Holds what these ids name."""
    return hold(session, [ident.hex for ident in idents])


def named_in(plain: Any) -> Iterator[UUID]:
    """Every id in plain data, however it is written there; a text that only looks like one does no harm."""
    ahead = [plain]
    while ahead:
        one = ahead.pop()
        if isinstance(one, str):
            found = _read(one) if len(one) in _LENGTHS else None
            if found is not None:
                yield found
        elif isinstance(one, dict):
            ahead += one.values()
        elif isinstance(one, list | tuple):
            ahead += one


def _read(text: str) -> UUID | None:
    try:
        return unshort(text) if len(text) == 26 else UUID(text)
    except ValueError:
        return None


def passing(error: BaseException) -> bool:
    """Whether an error is nobody's fault and may be gone the next time: the database is busy, away, or had to end a deadlock."""
    if isinstance(error, Trouble):
        return True
    if not isinstance(error, DBAPIError):
        return False
    state = str(getattr(error.orig, "sqlstate", None) or "")
    if state in _SELF_HEALING or error.connection_invalidated:
        return True
    return isinstance(error, OperationalError | InterfaceError) and not state.startswith(_TOO_LARGE)


def _number(kind: str, key: str) -> int:
    """The number by which the server knows a key: 63 bits of a digest, never 0."""
    return int.from_bytes(blake2b(f"{kind}\0{key}".encode(), digest_size=8).digest(), "big") >> 1 | 1


@event.listens_for(Session, "after_soft_rollback")
def _let_go(session: Session, _before: SessionTransaction) -> None:
    """What was taken since a savepoint is free again with it; to take a lock twice costs little, to miss one much."""
    session.info.pop(_HELD, None)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_HELD, None)
