"""The routes of attached files: POST /sync/v1/files asks what there is, PUT and GET of one carry its pieces."""

from __future__ import annotations

import asyncio
import re
from base64 import b64encode
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from app.kernel import strict
from app.kernel.blobs import MOST_OF_A_THUMB
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from sync.files import AT_ONCE, PIECE, Files
from sync.hub.allowance import Allowance
from sync.hub.answering import ROOT, answered, body_of
from sync.hub.files import HubFiles
from sync.hub.wire import REQUESTS, too_often

if TYPE_CHECKING:
    from sync.hub.main import Hub

_NAME = re.compile(r"[0-9a-f]{64}", re.ASCII)
STATUS = {"file.nobody_s": 404, "file.damaged": 422, "file.garbled": 400, "file.too_large": 413, "wire.too_often": 429}
PATIENCE, TICK = 1.0, 0.01  # seconds that a request is held back at most, and by which two clocks may differ
FilesOf = Callable[[Request, bytes], Awaitable[Files]]
Answer = Callable[[Request, Files, bytes], Response]


def router(hub: Hub) -> APIRouter:
    """The routes for terminals that the hub knows: each reaches the files of its own organisation."""
    requests = Allowance(REQUESTS, 2 * REQUESTS)

    async def let_in(request: Request, body: bytes) -> Files:
        device = await run_in_threadpool(hub.devices.asking, request, body)
        await in_turn(requests, device.terminal_id)
        return HubFiles(hub.app, device.org_id)

    return routes(let_in, hub.app.clock.now_ms)


async def in_turn(requests: Allowance, terminal: UUID) -> None:
    """Holds back whoever asks for one piece right after the other, so that photos flow on; Refused where many are asked for at
    once, or one would wait for long."""
    wait = requests.take(terminal)
    if 0 < wait <= PATIENCE:
        await asyncio.sleep(wait + TICK)
        wait = requests.take(terminal)
    if wait:
        raise Refused(too_often(wait))


def routes(files_of: FilesOf, now_ms: Callable[[], int]) -> APIRouter:
    """The same for whomever `files_of` lets in."""
    made = APIRouter()

    def add(path: str, method: str, answer: Answer) -> None:
        async def served(request: Request) -> Response:
            body = await _body(request)
            files = await files_of(request, body)
            return await run_in_threadpool(answer, request, files, body)

        async def route(request: Request) -> Response:
            return await answered(request, served(request), now_ms, STATUS)

        made.add_route(ROOT + path, route, methods=[method], include_in_schema=False)

    add("/files", "POST", _known)
    add("/files/small", "POST", _small)
    add("/files/{name}", "PUT", _put)
    add("/files/{name}", "GET", _get)
    return made


async def _body(request: Request) -> bytes:
    """What was sent, if it is no more than a piece."""
    try:
        body = await body_of(request, PIECE)
    except ClientDisconnect as error:
        raise Refused(_garbled()) from error
    if body is None:
        raise Refused(Problem("file.too_large", _("That is more than one piece of a file.")))
    return body


def _known(_request: Request, files: Files, body: bytes) -> Response:
    return JSONResponse(dict(files.known(_names(body))))


def _small(_request: Request, files: Files, body: bytes) -> Response:
    found = files.get_small(_names(body))
    return JSONResponse({name: b64encode(content).decode() for name, content in found.items()})


def _put(request: Request, files: Files, body: bytes) -> Response:
    name = _name(request)
    if request.query_params.get("small"):
        if len(body) > MOST_OF_A_THUMB:
            raise Refused(Problem("file.too_large", _("That is no small picture.")))
        files.put_small(name, body)
        return JSONResponse({"have": len(body)})
    return JSONResponse({"have": files.put(name, _start(request), body)})


def _get(request: Request, files: Files, _body: bytes) -> Response:
    return Response(files.get(_name(request), _start(request)), media_type="application/octet-stream")


def _name(request: Request) -> str:
    name = str(request.path_params["name"])
    if not _NAME.fullmatch(name):
        raise Refused(_garbled())
    return name


def _start(request: Request) -> int:
    told = request.query_params.get("start", "0")
    if not re.fullmatch(r"\d{1,9}", told, re.ASCII):
        raise Refused(_garbled())
    return int(told)


def _names(body: bytes) -> list[str]:
    try:
        plain: Any = strict.read(body)
    except (ValueError, RecursionError) as error:
        raise Refused(_garbled()) from error
    if not isinstance(plain, list) or len(plain) > AT_ONCE * 2 or not all(isinstance(one, str) for one in plain):
        raise Refused(_garbled())
    return [one for one in plain if _NAME.fullmatch(one)]


def _garbled() -> Problem:
    return Problem("file.garbled", _("The hub cannot read this request for a file."), hint=_("Update the terminal's program."))
