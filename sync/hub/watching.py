"""What the hub tells those who watch over it: how many requests and how slow, what waits, what lags, what wants people."""

from __future__ import annotations

import logging
import time
from collections.abc import Iterable, Iterator
from typing import TYPE_CHECKING, Any
from uuid import UUID

from fastapi import APIRouter
from prometheus_client import CollectorRegistry, Counter, Histogram, generate_latest
from prometheus_client.core import GaugeMetricFamily, Metric
from prometheus_client.exposition import CONTENT_TYPE_PLAIN_0_0_4
from sqlalchemy import ColumnElement, func, select
from sqlalchemy.orm import Session
from starlette.responses import Response
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from app.kernel import feed
from app.kernel.records import PARKED, Discrepancy, EnvelopeRow
from app.kernel.rows import table_of
from app.terminals.model import ACTIVE, Terminal, TerminalSeen
from sync.hub import odoo_hooks
from sync.hub.answering import ROOT

if TYPE_CHECKING:
    from sync.hub.main import Hub

BUCKETS = (0.005, 0.01, 0.025, 0.05, 0.1, 0.2, 0.5, 1.0, 2.5, 10.0, 30.0)
KEPT = 5.0  # seconds for which the numbers out of the database stand, however often they are asked
log = logging.getLogger(__name__)
ELSEWHERE = "other"  # the route of a path that nothing serves: strangers must not fill the memory with names


class Watch:
    """The numbers of one process of the hub."""

    def __init__(self, hub: Hub) -> None:
        self.registry = CollectorRegistry()
        labels = ("method", "route", "status")
        self.requests = Counter("fettle_requests_total", "Requests answered.", labels, registry=self.registry)
        self.seconds = Histogram(
            "fettle_request_seconds", "How long answers took.", ("route",), buckets=BUCKETS, registry=self.registry
        )
        self.errors = Counter("fettle_errors_total", "Answers with a status of 500 or more.", ("route",), registry=self.registry)
        self.registry.register(Standing(hub))

    def note(self, method: str, route: str, status: int, seconds: float) -> None:
        self.requests.labels(method, route, str(status)).inc()
        self.seconds.labels(route).observe(seconds)
        if status >= 500:
            self.errors.labels(route).inc()


class Counted:
    """ASGI middleware that notes every answer. Of terminals, who ask all the time, only what went wrong is in the log."""

    def __init__(self, app: ASGIApp, watch: Watch) -> None:
        self._app = app
        self._watch = watch

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, status = time.perf_counter(), 500

        async def sending(message: Message) -> None:
            nonlocal status
            status = message.get("status", status)
            await send(message)

        try:
            await self._app(scope, receive, sending)
        finally:
            seconds = time.perf_counter() - begun
            self._watch.note(_method(scope), _route(scope), status, seconds)
            if status >= 400 or not scope["path"].startswith(ROOT):
                log.info("%s %s answered %d in %.0f ms", scope["method"], _path(scope), status, 1000 * seconds)


def _method(scope: Scope) -> str:
    known = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
    return scope["method"] if scope["method"] in known else ELSEWHERE


def _path(scope: Scope) -> str:
    """As it was asked for; without what is secret in it."""
    return odoo_hooks.PATH if scope["path"].startswith(odoo_hooks.ROOT) else str(scope["path"])


def _route(scope: Scope) -> str:
    """The route's own spelling, without anybody's id in it."""
    return getattr(scope.get("route"), "path", None) or ELSEWHERE


class Standing:
    """Numbers that are read from the database when somebody asks, at most every few seconds."""

    def __init__(self, hub: Hub) -> None:
        self._hub = hub
        self._read: list[Metric] = []
        self._until = 0.0

    def describe(self) -> Iterable[Metric]:
        return ()  # else the registry would ask the database for the names

    def collect(self) -> Iterator[Metric]:
        if time.monotonic() > self._until:
            self._read = list(self._fresh())
            self._until = time.monotonic() + KEPT
        yield from self._read

    def _fresh(self) -> Iterator[Metric]:
        with self._hub.session(*self._hub.organisations()) as session:
            yield from self._records(session)
            yield from self._commands(session)
            yield from self._terminals(session)
            cards = select(func.count()).where(Discrepancy.state == "open")
            yield _gauge("fettle_conflicts_open", "Cards that wait for somebody to decide.", session.scalar(cards))

    def _records(self, session: Session) -> Iterator[Metric]:
        """How many records of each kind that goes through states stand in which."""
        told = GaugeMetricFamily("fettle_records", "Records by their state, such as jobs.", labels=("entity", "state"))
        for entity, machine in self._hub.app.registry.machines.items():
            state: ColumnElement[Any] = table_of(entity).c[machine.field]
            for name, many in session.execute(select(state, func.count()).group_by(state)):
                told.add_metric((entity.__tablename__, str(name)), many)
        yield told

    def _commands(self, session: Session) -> Iterator[Metric]:
        told = GaugeMetricFamily("fettle_commands", "Commands by what became of them.", labels=("state",))
        by_state = select(EnvelopeRow.state, func.count()).group_by(EnvelopeRow.state)
        states: dict[str, int] = {state: many for state, many in session.execute(by_state)}
        for name in sorted({*states, PARKED}):
            told.add_metric((name,), states.get(name, 0))
        yield told
        yield _gauge("fettle_feed_head", "The feed's last number.", feed.head(session))

    def _terminals(self, session: Session) -> Iterator[Metric]:
        told = [GaugeMetricFamily(name, about, labels=("terminal",)) for name, about in OF_TERMINALS]
        head = feed.head(session)
        now = self._hub.app.clock.now().timestamp()
        for terminal, seen in _seen(session):
            numbers = _of_one(seen, now, head)
            for family, number in zip(told, numbers, strict=True):
                family.add_metric((terminal.hex,), number)
        yield from told


OF_TERMINALS = (
    ("fettle_terminal_waiting", "Commands that wait on a terminal, as it last said."),
    ("fettle_terminal_oldest_seconds", "How old the oldest of them is by now."),
    ("fettle_terminal_silent_seconds", "How long nothing was heard of a terminal."),
    ("fettle_terminal_lag", "How many numbers of the feed a terminal had not yet fetched."),
)


def _seen(session: Session) -> Iterator[tuple[UUID, TerminalSeen]]:
    wanted = select(TerminalSeen).join(Terminal, Terminal.id == TerminalSeen.terminal_id).where(Terminal.state == ACTIVE)
    for seen in session.scalars(wanted):
        yield seen.terminal_id, seen


def _of_one(seen: TerminalSeen, now: float, head: int) -> tuple[float, float, float, float]:
    silent = max(0.0, now - seen.at.timestamp())
    began = (seen.heartbeat or {}).get("oldest_ms")
    oldest = max(0.0, now - began / 1000) if seen.waiting and isinstance(began, int) and began > 0 else 0.0
    return seen.waiting, oldest, silent, max(0, head - seen.cursor)


def _gauge(name: str, about: str, number: float | None) -> Metric:
    return GaugeMetricFamily(name, about, value=number or 0)


def router(watch: Watch) -> APIRouter:
    made = APIRouter()

    @made.get("/metrics", include_in_schema=False)
    def metrics() -> Response:
        """All numbers, as Prometheus reads them."""
        return Response(generate_latest(watch.registry), media_type=CONTENT_TYPE_PLAIN_0_0_4)

    return made
