"""Sealed frames in an append-only file: each is found and proved by itself, so that one that is spoilt costs only itself.

A frame is a mark of four bytes, the length of its body and the CRC-32 of both; the body is a nonce and what AES-256-GCM makes
of the packed content. What a kill or a cut leaves of a frame is passed over: the next mark is looked for.
"""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import TYPE_CHECKING, BinaryIO

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

MARK = b"\xf7BX\x01"
LARGEST = 64 << 20  # bytes of one body: what a spoilt length may make us read
_HEAD = struct.Struct("<4sII")
_NONCE = 12
_QUICK = 1  # zlib's level: the text of commands packs well enough by it


@dataclass(frozen=True)
class Frame:
    """A frame's content; None where something stood that is no whole frame any more."""

    content: bytes | None


class Seal:
    """Makes and reads frames under a key that is derived from the store's: the store's own seals pages, this one frames."""

    def __init__(self, key: bytes) -> None:
        self._box = _box(sha256(b"fettle box " + key).digest())

    def frame(self, content: bytes) -> bytes:
        """The bytes of one frame."""
        nonce = os.urandom(_NONCE)
        body = nonce + self._box.encrypt(nonce, zlib.compress(content, _QUICK), MARK)
        return _HEAD.pack(MARK, len(body), _check(body)) + body

    def frames(self, file: BinaryIO) -> Iterator[Frame]:
        """Every frame of a file from where it stands, in order; one empty `Frame` for each place that is spoilt."""
        data, at = file.read(), 0
        while at < len(data):
            found = _body(data, at)
            content = self._opened(found) if found is not None else None
            yield Frame(content)
            at = _after(data, at) if content is None or found is None else at + _HEAD.size + len(found)

    def _opened(self, body: bytes) -> bytes | None:
        from cryptography.exceptions import InvalidTag

        try:
            return zlib.decompress(self._box.decrypt(body[:_NONCE], body[_NONCE:], MARK))
        except (InvalidTag, zlib.error):
            return None


def _box(key: bytes) -> AESGCM:
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM  # a start that writes nothing need not wait for it

    return AESGCM(key)


def _check(body: bytes) -> int:
    return zlib.crc32(body, len(body))


def _body(data: bytes, at: int) -> bytes | None:
    """The body of the frame that begins here; None where there is no whole one."""
    if len(data) - at < _HEAD.size:
        return None
    mark, length, check = _HEAD.unpack_from(data, at)
    body = data[at + _HEAD.size : at + _HEAD.size + length]
    whole = mark == MARK and _NONCE < length <= LARGEST and len(body) == length and _check(body) == check
    return body if whole else None


def _after(data: bytes, at: int) -> int:
    """Where the next frame may begin."""
    found = data.find(MARK, at + 1)
    return len(data) if found < 0 else found
