"""Runner: work leaves the screen thread here and its result comes home here; the screen never waits."""

from __future__ import annotations

import weakref
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import nullcontext
from dataclasses import dataclass
from enum import Enum
from queue import Empty, SimpleQueue
from typing import Any, Protocol, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from app.kernel.problems import Refused, Trouble
from ui.kit.errand import Errand, broke, errand

T = TypeVar("T")
Failed = Callable[[Refused | Trouble], None]
AT_ONCE = 4  # pieces of work whose results are dealt with before the screen has its turn


class Lane(Enum):
    """Who does what does not write, by the name of their threads: who looks at a record, who reads for long, such as a whole
    list, and who waits for a machine, such as a printer."""

    LOOKS = "reader"
    LISTS = "lister"
    MACHINES = "printer"


class Writes(Protocol):
    """The one thread that writes, such as `App.writer`."""

    def submit(self, function: Callable[[], T], /) -> Future[T]:
        """Queues a call and answers at once; Trouble when no more is taken."""


class Runner(QObject):
    """Runs work elsewhere and calls back on the screen thread, in the order in which the work was finished.

    A callback that is a method of a widget is held weakly; any other is bound to its `owner`. What has died meanwhile is
    not called. Refused and Trouble go to `failed`, or to `complain` where there is none; anything else, from the work or
    from a callback, is a bug and goes to `crash`, and `failed` hears of it as a Trouble. Work that is begun for a scan
    belongs to that scan's errand, which is at hand again when the work comes home.
    """

    _home = Signal()

    def __init__(
        self,
        writer: Writes,
        complain: Failed,
        crash: Callable[[BaseException], None],
        readers: int = 2,
        parent: QObject | None = None,
    ) -> None:
        super().__init__(parent)
        self._writer, self._complain, self._crash = writer, complain, crash
        many = {Lane.LOOKS: readers, Lane.LISTS: 2}  # a list is put in order while another is saved
        self._lanes = {lane: ThreadPoolExecutor(many.get(lane, 1), lane.value) for lane in Lane}
        self._closed = False
        self._away = 0
        self._come_home: SimpleQueue[_Landing] = SimpleQueue()
        self._home.connect(self._land_some, Qt.ConnectionType.QueuedConnection)

    @property
    def idle(self) -> bool:
        """Whether all work has come home."""
        return self._away == 0

    @property
    def closed(self) -> bool:
        """Whether nothing comes home any more."""
        return self._closed

    def submit(
        self,
        work: Callable[[], T],
        then: Callable[[T], None] | None = None,
        failed: Failed | None = None,
        owner: QObject | None = None,
    ) -> None:
        """Runs `work` on the writer thread, after everything that was given to it before."""
        self._send(self._writer.submit, work, then, failed, owner)

    def read(
        self,
        work: Callable[[], T],
        then: Callable[[T], None],
        failed: Failed | None = None,
        owner: QObject | None = None,
        lane: Lane = Lane.LOOKS,
    ) -> None:
        """Runs `work` on one of the threads of a lane: it waits behind nothing that goes along another one."""
        self._send(self._lanes[lane].submit, work, then, failed, owner)

    def close(self) -> None:
        """Ends the readers; from now on nothing comes home. What the writer was given, it finishes: it has its own close."""
        self._closed = True
        for lane, threads in self._lanes.items():  # a printer that does not answer holds no window open
            threads.shutdown(wait=lane is not Lane.MACHINES, cancel_futures=True)

    def _send(
        self,
        queue: Callable[[Callable[[], T]], Future[T]],
        work: Callable[[], T],
        then: Callable[[T], None] | None,
        failed: Failed | None,
        owner: QObject | None,
    ) -> None:
        if self._closed:
            return
        self._away += 1
        landing = _Landing(_weakly(then, owner), _weakly(failed, owner), errand())
        if landing.errand is not None:
            landing.errand.sent()
        try:
            future = queue(work)
        except Trouble as trouble:
            future = Future()
            future.set_exception(trouble)
        future.add_done_callback(lambda done: self._homeward(landing, done))

    def _homeward(self, landing: _Landing, done: Future[Any]) -> None:
        """On the thread that did the work."""
        if not self._closed and not done.cancelled():
            landing.error = done.exception()
            landing.result = None if landing.error else done.result()
            self._come_home.put(landing)
            self._home.emit()

    def _land_some(self) -> None:
        """On the screen thread: what has come home by now, so that the screen is painted once for it and not once for each.

        A few at a time, so that no burst holds the screen; the rest have signals of their own.
        """
        for _turn in range(AT_ONCE):
            try:
                self._land(self._come_home.get_nowait())
            except Empty:
                return

    def _land(self, landing: _Landing) -> None:
        self._away -= 1
        if self._closed:
            return
        try:
            with landing.errand.at_hand() if landing.errand is not None else nullcontext():
                self._deliver(landing)
        except Exception as bug:
            self._crash(bug)

    def _deliver(self, landing: _Landing) -> None:
        if isinstance(landing.error, Refused | Trouble):
            (landing.failed() or self._complain)(landing.error)
        elif landing.error is not None:
            self._crash(landing.error)
            if failed := landing.failed():
                failed(broke())
        elif then := landing.then():
            then(landing.result)


@dataclass
class _Landing:
    """What came of the work, and who wants to know; `then` and `failed` give nothing once their owner has died."""

    then: Callable[[], Callable[[Any], None] | None]
    failed: Callable[[], Failed | None]
    errand: Errand | None = None
    result: Any = None
    error: BaseException | None = None


def _weakly(callback: Callable[[Any], None] | None, owner: QObject | None) -> Callable[[], Callable[[Any], None] | None]:
    """A way to the callback that does not keep its owner alive."""
    if callback is None:
        return lambda: None
    itself = getattr(callback, "__self__", None)
    if not isinstance(itself, QObject):
        return _while_alive(lambda: callback, owner) if owner is not None else lambda: callback
    return _while_alive(weakref.WeakMethod(callback), itself)


def _while_alive(find: Callable[[], Callable[[Any], None] | None], owner: QObject) -> Callable[[], Callable[[Any], None] | None]:
    alive = weakref.ref(owner)

    def found() -> Callable[[Any], None] | None:
        there = alive()
        return find() if there is not None and shiboken6.isValid(there) else None

    return found
