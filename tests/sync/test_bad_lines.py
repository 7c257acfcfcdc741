"""Lines that change what they carry, or carry it twice: nothing wrong is believed, and nobody has to see to it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from replay_world import Trio
from wired import Through, WiredHub

from app.kernel.problems import Refused, Trouble
from sync import wire
from sync.pool import Reply
from sync.protocol import Exchanged, Pull, Push

ANSWER = Exchanged("ok", 7, 1_700_000_000_000, 12, epoch="first", reach="all")
NOTHING = (Push("0" * 32, 1, "", ()), Pull(0))


def unharmed(body: bytes, place: int, message: Any) -> bool:
    """Whether a body with one bit changed is refused, or says the very same all the same."""
    changed = bytearray(body)
    changed[place // 8 % len(body)] ^= 1 << place % 8
    try:
        return bool(wire.unpack_one(bytes(changed), type(message)) == message)
    except Refused:
        return True


@given(st.integers(0))
def test_a_bit_that_was_changed_anywhere_in_an_answer_is_found_out(place: int) -> None:
    assert unharmed(wire.pack(ANSWER), place, ANSWER)


def test_the_smallest_answer_is_checked_too() -> None:
    nudge = wire.Nudge(1000)
    body = wire.pack(nudge)
    assert all(unharmed(body, place, nudge) for place in range(len(body) * 8))


class Once(Through):
    """A line that does something to the first request alone."""

    def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, poll: bool = False) -> Reply:
        first = not self.carried
        reply = super().carry(method, target, headers, self.spoilt(body) if first else body, poll=poll)
        return self.again(method, target, headers, body) if first else reply

    def spoilt(self, body: bytes) -> bytes:
        return body

    def again(self, *request: Any) -> Reply:
        return super().carry(*request)


class Twice(Once):
    """As whoever uses a kept connection that ends unseen: the hub heard the request, and hears it again on the next one."""


class Flipping(Once):
    def spoilt(self, body: bytes) -> bytes:
        return body[:-1] + bytes([body[-1] ^ 1])

    def again(self, *request: Any) -> Reply:
        method, target, headers, body = request
        return Through.carry(self, method, target, headers, self.spoilt(body))


@pytest.mark.parametrize("kind", [Twice, Flipping])
def test_a_request_that_came_twice_or_was_changed_is_sent_in_a_new_one_and_nobody_has_to_see_to_it(
    trio: Trio, kind: type[Once]
) -> None:
    hub = WiredHub(trio)
    push, pull = NOTHING
    peer = hub.peer(trio.left, kind(hub.client))
    answer = peer.exchange(Push(trio.left.station.id.hex, 1, "", push.envelopes), pull)
    assert answer.standing == "ok"


class Always(Through):
    """A line that brings every request twice, and the second answer back."""

    def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, poll: bool = False) -> Reply:
        super().carry(method, target, headers, body, poll=poll)
        return super().carry(method, target, headers, body, poll=poll)


def test_a_line_that_brings_everything_twice_is_bad_weather_and_no_case_for_a_person(trio: Trio) -> None:
    hub = WiredHub(trio)
    with pytest.raises(Trouble, match="came before"):
        hub.peer(trio.left, Always(hub.client)).exchange(Push(trio.left.station.id.hex, 1, "", ()), Pull(0))


class Noisy(Through):
    """A line that changes every request a little."""

    def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, poll: bool = False) -> Reply:
        return super().carry(method, target, headers, body[:-1] + bytes([body[-1] ^ 1]), poll=poll)


def test_a_line_that_changes_everything_is_bad_weather_too(trio: Trio) -> None:
    hub = WiredHub(trio)
    with pytest.raises(Trouble, match="cannot tell"):
        hub.peer(trio.left, Noisy(hub.client)).exchange(Push(trio.left.station.id.hex, 1, "", ()), Pull(0))
