"""The route by which machines come in: it is open to everybody, so it takes little, and few wrong codes from one place."""

from __future__ import annotations

import json
from typing import Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from app.assemble import App
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from sync import enrolment
from sync.enrolment import Asked
from sync.hub.allowance import Allowance
from sync.hub.answering import answered, body_of
from sync.hub.enrolling import enrol
from sync.hub.keys import HubKeys

LARGEST = 8192  # bytes of a request
WRONG, EVERY = 5, 60.0  # wrong codes from one address at once, and the seconds after which one more is taken
STATUS = {
    "enrol.garbled": 400,
    "enrol.guesses": 429,
    "terminal.brings_nobody": 409,
    "terminal.code": 403,
    "terminal.code_expired": 403,
    "terminal.code_used": 403,
    "terminal.enrolled": 409,
    "terminal.other_organisation": 409,
}


class Gate:
    """Lets machines in that bring a code. Wrong codes are counted by the address that they come from; right ones are not."""

    def __init__(self, app: App, keys: HubKeys, guesses: Allowance | None = None) -> None:
        self._app = app
        self._keys = keys
        self._guesses = guesses or Allowance(1 / EVERY, WRONG)

    def let_in(self, asked: Asked, address: str) -> enrolment.Answered:
        """What `sync.hub.enrolling.enrol` answers; Refused as well where too many wrong codes came from an address."""
        wait = self._guesses.take(address)
        if wait:
            raise Refused(_too_many(wait))
        answered = enrol(self._app, self._keys, asked)
        self._guesses.take(address, -1)  # it was no guess
        return answered

    async def enter(self, request: Request) -> Response:
        """The route: JSON in, JSON or a problem out."""
        return await answered(request, self._entered(request), self._app.clock.now_ms, STATUS)

    async def _entered(self, request: Request) -> Response:
        asked = enrolment.read(Asked, await _json(request))
        address = request.client.host if request.client else ""
        return JSONResponse(vars(await run_in_threadpool(self.let_in, asked, address)))


def router(gate: Gate) -> APIRouter:
    made = APIRouter()
    made.add_route(enrolment.PATH, gate.enter, methods=["POST"], include_in_schema=False)
    return made


async def _json(request: Request) -> Any:
    """The body as JSON, None where it is none or too long."""
    try:
        return json.loads(await body_of(request, LARGEST) or b"")
    except (ClientDisconnect, ValueError, RecursionError):
        return None


def _too_many(wait: float) -> Problem:
    message = _("Too many wrong codes came from this address.")
    hint = _("Wait {seconds} seconds, then try again with the code as it was given.")
    return Problem("enrol.guesses", message, hint=hint, values={"seconds": max(1, round(wait))})
