"""Long polls: who waits is woken when the feed goes on, by a commit in this process at once, by another's within a second."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

from sqlalchemy import select
from sqlalchemy.exc import DBAPIError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.concurrency import run_in_threadpool

from app.kernel.events import Notice
from app.kernel.records import HeadRow

if TYPE_CHECKING:
    from sync.hub.main import Hub

LOOK = 1.0  # seconds between two looks at the feed while anybody waits
BREATH = 0.05  # seconds, so that a burst of commits is one look
log = logging.getLogger(__name__)


class Waiting:
    """One look at the feed serves all who wait. While nobody does, nobody looks."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._head = 0
        self._waiters: set[asyncio.Event] = set()
        self._looking: asyncio.Task[None] | None = None
        self._committed = asyncio.Event()
        self._loop: asyncio.AbstractEventLoop | None = None
        hub.app.notices.listen(self._told)

    async def beyond(self, after: int, patience: float) -> int:
        """The feed's last number once it is above `after`, or as it is after `patience` seconds or when the hub ends."""
        self._loop = asyncio.get_running_loop()
        if self._head <= after and not self._waiters:  # else the next look is near
            self._head = max(self._head, await run_in_threadpool(self._look))
        end = self._loop.time() + patience
        while self._head <= after and self._loop.time() < end and not self._hub.stopping.is_set():
            await self._woken(end - self._loop.time())
        return self._head

    async def _woken(self, patience: float) -> None:
        mine = asyncio.Event()
        self._waiters.add(mine)
        if self._looking is None or self._looking.done():
            self._looking = asyncio.create_task(self._watch())
        try:
            async with asyncio.timeout(patience):
                await mine.wait()
        except TimeoutError:
            pass
        finally:
            self._waiters.discard(mine)

    async def _watch(self) -> None:
        """Looks while anybody waits. A database that is away for a while is looked at again."""
        while self._waiters:
            await self._pause()
            head = await run_in_threadpool(self._look)
            if head > self._head or self._hub.stopping.is_set():
                self._head = max(head, self._head)
                for one in self._waiters:
                    one.set()

    async def _pause(self) -> None:
        try:
            async with asyncio.timeout(LOOK):
                await self._committed.wait()
            await asyncio.sleep(BREATH)
        except TimeoutError:
            pass
        self._committed.clear()

    def _look(self) -> int:
        try:
            with self._hub.engine.connect() as connection:
                return int(connection.scalar(select(HeadRow.last)) or 0)
        except (DBAPIError, PoolTimeout) as error:
            log.warning("The feed cannot be looked at: %s", type(error).__name__)
            return self._head

    def _told(self, _notice: Notice) -> None:
        """On the thread that committed."""
        if self._loop is not None and self._waiters and not self._loop.is_closed():
            self._loop.call_soon_threadsafe(self._committed.set)
