"""Pooled connections: one that has rested is asked whether it still stands before it is used, one that was used just now is not.

So a server that was restarted costs a question and not a failed command, and a busy hub does not ask twice for everything. What
PostgreSQL has once prepared on a connection stays prepared there: to read and plan a statement anew costs more than to run it.
"""

from __future__ import annotations

import time
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Any

import sqlalchemy
from psycopg import Connection, OperationalError, errors
from psycopg.pq import ConnStatus, ExecStatus, TransactionStatus
from psycopg.pq.abc import PGresult
from sqlalchemy import Dialect, Engine, event
from sqlalchemy.exc import DBAPIError, DisconnectionError

RESTED = 1.0  # seconds without use
PREPARED = 400  # statements that a connection keeps prepared: more than the hub has
PLANNED = 3.0  # seconds that their plans are good for: one made for a few rows is slow once there are thousands
_SINCE, _PLANNED = "since", "planned"


class Prepared(Connection[Any]):
    """A connection that keeps its prepared statements when a transaction is taken back, as whoever only looked ends it.

    psycopg forgets them all then, because tables may have been made in that transaction. Who serves the hub makes none.
    """

    _ours: frozenset[str] = frozenset()  # statements that are prepared under a name of ours

    def rollback(self) -> None:
        with self.lock:
            if self.pgconn.transaction_status == TransactionStatus.INTRANS and self._taken_back():
                return
        super().rollback()

    def _taken_back(self) -> bool:
        return self.pgconn.exec_(b"ROLLBACK").status == ExecStatus.COMMAND_OK

    def told(self, prepared: Mapping[str, str], script: str) -> bytes:
        """Hands over statements that hold all their values, in one trip; returns the one value that the last of them gives.
        What they execute is prepared first, once, and by its name. No transaction may be open; they may begin one."""
        with self.lock:
            self._prepare(prepared)
            try:
                return self._value(script)
            except errors.InvalidSqlStatementName:  # the driver has forgotten all, as it does after some errors: nothing ran
                self._taken_back()
                self._ours = frozenset()
                self._prepare(prepared)
                return self._value(script)

    def _prepare(self, prepared: Mapping[str, str]) -> None:
        for name in prepared.keys() - self._ours:
            self._done(self.pgconn.prepare(name.encode(), prepared[name].encode()))
            self._ours |= {name}

    def _value(self, script: str) -> bytes:
        return self._done(self.pgconn.exec_(script.encode())).get_value(0, 0) or b""

    def _done(self, result: PGresult) -> PGresult:
        if result.status in (ExecStatus.COMMAND_OK, ExecStatus.TUPLES_OK):
            return result
        if self.pgconn.status != ConnStatus.OK:
            raise OperationalError(result.get_error_message())
        raise errors.error_from_result(result)


def told(connection: sqlalchemy.Connection, prepared: Mapping[str, str], script: str) -> bytes:
    """The same on a connection of an engine of `keep_prepared`; what comes in its way is raised as the engine would."""
    driver: Any = connection.connection.driver_connection
    dialect = connection.dialect
    base = dialect.loaded_dbapi.Error
    try:
        return bytes(driver.told(prepared, script))
    except base as error:
        if driver.closed:
            connection.invalidate()
        raise DBAPIError.instance(None, None, error, base, hide_parameters=True, dialect=dialect) from error


def keep_prepared(engine: Engine) -> None:
    """Makes an engine's connections such ones."""
    event.listen(engine, "do_connect", _connected)
    event.listen(engine, "checkout", _plans_anew)


def _connected(_dialect: Dialect, _record: Any, arguments: Sequence[Any], named: Mapping[str, Any]) -> Prepared:
    made = Prepared.connect(*arguments, **named)
    made.prepared_max = PREPARED
    return made


def _plans_anew(connection: Any, record: Any, _fairy: Any) -> None:
    now = time.monotonic()
    if now - record.info.setdefault(_PLANNED, now) >= PLANNED:
        record.info[_PLANNED] = now
        connection.pgconn.exec_(b"DISCARD PLANS")


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
