"""The terminals' routes: what they say comes in as bytes, is judged, handed to the hub's peer, and answered as bytes."""

from __future__ import annotations

import asyncio
import inspect
import typing
from collections.abc import Awaitable, Callable, Coroutine, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, cast
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from sync import wire
from sync.hub.allowance import Allowance
from sync.hub.answering import ROOT, answered, body_of
from sync.hub.lobby import Lobby
from sync.hub.waiting import Waiting
from sync.protocol import Peer, Push

if TYPE_CHECKING:
    from sync.hub.main import Hub

Who = Callable[[Request, bytes], UUID]  # the terminal that signed a request; Refused where none of ours did
Told = Callable[[UUID, Sequence[Any]], None]
REQUESTS, COMMANDS = 50, 5_000  # a second, for each terminal
LONGEST_POLL = 25.0  # seconds
STATUS = {
    "wire.other_terminal": 403,
    "wire.too_large": 413,
    "wire.slow": 408,
    "wire.too_often": 429,
    "wire.busy": 503,
}


@dataclass(frozen=True)
class Call:
    """One thing that may be asked of a peer: its name, the messages it takes, and so the body it comes in."""

    name: str
    takes: tuple[type[Any], ...]


def calls() -> tuple[Call, ...]:
    """Every method of `Peer`, as its annotations have it: what the protocol learns has its route at once."""
    named = [(name, one) for name, one in vars(Peer).items() if inspect.isfunction(one) and not name.startswith("_")]
    hints = [(name, typing.get_type_hints(one)) for name, one in named]
    return tuple(Call(name, tuple(kind for one, kind in some.items() if one != "return")) for name, some in hints)


def router(hub: Hub) -> APIRouter:
    """The routes below /sync/v1 that carry messages, for terminals that the hub knows."""
    return routes(hub, lambda request, body: hub.devices.asking(request, body).terminal_id, hub.devices.told)


def routes(hub: Hub, who: Who, told: Told | None = None) -> APIRouter:
    """The same for whomever `who` lets in; `told` hears what they say."""
    made = APIRouter()
    desk = Desk(hub, who, told)
    for call in calls():
        made.add_route(f"{ROOT}/{call.name}", desk.answering(call), methods=["POST"], include_in_schema=False)
    made.add_route(f"{ROOT}/wait", desk.wait, methods=["GET"], include_in_schema=False)
    return made


class Desk:
    """Takes requests in, and turns whatever becomes of them into an answer."""

    def __init__(self, hub: Hub, who: Who, told: Told | None) -> None:
        self._hub = hub
        self._who = who
        self._hears = told
        self._requests = Allowance(REQUESTS, 2 * REQUESTS)
        self._commands = Allowance(COMMANDS, COMMANDS)
        self._waiting = Waiting(hub)
        self._lobby = Lobby()

    def answering(self, call: Call) -> Callable[[Request], Awaitable[Response]]:
        """The route of one call. All but the reading of the body happens on a thread: it asks the database."""

        async def answer(request: Request) -> Response:
            return await self._told(request, self._called(request, call))

        return answer

    async def _called(self, request: Request, call: Call) -> Response:
        body = await _body(request)
        return await self._lobby.served(len(body), lambda: self._served(request, call, body))

    def _served(self, request: Request, call: Call, body: bytes) -> Response:
        terminal = self._let_in(request, body)
        messages = wire.unpack(body, *call.takes)
        for message in messages:
            _check_sender(message, terminal)
        self._check_pace(terminal, messages)
        if self._hears is not None:
            self._hears(terminal, messages)
        return Response(wire.pack(getattr(self._hub.peer, call.name)(*messages)), media_type=wire.MEDIA_TYPE)

    def _let_in(self, request: Request, body: bytes) -> UUID:
        terminal = self._who(request, body)
        wait = self._requests.take(terminal)
        if wait:
            raise Refused(too_often(wait))
        return terminal

    def _check_pace(self, terminal: UUID, messages: tuple[Any, ...]) -> None:
        count = sum(len(one.envelopes) for one in messages if isinstance(one, Push))
        wait = self._commands.take(terminal, count) if count else 0.0
        if wait:
            raise Refused(too_often(wait))

    async def wait(self, request: Request) -> Response:
        """Answers as soon as the feed's last number is above `after`, or when the poll has lasted long enough."""
        return await self._told(request, self._waited(request))

    async def _waited(self, request: Request) -> Response:
        await run_in_threadpool(self._let_in, request, b"")
        after = request.query_params.get("after", "")
        if not (after.isascii() and after.isdigit() and len(after) < 19):
            raise Refused(_no_number())
        horizon = await _unless_gone(request, self._waiting.beyond(int(after), LONGEST_POLL))
        return Response(wire.pack(wire.Nudge(horizon)), media_type=wire.MEDIA_TYPE)

    async def _told(self, request: Request, answer: Awaitable[Response]) -> Response:
        return await answered(request, answer, self._hub.app.clock.now_ms, STATUS)


async def _body(request: Request) -> bytes:
    """The body, as far as a body may go. Its length is looked at before a byte is read."""
    told = request.headers.get("content-length", "0")
    if told.isdigit() and int(told) > wire.ASKED.packed:
        raise wire.too_large(wire.ASKED)
    try:
        body = await body_of(request, wire.ASKED.packed)
    except ClientDisconnect as error:
        raise Refused(_slow()) from error
    if body is None:
        raise wire.too_large(wire.ASKED)
    return body


async def _unless_gone(request: Request, waiting: Coroutine[Any, Any, int]) -> int:
    """What is waited for; nothing as soon as whoever asked has hung up."""
    ours, theirs = asyncio.create_task(waiting), asyncio.create_task(_hung_up(request))
    try:
        await asyncio.wait({ours, theirs}, return_when=asyncio.FIRST_COMPLETED)
        return ours.result() if ours.done() else 0
    finally:
        ours.cancel()
        theirs.cancel()


async def _hung_up(request: Request) -> None:
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _check_sender(message: Any, terminal: UUID) -> None:
    """Nobody speaks for another terminal."""
    named = cast(str, getattr(message, "terminal_id", terminal.hex))
    if named != terminal.hex:
        text = _("This was sent in another terminal's name; nothing of it was taken.")
        raise Refused(Problem("wire.other_terminal", text, hint=_("Enrol the terminal again; what waits on it is kept.")))


# -------------------------------------------------------------------------------------------------------------- words


def too_often(wait: float) -> Problem:
    """What a terminal is told that is to come again after so many seconds."""
    message, hint = _("This terminal asks more often than the hub answers."), _("It waits {seconds} s and goes on by itself.")
    return Problem("wire.too_often", message, hint=hint, values={"seconds": max(1, round(wait))})


def _slow() -> Problem:
    message = _("The message did not arrive whole in time; nothing of it was taken.")
    return Problem("wire.slow", message, hint=_("The terminal sends it again by itself."))


def _no_number() -> Problem:
    return Problem("wire.no_number", _("After which number of the feed to wait is not said."), hint=_("Ask for wait?after=0."))
