"""At the hub, writing without waiting: PostgreSQL works on what it was handed while we go on, until something is asked of it.

Whatever else goes through the connection first waits for what is under way, and hears what became of it.
"""

from __future__ import annotations

import selectors
import socket
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any

from sqlalchemy import Connection, event
from sqlalchemy.exc import DBAPIError
from sqlalchemy.orm import Session, SessionTransaction

_AHEAD = "ahead"
ROOM = 1 << 20  # bytes: what a command of 2,000 rows leaves behind


class Ahead:
    """Statements of one transaction that return no rows and are under way."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection
        self._driver: Any = connection.connection.driver_connection
        self._pipeline: AbstractContextManager[Any] | None = None
        self._sending = False
        _make_room(self._driver)
        event.listen(connection, "before_cursor_execute", self._asked)
        event.listen(connection, "commit", lambda _connection: self.settle())
        event.listen(connection, "rollback", lambda _connection: self._give_up())
        event.listen(connection, "rollback_savepoint", lambda *_which: self._give_up())

    def send(self, statement: str, given: tuple[Any, ...]) -> None:
        """Hands a statement over. What is wrong with it is told by whatever comes next."""
        if self._pipeline is None:
            self._pipeline = self._driver.pipeline()
            self._pipeline.__enter__()
        self._sending = True
        try:
            self._connection.exec_driver_sql(statement, given)
        finally:
            self._sending = False
        with self._told():
            self._push_out()

    def _push_out(self) -> None:
        """The driver keeps what the socket does not take at once, and PostgreSQL begins when it has all of it."""
        with selectors.DefaultSelector() as line:
            line.register(self._driver.fileno(), selectors.EVENT_WRITE)
            while self._driver.pgconn.flush():
                line.select()

    @property
    def is_under_way(self) -> bool:
        """Whether the database still works on something, as far as is known."""
        return self._pipeline is not None

    def settle(self) -> None:
        """Waits until all that is under way is done. Raises what came in its way, as the connection itself would."""
        pipeline, self._pipeline = self._pipeline, None
        if pipeline is not None:
            with self._told():
                pipeline.__exit__(None, None, None)

    @contextmanager
    def _told(self) -> Iterator[None]:
        dialect = self._connection.dialect
        base = dialect.loaded_dbapi.Error
        try:
            yield
        except base as error:
            raise DBAPIError.instance(None, None, error, base, hide_parameters=True, dialect=dialect) from error

    def _asked(self, *_what: Any) -> None:
        if not self._sending:
            self.settle()

    def _give_up(self) -> None:
        try:
            self.settle()
        except DBAPIError:
            return  # all of it is being taken back


def _make_room(driver: Any) -> None:
    """What the database does not read while it is at work is to wait in the socket, and not hold us up."""
    borrowed = socket.socket(fileno=driver.fileno())
    try:
        borrowed.setsockopt(socket.SOL_SOCKET, socket.SO_SNDBUF, ROOM)
    finally:
        borrowed.detach()


def go_ahead(session: Session) -> None:
    """From here on until the transaction ends, what is written in bulk is not waited for."""
    connection = session.connection()
    if connection.dialect.name == "postgresql":
        session.info[_AHEAD] = Ahead(connection)


def ahead_of(session: Session) -> Ahead | None:
    """What the session writes ahead with; None where it waits for each statement."""
    return session.info.get(_AHEAD)


@event.listens_for(Session, "after_transaction_end")
def _ended(session: Session, transaction: SessionTransaction) -> None:
    if transaction.parent is None:
        session.info.pop(_AHEAD, None)
