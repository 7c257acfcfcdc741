"""What is wrong, told over HTTP as RFC 9457 has it: a code for programs, a sentence and advice for people, and a trace."""

from __future__ import annotations

import logging
from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from fastapi import FastAPI
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _

MEDIA = "application/problem+json"
KIND = "urn:fettle:problem:"
STATUS: Mapping[str, int] = {  # where 422, “understood, and not so”, says too little
    "access.denied": 403,
    "access.locked": 429,
    "access.out_of_scope": 403,
    "api.changed": 412,
    "api.json": 400,
    "api.key": 400,
    "api.login": 401,
    "api.no_login": 404,
    "api.organisation": 400,
    "api.parameter": 400,
    "api.size": 413,
    "api.slow": 408,
    "api.token": 401,
    "api.too_many": 429,
    "ask.key": 400,
    "ask.missing": 400,
    "ask.no_argument": 400,
    "ask.no_column": 400,
    "ask.no_operator": 400,
    "ask.unreadable": 400,
    "command.id_taken": 409,
    "payments.closed": 404,
    "payments.forged": 403,
    "payments.provider": 404,
    "payments.stale": 403,
    "payments.unknown": 404,
    "payments.unreadable": 400,
    "row.missing": 404,
    "state.illegal": 409,
    "unknown.name": 404,
    "work_orders.locked": 409,
}
AWAY = (OperationalError, InterfaceError, PoolTimeout)  # what a database that is busy or away shows itself by
RETRY = "5"  # seconds after which what is busy or away is worth another try
log = logging.getLogger(__name__)


def status_of(problem: Problem) -> int:
    """The HTTP status that fits a problem."""
    return STATUS.get(problem.code, 422)


def trace_of(request: Request) -> str:
    """What finds this very request in the logs: its X-Request-Id, theirs or ours."""
    return str(getattr(request.state, "trace_id", ""))


def answer(request: Request, status: int, problems: Sequence[Problem], **more: Any) -> Response:
    """A problem document. The first problem gives it its name; `problems` lists all of them."""
    first = problems[0]
    body = {
        "type": KIND + first.code,
        "title": first.sentence,
        "status": status,
        "detail": first.advice,
        "instance": request.url.path,
        "code": first.code,
        "hint": first.advice,
        "field": first.field,
        "trace_id": trace_of(request),
        "problems": [problem.as_json() for problem in problems],
        **more,
    }
    return JSONResponse(body, status, _headers(status, first), MEDIA)


def _headers(status: int, problem: Problem) -> dict[str, str]:
    if status == HTTPStatus.UNAUTHORIZED:
        return {"WWW-Authenticate": 'Bearer realm="fettle"'}
    if status == HTTPStatus.TOO_MANY_REQUESTS:
        return {"Retry-After": str(60 * int(str(problem.values.get("minutes", 0)) or 0) or 1)}
    return {"Retry-After": RETRY} if status == HTTPStatus.SERVICE_UNAVAILABLE else {}


def bug(request: Request) -> Response:
    """A mistake of ours: it is in the log under the trace, and nothing of it is told."""
    message, hint = _("The hub has made a mistake."), _("Tell support this number: {trace}.")
    return answer(request, 500, [Problem("hub.bug", message, hint=hint, values={"trace": trace_of(request)})])


def install(app: FastAPI) -> None:
    """Makes every refusal, trouble and unknown path a problem document."""
    app.add_exception_handler(Refused, _refused)
    app.add_exception_handler(Trouble, _trouble)
    app.add_exception_handler(HTTPException, _http)
    for away in AWAY:
        app.add_exception_handler(away, _away)


async def _refused(request: Request, error: Any) -> Response:
    return answer(request, status_of(error.problem), error.problems)


async def _trouble(request: Request, error: Any) -> Response:
    log.warning("%s %s", trace_of(request), error)
    return answer(request, 503, [error.problem])


async def _away(request: Request, error: Any) -> Response:
    log.warning("%s The database is away or busy: %s", trace_of(request), type(error).__name__)
    message, hint = _("The hub's database is away or busy: nothing of this was saved."), _("Wait a moment, then do it again.")
    return answer(request, 503, [Problem("hub.database", message, hint=hint)])


async def _http(request: Request, error: Any) -> Response:
    made = answer(request, error.status_code, [_unknown(error.status_code)])
    made.headers.update(error.headers or {})
    return made


def _unknown(status: int) -> Problem:
    """What stands for a status that comes from the routes themselves: no such path, no such method."""
    if status == HTTPStatus.NOT_FOUND:
        return Problem("api.no_route", _("There is nothing at this address."), hint=_("See what there is at /api/v1/docs."))
    phrase = HTTPStatus(status).phrase
    message, hint = _("The hub does not take this: {phrase}."), _("See what it takes at /api/v1/docs.")
    return Problem("api.refused", message, hint=hint, values={"phrase": phrase})
