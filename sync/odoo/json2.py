"""Odoo 19 and later: JSON-2, one route a method, a key in the header.

https://www.odoo.com/documentation/19.0/developer/reference/external_api.html
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from http import HTTPStatus
from typing import Any

from sync.odoo import errors, line
from sync.odoo.errors import Said
from sync.odoo.jsonrpc import asked_version
from sync.odoo.line import DEADLINE, Line, until
from sync.odoo.loading import Loading
from sync.odoo.version import Version
from sync.pool import Reply


class Json2(Loading):
    """As `transport.Odoo` has it."""

    def __init__(
        self,
        url: str,
        db: str,
        key: str,
        *,
        context: Mapping[str, Any] | None = None,
        deadline: float = DEADLINE,
        version: Version | None = None,
    ) -> None:
        """`context` lies beneath that of every call. Nothing is asked yet; Refused where the address is none."""
        self._line = Line(url)
        self._headers = {"Authorization": f"bearer {key}", **({"X-Odoo-Database": db} if db else {})}
        self._context = dict(context or {})
        self._deadline = deadline
        self._version = version

    def call(
        self, model: str, method: str, ids: Sequence[int] = (), *, context: Mapping[str, Any] | None = None, **named: Any
    ) -> Any:
        body = {**named, "context": {**self._context, **(context or {})}}
        if ids:
            body["ids"] = list(ids)
        return answered(self._line.post(f"/json/2/{model}/{method}", body, until(self._deadline), self._headers))

    def user(self) -> int:
        return int(self.call("res.users", "context_get")["uid"])

    def version(self) -> Version:
        self._version = self._version or asked_version(self._line, until(self._deadline))
        return self._version

    def close(self) -> None:
        self._line.close()


def answered(reply: Reply) -> Any:
    """The result; Said where Odoo says no, Away where nobody of Odoo's said anything."""
    if reply.status == HTTPStatus.OK:
        return line.read(reply)
    said = errors.read_said(reply.body, reply.status) if reply.kind() == "application/json" else None
    if said is not None:
        raise said
    if reply.status == HTTPStatus.UNAUTHORIZED:
        raise Said("werkzeug.exceptions.Unauthorized", "Invalid apikey", status=reply.status)
    if reply.status == HTTPStatus.NOT_FOUND and b"No database is selected" in reply.body:
        raise Said(errors.NO_DATABASE, "no such database", status=reply.status)
    if reply.status == HTTPStatus.TOO_MANY_REQUESTS or reply.status >= HTTPStatus.INTERNAL_SERVER_ERROR:
        raise line.busy(reply)
    raise line.stranger(reply)
