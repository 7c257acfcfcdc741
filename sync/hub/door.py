"""The hub's front door: every request gets a trace, every answer plain headers, and a bug never shows its inside. Terminals,
who come most often, are led straight to where they are answered."""

from __future__ import annotations

import logging
import re
from collections.abc import Mapping
from uuid import uuid4

from starlette.requests import Request
from starlette.routing import Route
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from sync.hub import problems
from sync.hub.logs import correlation

TRACE = re.compile(r"[A-Za-z0-9._:-]{1,64}", re.ASCII)
HEADERS = (
    (b"x-content-type-options", b"nosniff"),
    (b"cache-control", b"no-store"),
    (b"referrer-policy", b"no-referrer"),
    (b"content-security-policy", b"default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'"),
)
log = logging.getLogger(__name__)


class Door:
    """ASGI middleware around everything."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        given = request.headers.get("x-request-id", "")
        trace = request.state.trace_id = given if TRACE.fullmatch(given) else uuid4().hex
        correlation.set(trace)
        begun = False

        async def sending(message: Message) -> None:
            nonlocal begun
            if message["type"] == "http.response.start":
                begun = True
                there = {name.lower() for name, _value in message["headers"]}
                more = [(name, value) for name, value in HEADERS if name not in there]
                message["headers"] = [*message["headers"], *more, (b"x-request-id", trace.encode())]
            await send(message)

        try:
            await self._app(scope, receive, sending)
        except Exception:
            log.exception("%s %s %s failed.", trace, request.method, request.url.path)
            if begun:
                raise  # half an answer is out: the connection is cut, so that nobody takes it for a whole one
            await problems.bug(request)(scope, receive, sending)


class Straight:
    """ASGI middleware inside of that: goes to a route by its very path, past all that other routes need. What it does not know
    goes on."""

    def __init__(self, app: ASGIApp, routes: Mapping[tuple[str, str], Route]) -> None:
        self._app = app
        self._routes = routes

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        route = self._routes.get((scope["method"], scope["path"])) if scope["type"] == "http" else None
        if route is None:
            await self._app(scope, receive, send)
            return
        scope["route"] = route
        answer = await route.endpoint(Request(scope, receive, send))
        await answer(scope, receive, send)
