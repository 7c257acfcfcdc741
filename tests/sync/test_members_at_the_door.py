"""An enrolled terminal that says what no program of ours says, or says it slowly, twice, or elsewhere, is told so in words."""

from __future__ import annotations

import asyncio
import secrets
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
from sqlalchemy import URL, func, select
from sqlalchemy.orm import Session
from wired import Client

from app.terminals.model import RequestSeen
from sync import signing, wire
from sync.enrolment import Asked
from sync.hub import answering
from sync.hub.enrolling import enrol, invite
from sync.hub.main import Hub, asgi
from sync.hub.nonces import SWEEP_MS, Nonces
from sync.protocol import Compare, Hello, Link, Pull, Push, Reborn, Rows, Sent, Wanted
from world import World


class Member:
    """A terminal of the hub, which signs whatever it is told to say."""

    def __init__(self, hub: Hub, world: World) -> None:
        self.hub, self.world = hub, world
        self.private, public = signing.keypair()
        code = invite(hub.app, hub.keys, world.org, name="Counter").code
        self.id = UUID(enrol(hub.app, hub.keys, Asked(code, public.hex())).terminal)
        self.client = Client(asgi(hub))

    def headers(self, target: str, body: bytes) -> dict[str, str]:
        signed = signing.sign(self.private, "POST", target, self.hub.app.clock.now_ms(), secrets.token_hex(16), body)
        return {signing.TERMINAL: self.id.hex, **signed}

    def says(self, name: str, *messages: object) -> Any:
        target, body = f"/sync/v1/{name}", wire.pack(*messages)
        return self.client.ask("POST", target, body, self.headers(target, body))


def opened(postgres: URL, folder: Path) -> Hub:
    return Hub.open(postgres, folder)


@pytest.fixture
def member(hub: World, postgres: URL, tmp_path: Path) -> Iterator[Member]:
    hub.furnish()
    made = opened(postgres, tmp_path / "hub")
    yield Member(made, hub)
    made.close()


NONSENSE = {
    "an id that is none": ("rows", Rows("", "part", ("nonsense",))),
    "more rows than anybody asks for": ("rows", Rows("", "part", ("0" * 32,) * 2_001)),
    "digits without end": ("compare", Compare("", 0, "part", digits=1 << 40)),
    "a number that no database has": ("compare", Compare("", 1 << 63, "part", digits=2, paths=("aa",))),
    "more buckets than there are": ("compare", Compare("", 0, "part", digits=2, paths=("aa",) * 70_000)),
    "a bucket with a zero in it": ("compare", Compare("", 0, "part", digits=2, paths=("a\0",))),
    "a chain that is too long": ("reborn", Reborn("", (Link(1, "x"),) * 101)),
    "a link that no chain has": ("reborn", Reborn("", (Link(1 << 63, "x"),))),
    "a token that nobody gave": ("hello", Hello("", 0, 0, incarnation="9:" + "x" * 100)),
    "a machine with a zero in it": ("hello", Hello("", 0, 0, machine="\0")),
    "a series that is too long": ("hello", Hello("", 0, 0, (Wanted("x" * 200, "2026", 5),))),
    "more numbers than anybody wants": ("hello", Hello("", 0, 0, (Wanted("x", "2026", 5),) * 1_001)),
}


@pytest.mark.parametrize("what", NONSENSE)
def test_nonsense_is_turned_away_in_words_and_the_next_word_is_heard(member: Member, what: str) -> None:
    name, message = NONSENSE[what]
    object.__setattr__(message, "terminal_id", member.id.hex)
    answer = member.says(name, message)
    assert (answer.status_code, answer.json()["code"]) == (400, "wire.garbled"), answer.text
    assert int(answer.headers[signing.TIME])
    assert member.says("hello", Hello(member.id.hex, 0, 0)).status_code == 200


def test_numbers_that_no_command_has_are_no_reason_to_break(member: Member) -> None:
    parked = (Push(member.id.hex, 1, "", parked=many) for many in ((1 << 63,), (1,) * 2_001))
    for push in (Push(member.id.hex, -5, "", (Sent("x"),)), *parked):
        assert member.says("exchange", push, Pull(0)).json()["code"] == "wire.garbled"


# ----------------------------------------------------------------------------------------------------------- more slowly


async def dripped(app: Any, path: str, *messages: dict[str, Any]) -> int:
    """The status that whoever sends these is answered, and then a byte now and then."""
    told, waiting = list[dict[str, Any]](), iter(messages)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return next(waiting, {"type": "http.request", "body": b"x", "more_body": True})

    async def send(message: dict[str, Any]) -> None:
        told.append(message)

    scope = {"type": "http", "http_version": "1.1", "method": "POST", "scheme": "http", "path": path, "raw_path": path.encode()}
    more = {"query_string": b"", "headers": [], "client": ("192.0.2.7", 5), "server": ("hub", 80), "asgi": {"version": "3.0"}}
    await asyncio.wait_for(app({**scope, **more}, receive, send), 20)
    return int(told[0]["status"])


PATHS = ("/sync/v1/hello", "/sync/v1/enrol", "/sync/v1/files", "/api/v1/auth/login")


@pytest.mark.parametrize("path", PATHS)
def test_who_drips_is_sent_away(member: Member, path: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(answering, "PATIENCE", 0.1)
    assert asyncio.run(dripped(asgi(member.hub), path)) in (400, 408)


@pytest.mark.parametrize("path", PATHS)
def test_who_hangs_up_in_the_middle_is_no_mistake_of_the_hub(member: Member, path: str) -> None:
    some = {"type": "http.request", "body": b"x", "more_body": True}
    assert asyncio.run(dripped(asgi(member.hub), path, some, {"type": "http.disconnect"})) in (400, 408)


# ------------------------------------------------------------------------------------------------- twice, and elsewhere


def test_a_request_that_is_repeated_to_another_process_is_turned_away_there_too(
    member: Member, postgres: URL, tmp_path: Path
) -> None:
    other = opened(postgres, tmp_path / "hub")
    try:
        target, body = "/sync/v1/exchange", wire.pack(Push(member.id.hex, 1, ""), Pull(0))
        headers = member.headers(target, body)
        first, second = (client.ask("POST", target, body, headers) for client in (member.client, Client(asgi(other))))
        assert first.status_code == 200
        assert (second.status_code, second.json()["code"]) == (401, "device.replayed")
    finally:
        other.close()


def test_requests_that_cannot_come_again_are_forgotten(member: Member) -> None:
    now, nonces = member.hub.app.clock.now_ms(), Nonces(member.hub.engine)

    def kept() -> int:
        with Session(member.hub.engine) as session:
            return session.scalar(select(func.count()).select_from(RequestSeen)) or 0

    assert [nonces.first(bytes(32), nonce, now) for nonce in ("0" * 32, "1" * 32, "0" * 32)] == [True, True, False]
    before = kept()
    assert nonces.first(bytes(32), "2" * 32, now + SWEEP_MS - 1)
    assert kept() == before + 1
    assert nonces.first(bytes(32), "3" * 32, now + SWEEP_MS + 1)
    assert kept() == 2


# ------------------------------------------------------------------------------------------------------- what it tells


@pytest.mark.parametrize(("oldest", "seconds"), [("soon", 0), (-5, 0), (1 << 62, 0), (None, 0)])
def test_what_a_terminal_tells_of_itself_never_hides_the_numbers(member: Member, oldest: object, seconds: float) -> None:
    assert age_of_the_oldest(member, oldest) == seconds


def test_the_age_of_the_oldest_that_waits_goes_on_while_its_terminal_is_silent(member: Member) -> None:
    now = member.hub.app.clock.now_ms()
    member.hub.app.clock.correct(member.hub.app.clock.offset + 3_600_000)
    assert 3_600 <= age_of_the_oldest(member, now) < 3_700


def age_of_the_oldest(member: Member, oldest: object) -> float:
    hello = Hello(member.id.hex, 0, 0, heartbeat={"waiting": 3, "oldest_ms": oldest})
    assert member.says("hello", hello).status_code == 200
    member.hub.app.writer.run(member.hub.devices.write_down)
    lines = member.client.ask("GET", "/metrics").text.splitlines()
    (found,) = (line for line in lines if line.startswith(f'fettle_terminal_oldest_seconds{{terminal="{member.id.hex}"}}'))
    return float(found.rpartition(" ")[2])
