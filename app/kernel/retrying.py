"""Retrying: whether a command that came to nothing may go well at once, because nobody was at fault, or because room was made."""

from __future__ import annotations

from collections.abc import Callable

from sqlalchemy.exc import DBAPIError, IntegrityError

from app.kernel import locks, rls
from app.kernel.problems import Trouble

TRIES = 5  # times that a command is run before its trouble is told
FULL_DISK = "store.full"
Relief = Callable[[], bool]


def nothing_to_give() -> bool:
    """What makes room on a full disk, where there is nothing to give up."""
    return False


def may_go_well(error: DBAPIError | Trouble, relief: Relief, *, shared: bool) -> bool:
    """Whether another try may go well. In a database that is shared, somebody else may have taken an id or a number meanwhile;
    on a full disk `relief` gives something up, and says whether it did."""
    if isinstance(error, Trouble):
        return error.problem.code == FULL_DISK and relief()
    return shared and (locks.passing(error) or (isinstance(error, IntegrityError) and rls.met_unseen(error)))
