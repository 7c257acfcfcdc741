"""The hub's routes for terminals: what is well said is answered, all else is turned away in words, and nothing of it stays."""

from __future__ import annotations

import asyncio
import threading
from types import SimpleNamespace
from typing import Any, cast
from uuid import UUID

import msgspec
import pytest
import zstandard
from replay_world import LEFT, ORG, RIGHT, Trio, named
from sqlalchemy.exc import OperationalError
from sqlalchemy.exc import TimeoutError as PoolTimeout
from wired import KEYS, WiredHub

from app.kernel.events import Notice
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Trouble
from app.kernel.standard import AddNote, Note
from sync import signing, wire
from sync.hub.allowance import Allowance
from sync.hub.waiting import Waiting
from sync.hub.wire import calls
from sync.protocol import Exchanged, Hello, Pull, Push, Sent, Welcome
from sync.terminal import push as pushing


@pytest.fixture
def hub(trio: Trio) -> WiredHub:
    return WiredHub(trio)


def noted(trio: Trio, text: str = "Rusty") -> UUID:
    return trio.left.done(AddNote(entity="part", id=named("part", "P-1"), text=text), trio.person("Ann")).id


def pushed(trio: Trio) -> Push:
    """What the left terminal would send now."""
    with trio.left.session() as session:
        return pushing.batch(session, LEFT, 100)


def exchanged(hub: WiredHub, push: Push, *, terminal: UUID = LEFT, **headers: str) -> Any:
    return hub.post("exchange", wire.pack(push, Pull(0, pages=0)), terminal=terminal, **headers)


def problem(answer: Any, status: int) -> str:
    """The code in a problem document, which is whole."""
    assert answer.status_code == status, answer.text
    assert answer.headers["content-type"] == "application/problem+json"
    told = answer.json()
    assert told["trace_id"] == answer.headers["x-request-id"]
    assert told["title"]
    assert int(answer.headers[signing.TIME])
    return str(told["code"])


def taken(trio: Trio) -> int:
    return len(trio.hub.envelopes(LEFT))


# ------------------------------------------------------------------------------------------------------------ well said


def test_whatever_the_protocol_can_ask_has_its_route() -> None:
    named_so = {call.name: call.takes for call in calls()}
    assert named_so["exchange"] == (Push, Pull)
    assert {"hello", "exchange", "compare", "rows", "reborn"} <= set(named_so)


def test_a_push_and_a_pull_are_answered_in_one_trip(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    answer = exchanged(hub, pushed(trio))
    assert answer.status_code == 200
    assert answer.headers["content-type"] == wire.MEDIA_TYPE
    told = wire.unpack_one(answer.content, Exchanged, wire.TOLD)
    assert [verdict.state for verdict in told.verdicts] == ["applied"]
    assert [row.text for row in trio.hub.all(Note)] == ["Rusty"]


def test_a_greeting_is_answered(hub: WiredHub, trio: Trio) -> None:
    answer = hub.post("hello", wire.pack(Hello(LEFT.hex, 0, 0)))
    assert wire.unpack_one(answer.content, Welcome).now_ms == trio.wall.ms


def test_a_push_that_comes_twice_is_taken_once_and_answered_alike(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    push = pushed(trio)
    first, second = (wire.unpack_one(exchanged(hub, push).content, Exchanged) for _each in range(2))
    assert first.verdicts == second.verdicts
    assert len(trio.hub.all(Note)) == 1


# --------------------------------------------------------------------------------------------------------- turned away


def test_garbage_is_turned_away(hub: WiredHub, trio: Trio) -> None:
    for body in (b"", b"garbage", b"<html></html>", wire.PACKED + b"\x28\xb5\x2f\xfd broken", b"\x91" * 5000):
        assert problem(hub.post("exchange", body), 400) == "wire.garbled"
    assert taken(trio) == 0


def test_a_message_of_another_kind_is_turned_away(hub: WiredHub) -> None:
    assert problem(hub.post("exchange", wire.pack(Hello(LEFT.hex, 0, 0))), 400) == "wire.garbled"


def test_a_push_cut_in_the_middle_leaves_nothing(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    whole = wire.pack(pushed(trio), Pull(0))
    assert problem(hub.post("exchange", whole[: len(whole) // 2]), 400) == "wire.garbled"
    assert taken(trio) == 0


def test_too_large_a_body_is_turned_away_before_it_is_read(hub: WiredHub) -> None:
    assert problem(hub.post("exchange", b"\x11" + b"\0" * (1 << 20)), 413) == "wire.too_large"


def test_a_bomb_is_turned_away(hub: WiredHub) -> None:
    assert problem(hub.post("exchange", wire.PACKED + zstandard.compress(b"\0" * (64 << 20))), 413) == "wire.too_large"


def test_nesting_without_end_is_turned_away(hub: WiredHub, trio: Trio) -> None:
    deep = Push(LEFT.hex, 1, "", (Sent("[" * 50_000 + "]" * 50_000),))
    assert problem(exchanged(hub, deep), 400) == "wire.garbled"
    assert taken(trio) == 0


def test_wrong_types_are_turned_away(hub: WiredHub) -> None:
    for first in ("1", 1.5, None, True, [], {}):
        body = wire.BARE + msgspec.msgpack.encode([[b"\0" + LEFT.bytes, first, b""], [0]])
        assert problem(hub.post("exchange", body), 400) == "wire.garbled"


def test_a_push_that_skips_numbers_is_told_where_to_begin(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    noted(trio, "Bent")
    push = pushed(trio)
    answer = exchanged(hub, Push(push.terminal_id, 2, push.prev_hash, push.envelopes[1:]))
    assert wire.unpack_one(answer.content, Exchanged).standing == "gap"
    assert taken(trio) == 0


def test_a_push_in_another_order_is_not_what_it_says_it_is(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    noted(trio, "Bent")
    push = pushed(trio)
    answer = exchanged(hub, Push(push.terminal_id, push.first_number, push.prev_hash, push.envelopes[::-1]))
    told = wire.unpack_one(answer.content, Exchanged)
    assert {verdict.state for verdict in told.verdicts} == {"parked"}
    assert trio.hub.all(Note) == []


def test_unknown_commands_and_fields_are_kept_aside_with_a_reason(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    for change in ({"command": "BurnDown"}, {"body": {"entity": "part", "id": named("part", "P-1").hex, "colour": "red"}}):
        push = pushed(trio)
        content = msgspec.json.encode({**msgspec.json.decode(push.envelopes[0].content), **change}).decode()
        answer = exchanged(hub, Push(LEFT.hex, 1 + taken(trio), _chain(trio), (Sent(content),)))
        (verdict,) = wire.unpack_one(answer.content, Exchanged).verdicts
        assert verdict.state == "parked"
        assert verdict.problems[0]["message"]
    assert trio.hub.all(Note) == []


def _chain(trio: Trio) -> str:
    known = trio.hub.envelopes(LEFT)
    return known[-1].chain if known else ""


def test_work_of_another_organisation_is_kept_aside(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    content = pushed(trio).envelopes[0].content.replace(ORG.hex, new_id().hex)
    (verdict,) = wire.unpack_one(exchanged(hub, Push(LEFT.hex, 1, "", (Sent(content),))).content, Exchanged).verdicts
    assert (verdict.state, verdict.problems[0]["code"]) == ("parked", "access.out_of_scope")
    assert trio.hub.all(Note) == []


def test_nobody_speaks_for_another_terminal(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    assert problem(exchanged(hub, pushed(trio), terminal=RIGHT), 403) == "wire.other_terminal"
    assert taken(trio) == 0


def test_a_request_that_nobody_signed_is_turned_away(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    body = wire.pack(pushed(trio), Pull(0))
    assert problem(hub.client.ask("POST", "/sync/v1/exchange", body), 401) == "device.unknown"
    forged = signing.sign(KEYS[RIGHT][0], "POST", "/sync/v1/exchange", trio.wall.ms, "0a" * 16, body)
    answer = hub.client.ask("POST", "/sync/v1/exchange", body, {signing.TERMINAL: LEFT.hex, **forged})
    assert problem(answer, 401) == "device.signature"
    assert taken(trio) == 0


def test_a_body_that_was_changed_on_its_way_is_turned_away(hub: WiredHub, trio: Trio) -> None:
    noted(trio)
    body = wire.pack(pushed(trio), Pull(0))
    signed = signing.sign(KEYS[LEFT][0], "POST", "/sync/v1/exchange", trio.wall.ms, "0b" * 16, body)
    answer = hub.client.ask("POST", "/sync/v1/exchange", body + b"!", {signing.TERMINAL: LEFT.hex, **signed})
    assert problem(answer, 401) == "device.signature"


def test_the_same_request_twice_is_taken_once(hub: WiredHub, trio: Trio) -> None:
    body = wire.pack(pushed(trio), Pull(0))
    signed = signing.sign(KEYS[LEFT][0], "POST", "/sync/v1/exchange", trio.wall.ms, "0c" * 16, body)
    headers = {signing.TERMINAL: LEFT.hex, **signed}
    assert hub.client.ask("POST", "/sync/v1/exchange", body, headers).status_code == 200
    assert problem(hub.client.ask("POST", "/sync/v1/exchange", body, headers), 401) == "device.replayed"


def test_a_terminal_that_was_shut_out_is_told_so(hub: WiredHub, trio: Trio) -> None:
    hub.gate.shut[LEFT] = Problem("device.revoked", "This terminal has been revoked.")
    noted(trio)
    assert problem(exchanged(hub, pushed(trio)), 403) == "device.revoked"
    assert taken(trio) == 0


def test_a_database_that_is_busy_is_worth_another_try(trio: Trio) -> None:
    def busy(*_messages: Any) -> Any:
        raise OperationalError("select", {}, Exception("canceling statement due to lock timeout"))

    def none_free(*_messages: Any) -> Any:
        raise PoolTimeout

    def full(*_messages: Any) -> Any:
        raise Trouble("writer.busy", "The store is busy with other work.")

    for failing, code in ((busy, "wire.database"), (none_free, "wire.database"), (full, "writer.busy")):
        answer = WiredHub(trio, SimpleNamespace(exchange=failing)).post("exchange", wire.pack(pushed(trio), Pull(0)))
        assert problem(answer, 503) == code
        assert int(answer.headers["retry-after"]) > 0


def test_a_mistake_of_the_hub_shows_none_of_its_inside(trio: Trio) -> None:
    def broken(*_messages: Any) -> Any:
        raise KeyError("secret")

    answer = WiredHub(trio, SimpleNamespace(exchange=broken)).post("exchange", wire.pack(pushed(trio), Pull(0)))
    assert answer.status_code == 500
    assert "secret" not in answer.text
    assert answer.json()["code"] == "hub.bug"


# ----------------------------------------------------------------------------------------------------------- how often


def test_a_bucket_gives_what_it_holds_and_fills_up_again() -> None:
    moment = [0.0]
    allowance = Allowance(50, 100, lambda: moment[0])
    assert [allowance.take("left") for _each in range(100)] == [0.0] * 100
    assert allowance.take("left") == pytest.approx(0.02)
    assert allowance.take("right") == 0
    moment[0] = 1.0
    assert [allowance.take("left") > 0 for _each in range(51)] == [False] * 50 + [True]


def test_more_than_a_bucket_holds_is_given_when_it_is_full_and_paid_for_later() -> None:
    moment = [0.0]
    allowance = Allowance(10, 10, lambda: moment[0])
    assert allowance.take("left", 30) == 0
    assert allowance.take("left") == pytest.approx(2.1)


def test_a_terminal_that_asks_without_pause_is_told_to_wait(trio: Trio, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sync.hub.wire.REQUESTS", 0.01)  # however slow this machine is, no second one is due
    hub, body = WiredHub(trio), wire.pack(Push("0a" * 16, 1, ""), Pull(0))
    hub.post("exchange", body)
    late = hub.post("exchange", body)
    assert problem(late, 429) == "wire.too_often"
    assert int(late.headers["retry-after"]) >= 1


# -------------------------------------------------------------------------------------------------------------- waiting


def polled(hub: WiredHub, target: str) -> Any:
    signed = signing.sign(KEYS[LEFT][0], "GET", target, hub.gate.now_ms(), new_id().hex, b"")
    return hub.client.ask("GET", target, b"", {signing.TERMINAL: LEFT.hex, **signed})


def test_who_is_behind_does_not_wait(hub: WiredHub) -> None:
    assert wire.unpack_one(polled(hub, "/sync/v1/wait?after=0").content, wire.Nudge).horizon > 0


def test_a_poll_says_after_what(hub: WiredHub) -> None:
    for target in ("/sync/v1/wait", "/sync/v1/wait?after=-1", "/sync/v1/wait?after=" + "9" * 30):
        assert problem(polled(hub, target), 422) == "wire.no_number"


class Feed:
    """A hub whose feed only a test moves."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.head = 5
        self.listeners: list[Any] = []
        self.stopping = threading.Event()
        self.app = SimpleNamespace(notices=SimpleNamespace(listen=self.listeners.append))
        self.waiting = Waiting(cast(Any, self))
        monkeypatch.setattr(self.waiting, "_look", lambda: self.head)

    def commit(self) -> None:
        self.head += 1
        for one in self.listeners:
            one(Notice({}))


def test_a_commit_here_wakes_who_waits_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(monkeypatch)
    monkeypatch.setattr("sync.hub.waiting.LOOK", 60.0)

    async def run() -> list[int]:
        waits = [asyncio.create_task(feed.waiting.beyond(5, 30)) for _each in range(3)]
        await asyncio.sleep(0.05)
        feed.commit()
        return await asyncio.wait_for(asyncio.gather(*waits), 5)

    assert asyncio.run(run()) == [6, 6, 6]


def test_a_commit_in_another_process_wakes_who_waits_within_a_second(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(monkeypatch)

    async def run() -> int:
        wait = asyncio.create_task(feed.waiting.beyond(5, 30))
        await asyncio.sleep(0.05)
        feed.head += 1
        return await asyncio.wait_for(wait, 3)

    assert asyncio.run(run()) == 6


def test_where_nothing_happens_a_poll_ends_by_itself(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(monkeypatch)
    assert asyncio.run(feed.waiting.beyond(5, 0.05)) == 5


def test_a_hub_that_is_told_to_end_lets_who_waits_go(monkeypatch: pytest.MonkeyPatch) -> None:
    feed = Feed(monkeypatch)

    async def run() -> int:
        wait = asyncio.create_task(feed.waiting.beyond(5, 30))
        await asyncio.sleep(0.05)
        feed.stopping.set()
        return await asyncio.wait_for(wait, 3)

    assert asyncio.run(run()) == 5
