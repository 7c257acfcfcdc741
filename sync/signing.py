"""Signed requests: how a terminal shows the hub that it is the one it says, and that nobody changed or repeated what it sent.

Ed25519 (RFC 8032) over five lines: method, target (path and query as sent), time in milliseconds, nonce, SHA-256 of the body.
"""

from __future__ import annotations

import hashlib
import re
import threading
from collections.abc import Mapping
from functools import lru_cache
from typing import Protocol

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

TERMINAL, TIME, NONCE, SIGNATURE = "Fettle-Terminal", "Fettle-Time", "Fettle-Nonce", "Fettle-Signature"
CLOCK, FORGED, REPLAYED = "device.clock", "device.signature", "device.replayed"
WINDOW_MS = 5 * 60 * 1000  # how far a terminal's clock may be off, either way
_SHAPES = {TIME: re.compile(r"[0-9]{1,15}"), NONCE: re.compile(r"[0-9a-f]{32}"), SIGNATURE: re.compile(r"[0-9a-f]{128}")}


class Nonces(Protocol):
    """Knows which nonces were used in the last minutes. Threads may share one."""

    def first(self, public_key: bytes, nonce: str, now_ms: int) -> bool:
        """Whether a key uses a nonce for the first time; it is noted."""
        ...


class SeenNonces:
    """The nonces of the requests that came to this process in the last minutes."""

    def __init__(self, window_ms: int = 2 * WINDOW_MS) -> None:
        self._window = window_ms
        self._now: set[bytes] = set()
        self._before: set[bytes] = set()
        self._since = 0
        self._lock = threading.Lock()

    def first(self, public_key: bytes, nonce: str, now_ms: int) -> bool:
        """Whether a key uses a nonce for the first time; it is noted."""
        with self._lock:
            if abs(now_ms - self._since) >= self._window:
                self._now, self._before, self._since = set(), self._now, now_ms
            mark = public_key + bytes.fromhex(nonce)
            if mark in self._now or mark in self._before:
                return False
            self._now.add(mark)
            return True


def keypair() -> tuple[bytes, bytes]:
    """A new private key and its public key, 32 bytes each."""
    private = Ed25519PrivateKey.generate()
    return private.private_bytes_raw(), private.public_key().public_bytes_raw()


def public_of(private: bytes) -> bytes:
    """The public key that belongs to a private one."""
    return _private(private).public_key().public_bytes_raw()


def signed(private: bytes, message: bytes) -> bytes:
    """The signature, 64 bytes, of a message."""
    return _private(private).sign(message)


def genuine(public_key: bytes, signature: bytes, message: bytes) -> bool:
    """Whether a signature over a message was made with the private key that belongs to a public one."""
    try:
        _public(public_key).verify(signature, message)
    except (InvalidSignature, ValueError):
        return False
    return True


def sign(private: bytes, method: str, target: str, time_ms: int, nonce: str, body: bytes) -> dict[str, str]:
    """The headers that sign a request. `nonce` is 32 hex digits, new for each request; `target` is path and query as sent."""
    signature = signed(private, _message(method, target, str(time_ms), nonce, body))
    return {TIME: str(time_ms), NONCE: nonce, SIGNATURE: signature.hex()}


def verify(
    public_key: bytes,
    headers: Mapping[str, str],
    method: str,
    target: str,
    body: bytes,
    now_ms: int,
    seen_nonces: Nonces,
) -> None:
    """Refuses a request that its terminal did not sign so, or signed with a clock too far off, or that came before.

    A nonce is noted only once the signature is found genuine, so that strangers can neither use it up nor fill the list.
    """
    time, nonce, signature = (_shaped(headers, name) for name in (TIME, NONCE, SIGNATURE))
    if abs(int(time) - now_ms) > WINDOW_MS:
        raise Refused(_clock())
    if "\n" in method + target or not genuine(public_key, bytes.fromhex(signature), _message(method, target, time, nonce, body)):
        raise Refused(_forged())
    if not seen_nonces.first(public_key, nonce, now_ms):
        raise Refused(_replayed())


def _message(method: str, target: str, time: str, nonce: str, body: bytes) -> bytes:
    lines = (method, target, time, nonce, hashlib.sha256(body).hexdigest())
    return "\n".join(lines).encode("utf-8", "surrogatepass")


def _shaped(headers: Mapping[str, str], name: str) -> str:
    text = headers.get(name, "")
    if not _SHAPES[name].fullmatch(text):
        raise Refused(_forged())
    return text


@lru_cache(maxsize=4)
def _private(key: bytes) -> Ed25519PrivateKey:
    return Ed25519PrivateKey.from_private_bytes(key)


@lru_cache(maxsize=1024)
def _public(key: bytes) -> Ed25519PublicKey:
    return Ed25519PublicKey.from_public_bytes(key)


# -------------------------------------------------------------------------------------------------------------- words


def _clock() -> Problem:
    message = _("This terminal's clock is more than five minutes off the hub's.")
    return Problem(CLOCK, message, hint=_("The terminal takes the hub's time and tries again by itself."))


def _forged() -> Problem:
    message = _("The hub cannot tell that this request comes from the terminal it names.")
    return Problem(FORGED, message, hint=_("Enrol the terminal again; what waits on it is kept."))


def _replayed() -> Problem:
    message = _("This request came before and is not taken twice.")
    return Problem(REPLAYED, message, hint=_("Nothing is lost: the terminal sends what waits in a new request."))
