"""Odoo 14 to 18, and whichever later one still has it: JSON-RPC, one route for all, the user's number and key in each call."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from itertools import count
from typing import Any

from sync.odoo import errors, line
from sync.odoo.errors import Said
from sync.odoo.line import DEADLINE, Line, until
from sync.odoo.loading import Loading
from sync.odoo.version import Version, known
from sync.pool import Reply

ROUTE = "/jsonrpc"
LATER = "/web/version"  # says it without JSON-RPC, since 19
_numbers = count(1)


class JsonRpc(Loading):
    """As `transport.Odoo` has it."""

    def __init__(
        self,
        url: str,
        db: str,
        login: str,
        key: str,
        *,
        context: Mapping[str, Any] | None = None,
        deadline: float = DEADLINE,
        version: Version | None = None,
    ) -> None:
        """`context` lies beneath that of every call. Nothing is asked yet; Refused where the address is none."""
        self._line = Line(url)
        self._db, self._login, self._key = db, login, key
        self._context = dict(context or {})
        self._deadline = deadline
        self._version = version
        self._user = 0

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        deadline = until(self._deadline)
        args: list[Any] = [list(ids)] if ids else []
        if method == "create" and "vals_list" in named:
            args.append(named.pop("vals_list"))  # up to 18 it looks at the first argument, named or not
        named["context"] = {**self._context, **(context or {})}
        who = (self._db, self._signed_in(deadline), self._key)
        return _asked(self._line, "object", "execute_kw", [*who, model, method, args, named], deadline)

    def user(self) -> int:
        return self._signed_in(until(self._deadline))

    def version(self) -> Version:
        self._version = self._version or asked_version(self._line, until(self._deadline))
        return self._version

    def close(self) -> None:
        self._line.close()

    def _signed_in(self, deadline: float) -> int:
        if not self._user:
            found = _asked(self._line, "common", "login", [self._db, self._login, self._key], deadline)
            if not isinstance(found, int) or not found:
                raise Said("odoo.exceptions.AccessDenied", "Access Denied", status=HTTPStatus.UNAUTHORIZED)
            self._user = found
        return self._user


def asked_version(asked: Line, deadline: float) -> Version:
    """Which Odoo is at the other end of a line; Away where it is none."""
    reply = asked.post(ROUTE, _message("common", "version", []), deadline)
    if reply.status == HTTPStatus.NOT_FOUND:
        told = line.read(asked.get(LATER, deadline))
        text = told.get("version") if isinstance(told, dict) else ""
    else:
        told = result(reply)
        text = told.get("server_version") or told.get("server_serie") if isinstance(told, dict) else ""
    found = known(str(text))
    if found is None:
        raise line.stranger(reply)
    return found


def _asked(asked: Line, service: str, method: str, args: list[Any], deadline: float) -> Any:
    return result(asked.post(ROUTE, _message(service, method, args), deadline))


def _message(service: str, method: str, args: list[Any]) -> dict[str, Any]:
    params = {"service": service, "method": method, "args": args}
    return {"jsonrpc": "2.0", "method": "call", "id": next(_numbers), "params": params}


def result(reply: Reply) -> Any:
    """The result; Said where Odoo says no, Away where nobody of Odoo's said anything."""
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise line.busy(reply)
    told = line.read(reply)
    if not isinstance(told, dict) or told.get("jsonrpc") != "2.0":
        raise line.stranger(reply)
    if "error" in told:
        raise errors.said_in(told["error"])
    return told.get("result")  # a method that answers nothing has none
