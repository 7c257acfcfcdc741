"""The snapshot routes: GET /sync/v1/snapshot tells what there is, GET /sync/v1/snapshot/{name}/{piece} gives a part of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from functools import partial
from hashlib import sha256
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from sync.hub.answering import ROOT, answered
from sync.hub.feed import Reach
from sync.hub.snapshots import Snapshots, in_a_child
from sync.snapshots import CHECK, FILE, LARGEST

if TYPE_CHECKING:
    from sync.hub.main import Hub

PATIENCE = 2.0  # seconds that a request waits for a build; then the terminal asks again
_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})", re.ASCII)
STATUS = {"snapshot.gone": 410, "snapshot.form": 400}


def router(hub: Hub) -> APIRouter:
    """The routes for terminals that the hub knows; snapshots lie in the hub's folder, and are built in a process of their own."""
    snapshots = Snapshots(hub.folder / "snapshots", hub.engine, in_a_child(hub.engine.url))
    return routes(lambda request: hub.devices.asking(request, b"").reach, hub.app.clock.now_ms, snapshots)


def routes(reach_of: Callable[[Request], Reach], now_ms: Callable[[], int], snapshots: Snapshots) -> APIRouter:
    """The same for whomever `reach_of` lets in."""
    made = APIRouter()

    def add(path: str, answer: Callable[[Request, Reach], Response]) -> None:
        async def route(request: Request) -> Response:
            served = run_in_threadpool(lambda: answer(request, reach_of(request)))
            return await answered(request, served, now_ms, STATUS)

        made.add_route(ROOT + path, route, methods=["GET"], include_in_schema=False)

    add("/snapshot", partial(_manifest, snapshots))
    add("/snapshot/{name}/{piece}", partial(_part, snapshots))
    return made


def _manifest(snapshots: Snapshots, request: Request, reach: Reach) -> Response:
    """With its own sha256: a terminal goes by it for as long as it fetches, so no bit of it may have changed on the way."""
    made = JSONResponse(snapshots.manifest(reach, request.query_params.get("form", FILE), PATIENCE).as_json())
    made.headers[CHECK] = sha256(made.body).hexdigest()
    return made


def _part(snapshots: Snapshots, request: Request, reach: Reach) -> Response:
    """The bytes that were asked for: by a Range (RFC 9110 §14), which proxies know, or by `start` and `most`."""
    told = request.path_params["piece"]
    path = snapshots.piece(reach, request.path_params["name"], int(told) if re.fullmatch(r"\d{1,6}", told, re.ASCII) else -1)
    size = path.stat().st_size
    first, last = _asked(request, size)
    if first > last:
        return Response(status_code=416, headers={"Content-Range": f"bytes */{size}"})
    with path.open("rb") as file:
        file.seek(first)
        content = file.read(last - first + 1)
    whole = len(content) == size
    told_range = {} if whole else {"Content-Range": f"bytes {first}-{first + len(content) - 1}/{size}"}
    return Response(
        content, 200 if whole else 206, {"Accept-Ranges": "bytes", **told_range}, media_type="application/octet-stream"
    )


def _asked(request: Request, size: int) -> tuple[int, int]:
    """The first and last byte that are asked for."""
    ranged = _RANGE.fullmatch(request.headers.get("range", ""))
    if ranged:
        return int(ranged[1]), min(int(ranged[2] or size), size - 1)
    start, most = (_number(request.query_params.get(name), default) for name, default in (("start", 0), ("most", LARGEST)))
    return start, min(start + most, size) - 1


def _number(told: str | None, default: int) -> int:
    return int(told) if told and re.fullmatch(r"\d{1,9}", told, re.ASCII) else default
