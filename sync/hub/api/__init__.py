"""The REST API at /api/v1, generated from the registry: what is declared can be asked, saved and done over HTTP.

It decides nothing. A call becomes a command or a query in somebody's name, and the App's own grants, scopes and rules answer.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from functools import partial
from typing import TYPE_CHECKING, Any

from fastapi import APIRouter
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import JSONResponse, Response

from app.access.sign_in import Desk
from app.kernel import strict, words
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.words import _
from sync.hub import problems
from sync.hub.allowance import Allowance
from sync.hub.answering import body_of
from sync.hub.api import asking, commanding, document, login, looking, paying, records
from sync.hub.api.operations import BASE, Api, Call, Operation, Reply
from sync.hub.tokens import Tokens

if TYPE_CHECKING:
    from sync.hub.main import Hub

LARGEST = 1024 * 1024  # bytes of a body
DEEPEST, LONGEST = 8, 8192  # lists and objects within each other; characters of one text
REQUESTS = 50.0  # a second, for each person
LANGUAGE = re.compile(r"[A-Za-z]{2,3}(-[A-Za-z]{2})?", re.ASCII)
STRANGERS = 10.0  # a second, for each address from which nobody is signed in


def operations(registry: Registry) -> tuple[Operation, ...]:
    """Every operation there is, in the order of the document."""
    made = (*records.operations(registry), *asking.operations(registry), *commanding.operations(registry))
    return (*login.OPERATIONS, *looking.OPERATIONS, *paying.OPERATIONS, *made)


def router(hub: Hub) -> APIRouter:
    """The routes below /api/v1."""
    api = Api(hub, Tokens(hub.keys.signing), Desk(hub.app), Allowance(REQUESTS, 2 * REQUESTS))
    strangers = Allowance(STRANGERS, 2 * STRANGERS)
    made = APIRouter()
    declared = operations(hub.app.registry)
    for operation in declared:
        made.add_route(
            BASE + operation.path, _route(api, strangers, operation), methods=[operation.method], include_in_schema=False
        )
    made.add_route(BASE + "/openapi.json", document.as_json(hub.app.registry, declared), methods=["GET"], include_in_schema=False)
    made.add_route(BASE + "/docs", document.as_page(hub.app.registry, declared), methods=["GET"], include_in_schema=False)
    return made


def _route(api: Api, strangers: Allowance, operation: Operation) -> Callable[[Request], Awaitable[Response]]:
    """What answers one operation. All but the reading of the body happens on a thread, since it asks the database."""

    async def answer(request: Request) -> Response:
        content = await _body(request, operation.largest)
        return await run_in_threadpool(_served, api, strangers, operation, request, content)

    return answer


def _served(api: Api, strangers: Allowance, operation: Operation, request: Request, content: bytes) -> Response:
    words.speak(_language(request))
    try:
        return _told(request, _done(api, strangers, operation, request, content))
    except Refused as refused:  # told here, in the language of whoever asks
        return problems.answer(request, problems.status_of(refused.problem), refused.problems)


def _done(api: Api, strangers: Allowance, operation: Operation, request: Request, content: bytes) -> Reply:
    call = partial(
        Call,
        api,
        path=request.path_params,
        query=tuple(request.query_params.multi_items()),
        headers=request.headers,
        address=request.client.host if request.client else "",
    )
    if operation.public:
        _hold(strangers, call().address)
        told = {"text": content.decode(errors="replace")} if operation.raw else {"body": _object(request, content)}
        return operation.handler(call(**told))
    known = login.known(call(), _bearer(request))
    _hold(api.allowance, known.actor.id)
    words.speak(known.actor.language)
    body = _object(request, content) if operation.body is not None else {}
    return operation.handler(call(known.actor, known.login, body=body))


def _told(request: Request, reply: Reply) -> Response:
    headers = dict(reply.headers)
    if reply.problems:
        made = problems.answer(request, reply.status, reply.problems, **(reply.body or {}))
        made.headers.update(headers)
        return made
    if reply.status == 204:
        return Response(status_code=204, headers=headers)
    return JSONResponse(reply.body, reply.status, headers)


# --------------------------------------------------------------------------------------------------------------- reading


async def _body(request: Request, largest: int) -> bytes:
    """The whole body, as long as it is no larger than any of these and comes soon enough."""
    try:
        content = await body_of(request, largest)
    except ClientDisconnect:
        raise Refused(Problem("api.slow", _("The request did not come to its end."), hint=_("Send it again."))) from None
    if content is None:
        raise Refused(_too_large(largest))
    return content


def _object(request: Request, content: bytes) -> dict[str, Any]:
    """The body as one JSON object that cannot mean two things; an empty one says nothing."""
    if not content.strip():
        return {}
    kind = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    try:
        value = strict.read(content)
    except (ValueError, RecursionError):
        raise Refused(_unreadable()) from None
    if kind != "application/json" or not isinstance(value, dict):
        raise Refused(_unreadable())
    if not strict.fits(value, DEEPEST, LONGEST):
        raise Refused(_too_large())
    return value


def _bearer(request: Request) -> str:
    scheme, _space, token = request.headers.get("authorization", "").partition(" ")
    if scheme.lower() != "bearer" or not token:
        raise Refused(login.not_good())
    return token.strip()


def _language(request: Request) -> str:
    first = request.headers.get("accept-language", "").replace(";", ",").partition(",")[0].strip()
    return first if LANGUAGE.fullmatch(first) else "en"


def _hold(allowance: Allowance, whose: object) -> None:
    wait = allowance.take(whose)
    if wait:
        message, hint = _("Too many requests come from here."), _("Wait a second, and ask more slowly.")
        raise Refused(Problem("api.too_many", message, hint=hint))


def _unreadable() -> Problem:
    message, hint = (
        _("The body is not one JSON object that can be read."),
        _("Send one as application/json, each name in it once."),
    )
    return Problem("api.json", message, hint=hint)


def _too_large(largest: int = LARGEST) -> Problem:
    return Problem(
        "api.size",
        _("The body is larger, deeper or has longer texts than any of ours."),
        hint=_("Send at most {most} KB, {deepest} levels and texts of {longest} characters."),
        values={"most": largest // 1024, "deepest": DEEPEST, "longest": LONGEST},
    )
