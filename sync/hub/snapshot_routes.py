"""The snapshot routes: GET /sync/v1/snapshot tells what there is, GET /sync/v1/snapshot/{name}/{piece} gives a part of it."""

from __future__ import annotations

import re
from collections.abc import Callable
from hashlib import sha256
from typing import TYPE_CHECKING

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _
from sync import signing
from sync.hub import problems
from sync.hub.feed import Reach
from sync.hub.snapshots import Snapshots, in_a_child
from sync.hub.wire import ROOT, STATUS
from sync.snapshots import CHECK, FILE, LARGEST, Manifest

if TYPE_CHECKING:
    from sync.hub.main import Hub

PATIENCE = 2.0  # seconds that a request waits for a build; then the terminal asks again
_RANGE = re.compile(r"bytes=(\d{1,9})-(\d{0,9})", re.ASCII)
_OWN = {"snapshot.gone": 410, "snapshot.form": 400}


def router(hub: Hub) -> APIRouter:
    """The routes for terminals that the hub knows; snapshots lie in the hub's folder, and are built in a process of their own."""
    snapshots = Snapshots(hub.folder / "snapshots", hub.engine, in_a_child(hub.engine.url))
    return routes(lambda request: _reach(hub, request), hub.app.clock.now_ms, snapshots)


def routes(reach_of: Callable[[Request], Reach], now_ms: Callable[[], int], snapshots: Snapshots) -> APIRouter:
    """The same for whomever `reach_of` lets in."""
    made = APIRouter()

    def answered(request: Request, answer: Callable[[Reach], Response]) -> Response:
        try:
            found = answer(reach_of(request))
        except Refused as refused:
            code = refused.problems[0].code
            status = _OWN.get(code) or STATUS.get(code) or problems.status_of(refused.problems[0])
            found = problems.answer(request, status, refused.problems)
        except Trouble as trouble:
            found = problems.answer(request, 503, [trouble.problem])
        found.headers[signing.TIME] = str(now_ms())
        return found

    async def manifest(request: Request) -> Response:
        form = request.query_params.get("form", FILE)
        return await run_in_threadpool(answered, request, lambda reach: _told(snapshots.manifest(reach, form, PATIENCE)))

    async def piece(request: Request) -> Response:
        return await run_in_threadpool(answered, request, lambda reach: _part(request, snapshots, reach))

    made.add_route(f"{ROOT}/snapshot", manifest, methods=["GET"], include_in_schema=False)
    made.add_route(ROOT + "/snapshot/{name}/{piece}", piece, methods=["GET"], include_in_schema=False)
    return made


def _reach(hub: Hub, request: Request) -> Reach:
    reach = hub.devices.reach(hub.devices.asking(request, b""))
    if reach is None:
        message = _("The hub does not know this terminal.")
        raise Refused(Problem("sync.unknown_terminal", message, hint=_("Enrol it again; what it holds is kept.")))
    return reach


def _told(manifest: Manifest) -> Response:
    """With its own sha256: a terminal goes by it for as long as it fetches, so no bit of it may have changed on the way."""
    made = JSONResponse(manifest.as_json())
    made.headers[CHECK] = sha256(made.body).hexdigest()
    return made


def _part(request: Request, snapshots: Snapshots, reach: Reach) -> Response:
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
