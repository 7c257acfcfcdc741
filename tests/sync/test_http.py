"""The line to the hub, and all that can come back over it: each is told in words, and nothing that waits is lost."""

from __future__ import annotations

import json
import socket
import threading
import time
from collections.abc import Callable, Iterator
from dataclasses import replace

import pytest
import uvicorn
from replay_world import LEFT, Machine, Trio, named
from wired import KEYS, Answering, Through, WiredHub

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.standard import AddNote, Note
from sync import signing, wire
from sync.network import Interrupted
from sync.pool import Reply
from sync.protocol import Exchanged, Pull, Push
from sync.terminal import http
from sync.terminal.exchange import exchange, greet
from sync.terminal.http import HttpLine, HttpPeer, Key

NOTHING = Push(LEFT.hex, 1, ""), Pull(0)
PAGE = b"<html><body>Welcome to the airport. Please log in.</body></html>"


def noted(trio: Trio, text: str = "Rusty") -> None:
    trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text=text), trio.person("Ann"))


def answered(status: str, body: bytes = b"", *headers: str) -> bytes:
    lines = [f"HTTP/1.1 {status}", f"Content-Length: {len(body)}", *headers, "", ""]
    return "\r\n".join(lines).encode() + body


def peer_of(machine: Machine, line: HttpLine) -> HttpPeer:
    return HttpPeer(line, Key(machine.station.id, KEYS[machine.station.id][0]), machine.app.clock.now_ms)


def code(act: Callable[[], object]) -> str:
    with pytest.raises(Trouble) as told:
        act()
    problem = told.value.problem
    assert problem.sentence
    assert "{" not in problem.sentence + problem.advice
    return problem.code


# --------------------------------------------------------------------------------------------------------- over the routes


@pytest.fixture
def hub(trio: Trio) -> WiredHub:
    return WiredHub(trio)


def test_what_was_done_here_arrives_and_is_confirmed(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    peer = hub.peer(trio.left)
    greet(trio.left.app, peer)
    assert exchange(trio.left.app, peer).sent == 1
    assert trio.left.waiting() == []
    assert [row.text for row in trio.hub.all(Note)] == ["Rusty"]


def test_what_was_done_elsewhere_arrives_here(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    for machine in (trio.left, trio.right):
        exchange(machine.app, hub.peer(machine))
    assert [row.text for row in trio.right.all(Note)] == ["Rusty"]


def test_a_wrong_clock_never_stops_sync(trio: Trio) -> None:
    hub, off = WiredHub(trio), 3_600_000
    through = Through(hub.client)
    peer = HttpPeer(through, hub.key(), lambda: trio.wall.ms - off)
    assert peer.exchange(*NOTHING).now_ms == trio.wall.ms
    assert len(through.carried) == 2
    peer.exchange(*NOTHING)
    assert len(through.carried) == 3  # and from then on at once


def test_a_hub_that_complains_of_the_clock_for_ever_is_asked_twice(hub: WiredHub, trio: Trio) -> None:
    told = json.dumps({"code": signing.CLOCK, "title": "Your clock is off."}).encode()
    headers = {"content-type": "application/problem+json", "fettle-time": str(trio.wall.ms)}
    through = Through(hub.client, lambda _reply: Reply(401, headers, told))
    with pytest.raises(Trouble, match="Your clock is off"):
        hub.peer(trio.left, through).exchange(*NOTHING)
    assert len(through.carried) == 2


@pytest.mark.parametrize("shut", ["device.revoked", "device.wipe", "device.unknown"])
def test_whom_the_hub_does_not_let_in_keeps_everything(hub: WiredHub, trio: Trio, shut: str) -> None:
    hub.gate.shut[LEFT] = Problem(shut, "This terminal is not let in {any} more.", hint="Ask Kim.")
    noted(trio)
    with pytest.raises(Refused) as told:
        exchange(trio.left.app, hub.peer(trio.left))
    assert told.value.problems[0].code == shut
    assert told.value.problems[0].sentence == "This terminal is not let in {any} more."
    assert trio.left.waiting() == ["AddNote"]


def test_a_busy_hub_says_how_long_to_wait(hub: WiredHub, trio: Trio) -> None:
    told = json.dumps({"code": "wire.too_often", "title": "Too often.", "hint": "Wait."}).encode()
    headers = {"content-type": "application/problem+json", "retry-after": "7"}
    with pytest.raises(Trouble) as trouble:
        hub.peer(trio.left, Through(hub.client, lambda _reply: Reply(429, headers, told))).exchange(*NOTHING)
    assert trouble.value.problem.values["seconds"] == 7


STRANGERS = [
    Reply(200, {"content-type": "text/html"}, PAGE),
    Reply(200, {}, PAGE),
    Reply(302, {"location": "http://portal.example/login"}, b""),
    Reply(307, {"location": "https://elsewhere.example"}, b""),
    Reply(403, {"content-type": "text/html"}, PAGE),
    Reply(401, {"content-type": "text/html", "www-authenticate": "Basic"}, PAGE),
    Reply(404, {"content-type": "application/json"}, b'{"detail":"Not Found"}'),
]


@pytest.mark.parametrize("reply", STRANGERS, ids=[f"{one.status}-{place}" for place, one in enumerate(STRANGERS)])
def test_who_answers_in_the_hub_s_place_is_not_believed(hub: WiredHub, trio: Trio, reply: Reply) -> None:
    noted(trio)
    peer = hub.peer(trio.left, Through(hub.client, lambda _reply: reply))
    assert code(lambda: exchange(trio.left.app, peer)) == "hub.stranger"
    assert trio.left.waiting() == ["AddNote"]


@pytest.mark.parametrize("status", [500, 502, 503, 504, 511])
def test_a_proxy_that_fails_is_worth_another_try(hub: WiredHub, trio: Trio, status: int) -> None:
    reply = Reply(status, {"content-type": "text/html", "retry-after": "12"}, b"<html>Bad gateway</html>")
    peer = hub.peer(trio.left, Through(hub.client, lambda _reply: reply))
    assert code(lambda: peer.exchange(*NOTHING)) == "hub.fails"


@pytest.mark.parametrize("body", [b"", b"garbage", b"\x11garbage", wire.BARE + b"\xc1", wire.pack(Pull(1))])
def test_an_answer_that_cannot_be_understood_changes_nothing(hub: WiredHub, trio: Trio, body: bytes) -> None:
    noted(trio)
    before = trio.left.image()
    through = Through(hub.client, lambda reply: replace(reply, body=body))
    assert code(lambda: exchange(trio.left.app, hub.peer(trio.left, through))) == "wire.garbled"
    assert trio.left.waiting() == ["AddNote"]
    assert trio.left.image() == before


def test_a_problem_that_is_none_is_not_shown(hub: WiredHub, trio: Trio) -> None:
    for body in (b"[", b"[]", b'{"code": 7}', b"[" * 100_000, b'{"code": "a.b"' + b" " * 100_000 + b"}"):
        reply = Reply(403, {"content-type": "application/problem+json"}, body)
        peer = hub.peer(trio.left, Through(hub.client, lambda _reply, told=reply: told))  # type: ignore[misc]
        assert code(lambda asked=peer: asked.exchange(*NOTHING)) == "hub.stranger"  # type: ignore[misc]


def test_a_proxy_that_takes_less_than_the_hub_is_sent_less(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    reply = Reply(413, {"content-type": "text/html"}, b"<html>Request Entity Too Large</html>")
    peer = hub.peer(trio.left, Through(hub.client, lambda _reply: reply))
    assert code(lambda: exchange(trio.left.app, peer)) == "wire.too_large"
    assert trio.left.waiting() == ["AddNote"]


# --------------------------------------------------------------------------------------------------------- over real HTTP


@pytest.fixture
def served(trio: Trio) -> Iterator[str]:
    """The hub on a port of its own; its address."""
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(WiredHub(trio).asgi, log_config=None, lifespan="off"))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    yield f"http://127.0.0.1:{listening.getsockname()[1]}"
    server.should_exit = True
    thread.join()
    listening.close()


@pytest.fixture
def line(served: str) -> Iterator[HttpLine]:
    made = HttpLine(served)
    yield made
    made.close()
    made.end()


def test_a_day_s_work_goes_over_one_connection(line: HttpLine, trio: Trio) -> None:
    peer = peer_of(trio.left, line)
    for text in ("one", "two", "three"):
        noted(trio, text)
        assert exchange(trio.left.app, peer).sent == 1
    assert sorted(row.text for row in trio.hub.all(Note)) == ["one", "three", "two"]
    assert line.network.connected == 1


def test_a_wait_ends_when_somebody_hurries(line: HttpLine, trio: Trio) -> None:
    peer = peer_of(trio.left, line)
    horizon = peer.exchange(*NOTHING).horizon
    threading.Timer(0.2, peer.hurry).start()
    with pytest.raises(Interrupted):
        peer.wait(horizon)
    assert peer.exchange(*NOTHING).horizon == horizon


def test_a_wait_ends_when_something_was_done_at_the_hub(line: HttpLine, trio: Trio) -> None:
    peer = peer_of(trio.left, line)
    horizon = peer.exchange(*NOTHING).horizon
    commit = AddNote(entity="part", id=named("part", "P-1"), text="Bent")
    threading.Timer(0.2, trio.hub.done, (commit, trio.person("Eve"))).start()
    assert peer.wait(horizon) > horizon


def test_an_idle_exchange_takes_little_more_than_its_headers(line: HttpLine, trio: Trio) -> None:
    peer = peer_of(trio.left, line)
    trio.quiesce()
    exchange(trio.left.app, peer)
    before = line.network.sent + line.network.received
    exchange(trio.left.app, peer)
    assert line.network.sent + line.network.received - before < 1_200


# ------------------------------------------------------------------------------------------------- servers that misbehave


def asked(address: str, trio: Trio) -> str:
    """What becomes of an exchange with whoever answers there; whatever it is, what waits is kept."""
    line = HttpLine(address)
    try:
        found = code(lambda: exchange(trio.left.app, peer_of(trio.left, line)))
    finally:
        line.close()
        line.end()
    assert trio.left.waiting() == ["AddNote"]
    return found


@pytest.fixture
def waiting(trio: Trio) -> Trio:
    noted(trio)
    return trio


def test_nobody_listens(waiting: Trio) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        port = listening.getsockname()[1]
    assert asked(f"http://127.0.0.1:{port}", waiting) == "hub.away"


def test_the_name_is_not_known(waiting: Trio) -> None:
    assert asked("http://hub.invalid", waiting) in {"hub.away", "hub.silent"}


def test_who_answers_speaks_no_tls(waiting: Trio) -> None:
    with Answering(answered("200 OK", PAGE)) as server:
        assert asked(server.address.replace("http:", "https:"), waiting) == "hub.away"


def test_an_answer_is_cut_in_the_middle(waiting: Trio) -> None:
    whole = answered("200 OK", wire.pack(Exchanged("ok", 1, 1, 1)), f"Content-Type: {wire.MEDIA_TYPE}")
    for length in (len(whole) - 1, len(whole) // 2, 12):
        with Answering(whole[:length]) as server:
            assert asked(server.address, waiting) == "hub.away"


def test_the_line_is_closed_without_a_word(waiting: Trio) -> None:
    with Answering() as server:
        assert asked(server.address, waiting) == "hub.away"


def test_who_answers_speaks_something_else(waiting: Trio) -> None:
    with Answering(b"220 smtp.example ESMTP\r\n") as server:
        assert asked(server.address, waiting) == "hub.away"


def test_a_portal_answers_with_its_page(waiting: Trio) -> None:
    with Answering(answered("200 OK", PAGE, "Content-Type: text/html")) as server:
        assert asked(server.address, waiting) == "hub.stranger"


def test_a_redirect_is_never_followed(waiting: Trio) -> None:
    with Answering(answered("200 OK")) as other:
        with Answering(answered("307 Temporary Redirect", b"", f"Location: {other.address}/sync/v1/exchange")) as server:
            assert asked(server.address, waiting) == "hub.stranger"
        assert other.callers == 0


def test_an_answer_without_end_is_given_up(waiting: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "MOST", 50_000)
    with Answering(b"HTTP/1.1 200 OK\r\n\r\n", *[b"x" * 40_000] * 3) as server:
        assert asked(server.address, waiting) == "hub.endless"


def test_a_hub_that_drips_is_given_up_at_the_deadline(waiting: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DEADLINE", 0.5)
    dripping = [bytes([byte]) for byte in answered("200 OK", b"x" * 1000)]
    with Answering(*dripping, pause=lambda: time.sleep(0.02)) as server:
        began = time.monotonic()
        assert asked(server.address, waiting) == "hub.silent"
        assert time.monotonic() - began < 3


def test_a_hub_that_says_nothing_is_given_up_at_the_deadline(waiting: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(http, "DEADLINE", 0.3)
    with Answering(close=False) as server:
        assert asked(server.address, waiting) == "hub.silent"


def test_closing_ends_what_is_asked_at_once(waiting: Trio) -> None:
    with Answering(close=False) as server:
        line = HttpLine(server.address)
        threading.Timer(0.2, line.close).start()
        began = time.monotonic()
        with pytest.raises(Interrupted):
            exchange(waiting.left.app, peer_of(waiting.left, line))
        assert time.monotonic() - began < 3
        line.end()


@pytest.mark.parametrize("address", ["", "hub.example", "ftp://hub.example", "http://", "https://[", "http://hub:99999"])
def test_an_address_that_is_none_is_refused(address: str) -> None:
    with pytest.raises(Refused) as told:
        HttpLine(address)
    assert told.value.problems[0].code == "hub.address"


def test_a_name_in_any_script_can_be_an_address() -> None:
    HttpLine("https://fäßler.example/fettle").end()
