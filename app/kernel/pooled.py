"""Pooled connections: one that has rested is asked whether it still stands before it is used, one that was used just now is not.

So a server that was restarted costs a question and not a failed command, and a busy hub does not ask twice for everything.
"""

from __future__ import annotations

import time
from functools import partial
from typing import Any

from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import DisconnectionError

RESTED = 1.0  # seconds without use
_SINCE = "since"


def ask_rested(engine: Engine) -> None:
    """Has the connections of an engine's pool asked."""
    event.listen(engine, "checkin", _rests)
    event.listen(engine, "checkout", partial(_asked, engine.dialect))


def _rests(_connection: Any, record: Any) -> None:
    record.info[_SINCE] = time.monotonic()


def _asked(dialect: Dialect, connection: Any, record: Any, _fairy: Any) -> None:
    now = time.monotonic()
    if now - record.info.get(_SINCE, now) < RESTED:
        return
    try:
        dialect.do_ping(connection)
    except dialect.loaded_dbapi.Error as error:
        raise DisconnectionError from error  # the pool then takes a new one
