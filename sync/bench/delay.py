"""A line that is slow: `python -m sync.bench.delay PORT TARGET MS` passes everything on to a port of this machine, later."""

from __future__ import annotations

import asyncio
import sys
from collections.abc import Callable
from typing import cast

CHUNK = 1 << 16


class Direction(asyncio.Protocol):
    """One way of a connection: what comes in goes out `seconds` later, in its order."""

    def __init__(self, seconds: float, opened: Callable[[Direction], None] = lambda _made: None) -> None:
        self._seconds = seconds
        self._opened = opened
        self.transport: asyncio.Transport | None = None
        self.other: Direction | None = None
        self.early: list[bytes] = []

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._opened(self)

    def data_received(self, data: bytes) -> None:
        asyncio.get_running_loop().call_later(self._seconds, self._pass_on, data)

    def _pass_on(self, data: bytes) -> None:
        if self.other is None or self.other.transport is None:
            self.early.append(data)
        elif not self.other.transport.is_closing():
            self.other.transport.write(data)

    def connection_lost(self, exc: Exception | None) -> None:
        asyncio.get_running_loop().call_later(self._seconds, self._end)

    def _end(self) -> None:
        if self.other is not None and self.other.transport is not None:
            self.other.transport.close()


async def serve(port: int, target: int, seconds: float) -> None:
    """Passes on until the process is told to end."""
    loop = asyncio.get_running_loop()
    running: set[asyncio.Task[None]] = set()

    async def join(near: Direction) -> None:
        far = Direction(seconds)
        await loop.create_connection(lambda: far, "127.0.0.1", target)
        near.other, far.other = far, near
        for data in near.early:
            near._pass_on(data)

    def opened(near: Direction) -> None:
        task = loop.create_task(join(near))
        running.add(task)
        task.add_done_callback(running.discard)

    server = await loop.create_server(lambda: Direction(seconds, opened), "127.0.0.1", port)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), int(sys.argv[2]), float(sys.argv[3]) / 1000))
