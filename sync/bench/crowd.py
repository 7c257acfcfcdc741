"""Terminals in a crowd, for benches: each signs and sends what a real one would, many in one process, without their stores."""

from __future__ import annotations

import asyncio
import secrets
import time
from collections.abc import Callable, Coroutine, Sequence
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Any, TypeVar
from urllib.parse import urlsplit

from app.kernel import outbox
from sync import signing, wire
from sync.bench.shop import Shop, issues
from sync.pool import Reply
from sync.protocol import Exchanged, Hello, Pull, Push, Sent, Welcome
from sync.terminal.http import ROOT
from sync.terminal.pace import Load

BUSY = (429, 503)
M = TypeVar("M")


@dataclass(frozen=True)
class Enrolled:
    """A shop's terminal as the hub knows it, and how many commands it will have done."""

    shop: Shop
    private: bytes
    commands: int


@dataclass
class Told:
    """What some terminals have seen: what they waited for, in milliseconds, the exchanges it took, and who was to come again."""

    waits: list[float] = field(default_factory=list)
    exchanges: int = 0
    commands: int = 0
    again: int = 0
    cpu: float = 0.0  # seconds of processor that they took themselves
    ended: float = 0.0  # when the last of them had done, by the machine's steady clock

    def __add__(self, more: Told) -> Told:
        return Told(
            self.waits + more.waits,
            self.exchanges + more.exchanges,
            self.commands + more.commands,
            self.again + more.again,
            self.cpu + more.cpu,
            max(self.ended, more.ended),
        )


class Connection:
    """One kept connection to the hub, for one request after the other."""

    def __init__(self, address: str) -> None:
        where = urlsplit(address)
        self._host, self._port = str(where.hostname), int(where.port or 80)
        self._streams: tuple[asyncio.StreamReader, asyncio.StreamWriter] | None = None

    async def carry(self, method: str, target: str, headers: dict[str, str], body: bytes) -> Reply:
        if self._streams is None:
            self._streams = await asyncio.open_connection(self._host, self._port)
        reader, writer = self._streams
        lines = [f"{method} {target} HTTP/1.1", f"Host: {self._host}:{self._port}", f"Content-Length: {len(body)}"]
        lines += [f"{name}: {value}" for name, value in headers.items()]
        writer.write("\r\n".join([*lines, "", ""]).encode() + body)
        first, *rest = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1").split("\r\n")
        told = {name.lower(): value.strip() for name, _colon, value in (line.partition(":") for line in rest if line)}
        return Reply(int(first.split()[1]), told, await reader.readexactly(int(told["content-length"])))

    def close(self) -> None:
        if self._streams is not None:
            self._streams[1].close()
            self._streams = None


class Member:
    """One of the crowd."""

    def __init__(self, enrolled: Enrolled, address: str) -> None:
        self._shop, self._private = enrolled.shop, enrolled.private
        self._line = Connection(address)
        self._contents = [one.text() for one in issues(enrolled.shop, 1, enrolled.commands)]
        self._chains = list(accumulate(self._contents, outbox.chained, initial=""))
        self._load = Load()
        self._done = self._cursor = 0
        self._epoch = self._incarnation = ""
        self.told = Told()

    async def greet(self) -> None:
        """Introduces itself. It stands at the feed's head, as one does that has just fetched its store."""
        hello = Hello(self._shop.terminal.hex, 0, 0, machine=self._shop.terminal.hex)
        welcome = await self._asked("hello", Welcome, hello)
        self._cursor, self._epoch, self._incarnation = welcome.horizon, welcome.epoch, welcome.incarnation

    async def scan(self, count: int, begin: float) -> None:
        """A command a second from a moment on, each sent at once; it is waited for from when it was done until its verdict.

        While an answer is late, the next commands gather and then travel together. Whoever does something every second holds
        no line for nudges meanwhile: see `sync.terminal.pace`.
        """
        taken = 0
        while taken < count:
            due = begin + taken
            await asyncio.sleep(due - _now())
            ready = min(count, int(_now() - begin) + 1) - taken
            before = self._done
            await self._exchange(ready)
            taken += self._done - before
            self.told.waits.append((_now() - due) * 1000)

    async def drain(self, upto: int) -> None:
        """Sends what waits as the engine does: more at once after a quick exchange, less after a slow one."""
        while self._done < upto:
            begun, before = _now(), self._done
            await self._exchange(min(self._load.limits.commands, upto - self._done))
            self._load.took(_now() - begun, self._done - before, False)

    async def ping(self, until: float) -> None:
        """The barest request there is, one after the other."""
        while _now() < until:
            await self._line.carry("GET", "/health", {}, b"")
            self.told.exchanges += 1

    async def _exchange(self, most: int) -> None:
        some = tuple(Sent(one) for one in self._contents[self._done : self._done + most])
        chain = self._chains[self._done]
        push = Push(self._shop.terminal.hex, self._done + 1, chain, some, incarnation=self._incarnation)
        push = wire.fitting(push)
        answer = await self._asked("exchange", Exchanged, push, Pull(self._cursor, epoch=self._epoch))
        wrong = [one for one in answer.verdicts if one.state != "applied"]
        if answer.standing != "ok" or wrong or answer.last_number != self._done + len(push.envelopes):
            raise RuntimeError(f"{answer.standing} {answer.last_number}: {wrong[:1]}")
        self._done = answer.last_number
        self._cursor = answer.pages[-1].upto if answer.pages else self._cursor
        self.told.exchanges += 1
        self.told.commands += len(push.envelopes)

    async def _asked(self, name: str, kind: type[M], *messages: Any) -> M:
        """The hub's answer; where it is busy, after as long a wait as it asks for."""
        body, target = wire.pack(*messages), f"{ROOT}/{name}"
        while True:
            signed = signing.sign(self._private, "POST", target, time.time_ns() // 1_000_000, secrets.token_hex(16), body)
            reply = await self._line.carry("POST", target, {signing.TERMINAL: self._shop.terminal.hex, **signed}, body)
            if reply.status == 200:
                return wire.unpack_one(reply.body, kind, wire.TOLD)
            if reply.status not in BUSY:
                raise RuntimeError(reply.body.decode(errors="replace"))
            self.told.again += 1
            await asyncio.sleep(float(reply.headers.get("retry-after", "1")))

    def close(self) -> None:
        self._line.close()


# ------------------------------------------------------------------------------------------------- a process of them


def work(some: Sequence[Enrolled], address: str, orders: Any) -> None:
    """A process with some terminals. It does what comes down the line, one order after the other, and tells of each."""
    with asyncio.Runner() as runner:
        members = [Member(one, address) for one in some]
        runner.run(_greet(members))
        orders.send("ready")
        while (order := orders.recv()) is not None:
            name, number = order
            before = time.process_time()
            for one in members:
                one.told = Told()
            runner.run(ORDERS[name](members, number))
            ours = Told(cpu=time.process_time() - before, ended=_now())
            orders.send(sum((one.told for one in members), ours))
        for one in members:
            one.close()
        runner.run(asyncio.sleep(0))


async def _scan(members: Sequence[Member], count: int) -> None:
    """All at their own moments of a second."""
    begin = _now() + 0.1
    await asyncio.gather(*(one.scan(count, begin + place / len(members)) for place, one in enumerate(members)))


async def _drain(members: Sequence[Member], upto: int) -> None:
    await asyncio.gather(*(one.drain(upto) for one in members))


async def _ping(members: Sequence[Member], seconds: int) -> None:
    until = _now() + seconds
    await asyncio.gather(*(one.ping(until) for one in members))


ORDERS: dict[str, Callable[[Sequence[Member], int], Coroutine[Any, Any, None]]] = {"scan": _scan, "drain": _drain, "ping": _ping}


async def _greet(members: Sequence[Member]) -> None:
    for one in members:
        await one.greet()


def _now() -> float:
    return time.monotonic()
