"""A signed request is taken as it was signed, by the terminal that signed it, once."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from app.kernel.problems import Refused
from sync import signing
from sync.signing import NONCE, SIGNATURE, TIME, WINDOW_MS, SeenNonces, keypair, sign, verify

PRIVATE, PUBLIC = keypair()
NOW = 1_790_000_000_000
N = "00112233445566778899aabbccddeeff"
CALL = ("POST", "/sync/v1/exchange?pages=2", b"some envelopes")


def request(*, time: int = NOW, nonce: str = N) -> dict[str, str]:
    method, target, body = CALL
    return sign(PRIVATE, method, target, time, nonce, body)


def refusal(headers: dict[str, str], *, call: tuple[str, str, bytes] = CALL, public: bytes = PUBLIC) -> str:
    """The code with which a request is refused; empty when it is taken."""
    method, target, body = call
    try:
        verify(public, headers, method, target, body, NOW, SeenNonces())
    except Refused as refused:
        return refused.problems[0].code
    return ""


def test_a_request_is_taken_as_it_was_signed() -> None:
    assert refusal(request()) == ""


def flipped(text: bytes, place: int, bit: int) -> bytes:
    place %= len(text)
    return text[:place] + bytes([text[place] ^ (1 << bit)]) + text[place + 1 :]


@given(st.sampled_from(["method", "target", "body", TIME, NONCE, SIGNATURE]), st.integers(0, 200), st.integers(0, 7))
def test_any_flipped_bit_is_refused(part: str, place: int, bit: int) -> None:
    method, target, body = CALL
    headers = request()
    if part in headers:
        headers[part] = flipped(headers[part].encode(), place, bit).decode("latin-1")
    elif part == "body":
        body = flipped(body, place, bit)
    elif part == "method":
        method = flipped(method.encode(), place, bit).decode("latin-1")
    else:
        target = flipped(target.encode(), place, bit).decode("latin-1")
    assert refusal(headers, call=(method, target, body)) in (signing.FORGED, signing.CLOCK)


@given(st.dictionaries(st.sampled_from([TIME, NONCE, SIGNATURE, "Other"]), st.text(max_size=140)))
def test_garbage_in_the_headers_is_a_refusal_and_nothing_else(headers: dict[str, str]) -> None:
    assert refusal(headers) in (signing.FORGED, signing.CLOCK)


@given(st.text(max_size=30), st.text(max_size=30), st.binary(max_size=30))
def test_any_text_as_method_and_target_is_a_verdict(method: str, target: str, body: bytes) -> None:
    assert refusal(request(), call=(method, target, body)) == (signing.FORGED if (method, target, body) != CALL else "")


def test_a_line_moved_from_target_to_method_is_refused() -> None:
    headers = sign(PRIVATE, "POST\n/a", "/b", NOW, N, b"")
    assert refusal(headers, call=("POST", "/a\n/b", b"")) == signing.FORGED


def test_another_terminals_key_is_refused() -> None:
    assert refusal(request(), public=keypair()[1]) == signing.FORGED
    assert refusal(request(), public=b"short") == signing.FORGED


@pytest.mark.parametrize(("off", "code"), [(WINDOW_MS, ""), (-WINDOW_MS, ""), (WINDOW_MS + 1, "c"), (-WINDOW_MS - 1, "c")])
def test_a_clock_may_be_five_minutes_off(off: int, code: str) -> None:
    assert refusal(request(time=NOW + off)) == (signing.CLOCK if code else "")


def test_the_same_request_is_taken_once() -> None:
    seen = SeenNonces()
    method, target, body = CALL
    verify(PUBLIC, request(), method, target, body, NOW, seen)
    with pytest.raises(Refused) as refused:
        verify(PUBLIC, request(), method, target, body, NOW + 1000, seen)
    assert refused.value.problems[0].code == signing.REPLAYED


def test_a_stranger_uses_up_no_nonce() -> None:
    seen, (method, target, body) = SeenNonces(), CALL
    with pytest.raises(Refused):
        verify(PUBLIC, request() | {SIGNATURE: "0" * 128}, method, target, body, NOW, seen)
    verify(PUBLIC, request(), method, target, body, NOW, seen)


@given(st.lists(st.integers(0, WINDOW_MS), min_size=1, max_size=20))
def test_a_nonce_is_remembered_for_as_long_as_its_request_could_come_again(steps: list[int]) -> None:
    """Signed five minutes ahead of the hub, a request stays in time for ten minutes, however many others come between."""
    seen, now = SeenNonces(), NOW
    assert seen.first(PUBLIC, N, now)
    for count, step in enumerate(steps):
        now += step
        seen.first(PUBLIC, f"{count:032x}", now)
        assert now - NOW > 2 * WINDOW_MS or not seen.first(PUBLIC, N, now)


def test_two_terminals_may_draw_the_same_nonce() -> None:
    seen = SeenNonces()
    assert seen.first(PUBLIC, N, NOW)
    assert seen.first(keypair()[1], N, NOW)
