"""The one thread that writes: what it is given runs in order, one after the other, and answers in a future."""

from __future__ import annotations

import threading
from collections.abc import Callable
from concurrent import futures
from concurrent.futures import Future, ThreadPoolExecutor
from typing import ParamSpec, TypeVar

from sqlalchemy import Engine
from sqlalchemy.orm import sessionmaker

from app.kernel.problems import Trouble
from app.kernel.words import _

P = ParamSpec("P")
T = TypeVar("T")
PATIENCE = 30.0  # seconds before someone who waits is told so


class Writer:
    """Runs functions on the writer thread. `sessions` makes sessions on the writing connection, for those functions only."""

    def __init__(self, engine: Engine) -> None:
        self.sessions = sessionmaker(engine, expire_on_commit=False)
        self._thread = 0
        self._last: Future[int] | None = None  # there once the writer is closing
        self._pool = ThreadPoolExecutor(1, "writer", initializer=self._started)

    def _started(self) -> None:
        self._thread = threading.get_ident()

    def submit(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
        """Queues a call; what it returns or raises is in the future. On the writer thread itself it runs at once.

        Trouble when the writer has been closed: nothing is queued then.
        """
        if threading.get_ident() == self._thread:
            return _done(function, *args, **kwargs)
        try:
            return self._pool.submit(function, *args, **kwargs)
        except RuntimeError as error:  # the pool has been shut down
            raise _closed() from error

    def run(self, function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
        """Calls on the writer thread and waits for the answer, `PATIENCE` seconds at most; Trouble says what became of it."""
        return wait(self.submit(function, *args, **kwargs))

    def close(self, patience: float = PATIENCE) -> None:
        """Finishes what is queued and ends the thread; Trouble when that takes longer than `patience` seconds."""
        if threading.get_ident() == self._thread:
            raise RuntimeError("the writer thread cannot wait for itself")
        self._last = self._last or self._pool.submit(int)
        self._pool.shutdown(wait=False)
        if futures.wait([self._last], patience).not_done:
            raise _slow()
        self._pool.shutdown()


def wait(future: Future[T], patience: float = PATIENCE) -> T:
    """The future's result. After `patience` seconds a Trouble: a call not begun is given up, one that runs goes on."""
    try:
        return future.result(patience)
    except TimeoutError as late:
        if future.done():  # what it did took as long, or raised this very error
            return future.result()
        raise (_busy() if future.cancel() else _slow()) from late


def _done(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> Future[T]:
    future: Future[T] = Future()
    try:
        future.set_result(function(*args, **kwargs))
    except BaseException as error:  # as an executor's thread would do
        future.set_exception(error)
    return future


def _closed() -> Trouble:
    message = _("The program is closing: nothing of this was saved.")
    return Trouble("writer.closed", message, _("Start it again, then do it again."))


def _busy() -> Trouble:
    message = _("The store is busy with other work: nothing of this was saved.")
    return Trouble("writer.busy", message, _("Wait a moment, then do it again."))


def _slow() -> Trouble:
    message = _("Saving takes longer than it should, and goes on.")
    return Trouble("writer.slow", message, _("Wait, and look whether it is there before you do it again."))
