"""What a terminal's request is answered: what became of it or a problem in its place, and always the hub's time."""

from __future__ import annotations

import asyncio
import logging
from collections.abc import Awaitable, Callable, Mapping
from http import HTTPStatus

from sqlalchemy.exc import DataError
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _
from sync import signing, wire
from sync.hub import problems
from sync.hub.devices import Shut

ROOT = "/sync/v1"
STATUS: Mapping[str, int] = {
    "device.clock": 401,
    "device.signature": 401,
    "device.replayed": 401,
    "device.unknown": 401,
    "device.revoked": 403,
    "device.wipe": 403,
    "sync.unknown_terminal": 403,
    "wire.garbled": 400,
}
PATIENCE = 20.0  # seconds that a body may take to come
log = logging.getLogger(__name__)


async def answered(
    request: Request, made: Awaitable[Response], now_ms: Callable[[], int], statuses: Mapping[str, int]
) -> Response:
    """The answer, or the problem in its place under the status that its code has. Each carries the hub's time, by which terminals
    set their clocks."""
    try:
        answer = await made
    except Refused as refused:
        answer = _refusal(request, refused, statuses)
    except Trouble as trouble:
        answer = problems.answer(request, HTTPStatus.SERVICE_UNAVAILABLE, [trouble.problem])
    except DataError as error:
        log.warning("%s says what no database keeps: %s", problems.trace_of(request), type(error.orig).__name__)
        answer = _refusal(request, wire.garbled(), statuses)
    except problems.AWAY:
        answer = problems.answer(request, HTTPStatus.SERVICE_UNAVAILABLE, [_away()])
    answer.headers[signing.TIME] = str(now_ms())
    return answer


def _refusal(request: Request, refused: Refused, statuses: Mapping[str, int]) -> Response:
    first = refused.problem
    status = statuses.get(first.code) or STATUS.get(first.code) or problems.status_of(first)
    answer = problems.answer(request, status, refused.problems, **(refused.more if isinstance(refused, Shut) else {}))
    if "seconds" in first.values:
        answer.headers["Retry-After"] = str(first.values["seconds"])
    return answer


async def body_of(request: Request, most: int) -> bytes | None:
    """What was sent; None as soon as it is more than so many bytes. ClientDisconnect where whoever sends it has hung up, or
    takes longer than a body may take."""
    read = bytearray()
    try:
        async with asyncio.timeout(PATIENCE):
            async for some in request.stream():
                read += some
                if len(read) > most:
                    return None
    except TimeoutError:
        raise ClientDisconnect from None
    return bytes(read)


def _away() -> Problem:
    message = _("The hub's database is busy or away; nothing of this was taken.")
    return Problem("wire.database", message, hint=_("The terminal tries again by itself."))
