"""Where Odoo's automation says that a record changed. It carries no signature, so the address holds a secret, and what it says is
only a hint: the bridge is woken, and reads for itself."""

from __future__ import annotations

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from uuid import UUID

from fastapi import APIRouter
from sqlalchemy import delete, select
from sqlalchemy.orm import Session
from starlette.concurrency import run_in_threadpool
from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response

from app.assemble import App
from app.kernel import rls
from app.kernel.rows import table_of
from app.kernel.upsert import dialect_insert
from app.odoo.records import OdooEvent, OdooInstance
from sync.hub.answering import body_of

ROOT = "/odoo/hook/"
PATH = ROOT + "{secret}"
LARGEST = 64 << 10  # bytes of a body
LONGEST = 200  # characters of a secret that are looked at
BELIEVED = 5.0  # seconds for which this process believes the secrets that it has read
KEPT = timedelta(days=7)  # for which a hint that came is known, should it come again
SWEEP = 3600.0  # seconds between two times that old ones are cleared away
Wake = Callable[[UUID], None]


@dataclass(frozen=True)
class Hint:
    """What Odoo said: a record of a model changed. `sha` is of all it said, which has the moment of the change in it."""

    model: str
    number: int
    sha: str


class Hooks:
    """Takes hints. Nobody learns from the answer, or from how long it takes, how near to a secret he was."""

    def __init__(self, app: App, wake: Wake, *, clock: Callable[[], float] = time.monotonic) -> None:
        """`wake` lets the bridge look at an organisation's Odoo soon."""
        self._app = app
        self._wake = wake
        self._clock = clock
        self._secrets: list[tuple[UUID, bytes]] = []
        self._until = -BELIEVED
        self._swept = -SWEEP

    def take(self, secret: str, body: bytes) -> HTTPStatus:
        """What is answered: 404 for whoever knows no secret, 400 for what is no hint, else 204, also for one seen before."""
        org_id = self._whose(secret)
        if org_id is None:
            return HTTPStatus.NOT_FOUND
        hint = read(body)
        if hint is None:
            return HTTPStatus.BAD_REQUEST
        if self._noted(org_id, hint):
            self._wake(org_id)
        return HTTPStatus.NO_CONTENT

    def _whose(self, secret: str) -> UUID | None:
        """Every secret is compared, whole, whichever fits."""
        given, found = secret[:LONGEST].encode("utf-8", "replace"), None
        for org_id, known in self._known():
            if hmac.compare_digest(given, known):
                found = org_id
        return found

    def _known(self) -> list[tuple[UUID, bytes]]:
        now = self._clock()
        if now >= self._until:
            with Session(self._app.read_engine) as session:
                rls.serve_all(session)
                rows = session.execute(select(OdooInstance.org_id, OdooInstance.secret_a, OdooInstance.secret_b)).all()
            self._secrets = [(org, one.encode()) for org, *both in rows for one in both if one]
            self._until = now + BELIEVED
        return self._secrets

    def _noted(self, org_id: UUID, hint: Hint) -> bool:
        """Whether it is the first time."""

        def written() -> bool:
            with self._app.writer.sessions(info={"orgs": frozenset({org_id})}) as session:
                self._sweep(session)
                row = {"org_id": org_id, **vars(hint), "at": self._app.clock.now(), "done": False}
                fresh = dialect_insert(table_of(OdooEvent), session.get_bind().dialect.name).values(row)
                new = session.scalar(fresh.on_conflict_do_nothing(index_elements=["org_id", "sha"]).returning(OdooEvent.id))
                session.commit()
                return new is not None

        return self._app.writer.run(written)

    def _sweep(self, session: Session) -> None:
        now = self._clock()
        if now - self._swept >= SWEEP:
            self._swept = now
            session.execute(delete(OdooEvent).where(OdooEvent.at < self._app.clock.now() - KEPT))

    async def heard(self, request: Request) -> Response:
        """The route."""
        try:
            body = await body_of(request, LARGEST)
        except ClientDisconnect:
            return Response(status_code=HTTPStatus.BAD_REQUEST)
        if body is None:
            return Response(status_code=HTTPStatus.REQUEST_ENTITY_TOO_LARGE)
        return Response(status_code=await run_in_threadpool(self.take, request.path_params["secret"], body))


def read(body: bytes) -> Hint | None:
    """A hint as Odoo's action “Send Webhook Notification” writes it; None where it is none."""
    try:
        told = json.loads(body)
    except (ValueError, RecursionError):
        return None
    if not isinstance(told, Mapping):
        return None
    model, number = told.get("_model"), told.get("_id")
    if not isinstance(model, str) or not isinstance(number, int) or isinstance(number, bool):
        return None
    fits = 0 < len(model) <= 64 and model.isascii() and model.isprintable() and 0 < number < 1 << 31
    return Hint(model, number, hashlib.sha256(body).hexdigest()) if fits else None


def router(hooks: Hooks) -> APIRouter:
    made = APIRouter()
    made.add_route(PATH, hooks.heard, methods=["POST"], include_in_schema=False)
    return made
