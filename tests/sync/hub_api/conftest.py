"""A hub over HTTP, without a network: a furnished workshop, a second organisation, and people who log in."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest
from postgres_fixture import Databases
from sqlalchemy import URL

from app.access import families
from app.access.commands import SetPin
from app.access.model import Person
from app.access.pins import pin_verifier
from app.kernel.access import Actor
from sync.hub import api
from sync.hub.main import Hub, asgi
from sync.hub.tokens import Claims, Tokens
from world import World

PIN = "407192"
API = "/api/v1"


class Line:
    """Requests to the hub's program itself: all of HTTP but the network."""

    def __init__(self, hub: Hub, address: str = "192.0.2.7") -> None:
        self._loop = asyncio.Runner()
        transport = httpx.ASGITransport(asgi(hub), raise_app_exceptions=False, client=(address, 40000))
        self._client = httpx.AsyncClient(transport=transport, base_url="http://hub")

    def request(self, method: str, path: str, **more: Any) -> httpx.Response:
        return self._loop.run(self._client.request(method, path, **more))

    def close(self) -> None:
        self._loop.run(self._client.aclose())
        self._loop.close()


@dataclass
class Served:
    """The hub as other programs meet it; `world` is the workshop in it, `other` a second organisation."""

    hub: Hub
    world: World
    other: World
    client: Line
    people: dict[str, Actor]

    def login(self, username: str, organisation: str = "Moto Keller", pin: str = PIN) -> Any:
        body = {"username": username, "pin": pin, "organisation": organisation}
        return self.client.request("POST", f"{API}/auth/login", json=body)

    def as_(self, username: str, organisation: str = "Moto Keller") -> Caller:
        """Somebody with a token."""
        told = self.login(username, organisation)
        assert told.status_code == 200, told.text
        return Caller(self.client, told.json()["access_token"])

    def caller(self, actor: Actor) -> Caller:
        """Somebody who has logged in, without the work of checking a PIN."""
        with self.hub.session(actor.org_id) as session:
            person = session.get_one(Person, actor.id)
            begun = families.begin(session, person, self.hub.app.clock.now())
            session.commit()
        return Caller(self.client, Tokens(self.hub.keys.signing).issue(Claims(actor.id, actor.org_id, begun.family)))


@dataclass
class Caller:
    """Asks in somebody's name."""

    client: Line
    token: str

    def __call__(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        sent = {"Authorization": f"Bearer {self.token}", **{name.replace("_", "-"): value for name, value in headers.items()}}
        return self.client.request(method, API + path, json=body, headers=sent)

    def get(self, path: str) -> Any:
        return self("GET", path)

    def done(self, method: str, path: str, body: Any = None, **headers: str) -> Any:
        """What must go well; the body that came back."""
        told = self(method, path, body, **headers)
        assert told.status_code in (200, 201), told.text
        return told.json()


@pytest.fixture(scope="session")
def verifier() -> str:
    return pin_verifier(PIN)


@contextmanager
def serving(url: URL, folder: Path, verifier: str) -> Iterator[Served]:
    """Nora looks after everything, Kim keeps the store, Vic only looks; Olga looks after another company."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(api, "REQUESTS", 1e6)  # tests ask faster than people
        patch.setattr(api, "STRANGERS", 1e6)
        hub = Hub.open(url, folder)
        world, other = World(hub.app).furnish(), World(hub.app)
        other.save("organisation", id=other.org, name="Rad und Tat")
        people = {"nora": world.person("Nora", "ADM"), "kim": world.person("Kim", "KEE"), "vic": world.person("Vic", "VIE")}
        people["olga"] = other.person("Olga", "ADM")
        for name, person in people.items():
            (other if name == "olga" else world).done(SetPin(person=person.id, verifier=verifier))
        line = Line(hub)
        yield Served(hub, world, other, line, people)
        line.close()
        hub.close()


@pytest.fixture
def served(postgres: URL, tmp_path: Path, verifier: str) -> Iterator[Served]:
    """A hub of the test's own."""
    with serving(postgres, tmp_path / "hub", verifier) as made:
        yield made


@pytest.fixture(scope="module")
def standing(
    postgres_server: Databases, postgres_template: URL, tmp_path_factory: pytest.TempPathFactory, verifier: str
) -> Iterator[Served]:
    """A hub for all tests of a module that change nothing there."""
    url = postgres_server.create(postgres_template.database or "")
    with serving(url, tmp_path_factory.mktemp("hub"), verifier) as made:
        yield made
    postgres_server.drop(url)
