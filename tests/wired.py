"""A hub behind its routes for tests: over ASGI without a socket, or on a real port; and servers that misbehave."""

from __future__ import annotations

import asyncio
import contextlib
import socket
import threading
from collections.abc import Callable, Mapping
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import httpx
from fastapi import FastAPI
from replay_world import LEFT, RIGHT, Machine, Trio
from starlette.requests import Request

from app.kernel.problems import Problem, Refused
from sync import signing
from sync.hub import wire as routes
from sync.hub.door import Door
from sync.pool import Reply
from sync.terminal.http import HttpPeer, Key

KEYS = {ident: signing.keypair() for ident in (LEFT, RIGHT)}


class Gate:
    """Who may come in: stands for the hub's register of terminals."""

    def __init__(self, now_ms: Callable[[], int]) -> None:
        self.now_ms = now_ms
        self.shut: dict[UUID, Problem] = {}
        self.nonces = signing.SeenNonces()

    def __call__(self, request: Request, body: bytes) -> UUID:
        try:
            terminal = UUID(request.headers.get(signing.TERMINAL, ""))
            public = KEYS[terminal][1]
        except (ValueError, KeyError):
            raise Refused(Problem("device.unknown", "The hub does not know this terminal.")) from None
        target = request.url.path + (f"?{request.url.query}" if request.url.query else "")
        signing.verify(public, request.headers, request.method, target, body, self.now_ms(), self.nonces)
        if terminal in self.shut:
            raise Refused(self.shut[terminal])
        return terminal


class Client:
    """Asks an ASGI application without a socket."""

    def __init__(self, asgi: Any) -> None:
        transport = httpx.ASGITransport(asgi, raise_app_exceptions=False)
        self._client = httpx.AsyncClient(transport=transport, base_url="http://hub")

    def ask(self, method: str, target: str, body: bytes = b"", headers: Mapping[str, str] | None = None) -> httpx.Response:
        return asyncio.run(self._client.request(method, target, content=body, headers=dict(headers or {})))


class WiredHub:
    """The hub of three machines, reached by its routes."""

    def __init__(self, trio: Trio, peer: Any = None) -> None:
        self.trio = trio
        self.gate = Gate(trio.hub.app.clock.now_ms)
        self.stopping = threading.Event()
        self.hub = SimpleNamespace(app=trio.hub.app, peer=peer or trio.peer, engine=trio.hub.engine, stopping=self.stopping)
        self.asgi = FastAPI()
        self.asgi.include_router(routes.routes(cast(Any, self.hub), self.gate))
        self.asgi.add_middleware(Door)
        self.client = Client(self.asgi)

    def key(self, terminal: UUID = LEFT) -> Key:
        return Key(terminal, KEYS[terminal][0])

    def peer(self, machine: Machine, carrier: Any = None) -> HttpPeer:
        return HttpPeer(carrier or Through(self.client), self.key(machine.station.id), machine.app.clock.now_ms)

    def post(self, name: str, body: bytes, *, terminal: UUID = LEFT, **headers: str) -> Any:
        """A request as its terminal signs it, with whatever is in it."""
        target = f"/sync/v1/{name}"
        nonce = UUID(int=self._next()).hex
        signed = signing.sign(KEYS[terminal][0], "POST", target, self.gate.now_ms(), nonce, body)
        return self.client.ask("POST", target, body, {signing.TERMINAL: terminal.hex, **signed, **headers})

    def _next(self) -> int:
        self._nonce = getattr(self, "_nonce", 0) + 1
        return self._nonce


class Through:
    """Carries requests into an ASGI application, and changes what comes back where a test says so."""

    def __init__(self, client: Client, change: Callable[[Reply], Reply] = lambda reply: reply) -> None:
        self.client, self.change = client, change
        self.carried: list[str] = []

    def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, poll: bool = False) -> Reply:
        self.carried.append(target)
        answer = self.client.ask(method, target, body, headers)
        return self.change(
            Reply(answer.status_code, {name.lower(): value for name, value in answer.headers.items()}, answer.content)
        )

    def hurry(self) -> None:
        pass

    def calm(self) -> None:
        pass

    def close(self) -> None:
        pass

    def end(self) -> None:
        pass


class Answering:
    """A server on a port of its own that reads some of what it is sent and answers every caller with these parts.

    `pause` is called before each part; one that does not `close` then says nothing more, and holds the line.
    """

    def __init__(self, *parts: bytes, pause: Callable[[], object] = lambda: None, close: bool = True) -> None:
        self._parts, self._pause, self._close = parts, pause, close
        self._listening = socket.create_server(("127.0.0.1", 0))
        self._held: list[socket.socket] = []
        self.callers = 0

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self._listening.getsockname()[1]}"

    def __enter__(self) -> Answering:
        threading.Thread(target=self._serve, daemon=True).start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._listening.close()
        for one in self._held:
            one.close()

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                caller, _where = self._listening.accept()
                self._held.append(caller)
                self.callers += 1
                threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        with contextlib.suppress(OSError):
            caller.recv(1 << 16)
            for part in self._parts:
                self._pause()
                caller.sendall(part)
            if self._close:
                caller.close()
