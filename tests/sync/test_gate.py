"""The one route that is open to everybody: it takes a small request with a code, and answers all else in words."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest
from fastapi import FastAPI
from wired import Client

from sync import enrolment, signing
from sync.hub.allowance import Allowance
from sync.hub.door import Door
from sync.hub.enrolling import invite
from sync.hub.gate import Gate, router
from sync.hub.keys import hub_keys
from world import World


@pytest.fixture
def asks(hub: World, tmp_path: Path) -> Any:
    """Sends a body to the route, and gives the answer."""
    hub.save("organisation", id=hub.org, name="Moto Keller")
    keys = hub_keys(hub.app.writer, tmp_path / "hub", {})
    asgi = FastAPI()
    asgi.add_middleware(Door)
    asgi.include_router(router(Gate(hub.app, keys, Allowance(1 / 60, 5, lambda: 0.0))))
    client = Client(asgi)

    def ask(body: bytes) -> Any:
        return client.ask("POST", enrolment.PATH, body, {"Content-Type": "application/json"})

    ask.code = lambda: invite(hub.app, keys, hub.org).code  # type: ignore[attr-defined]
    return ask


def body(code: str) -> bytes:
    return json.dumps({"code": code, "public_key": signing.keypair()[1].hex(), "of a later version": [1]}).encode()


def test_a_code_opens_and_the_answer_is_plain_json(asks: Any) -> None:
    answer = asks(body(asks.code()))
    assert answer.status_code == 200
    told = enrolment.read(enrolment.Answered, answer.json())
    assert told.organisation_name == "Moto Keller"
    assert int(answer.headers[signing.TIME])


@pytest.mark.parametrize(
    "garbage",
    [b"", b"nonsense", b"[]", b'"text"', b"{}", b"\xff\xfe", b"[" * 5000, b'{"code": 7, "public_key": "x"}', b"x" * 10_000,
     b'{"code": "a\\u0000", "public_key": "x"}', b'{"code": "a", "public_key": "b", "number": -1}',
     b'{"code": "a", "public_key": "b", "number": true}', b'{"code": "\\ud800", "public_key": "x"}'],
)  # fmt: skip
def test_garbage_is_turned_away_in_words(asks: Any, garbage: bytes) -> None:
    answer = asks(garbage)
    assert answer.status_code == 400
    assert answer.json()["code"] == "enrol.garbled"


def test_wrong_codes_are_turned_away_and_then_wait(asks: Any) -> None:
    answers = [asks(body("0000-0000-0000")) for _guess in range(6)]
    assert [one.status_code for one in answers] == [403] * 5 + [429]
    assert answers[0].json()["code"] == "terminal.code"
    assert answers[5].json()["code"] == "enrol.guesses"
    assert int(answers[5].headers["Retry-After"]) == 60


def test_a_used_code_is_told_from_a_wrong_one(asks: Any) -> None:
    code = asks.code()
    asks(body(code))
    answer = asks(body(code))
    assert (answer.status_code, answer.json()["code"]) == (403, "terminal.code_used")
