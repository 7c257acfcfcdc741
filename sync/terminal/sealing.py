"""Pages of a plain SQLite file into pages of a store, without a detour over the disk: SQLCipher 4's format, page by page.

A page of 4096 bytes ends with 80 that SQLite leaves to us: 16 for the initialisation vector and 64 for the mark that
nobody can forge. See https://www.zetetic.net/sqlcipher/design/ for the format; it is proved by SQLCipher reading it.
"""

from __future__ import annotations

import os
import struct
from hashlib import pbkdf2_hmac, sha512
from typing import Any

from cryptography.hazmat.primitives.ciphers import Cipher, algorithms, modes

from app.kernel.store import salt_of

PAGE, RESERVED, BLOCK, SALT = 4096, 80, 16, 16
USABLE = PAGE - RESERVED
_SALT_MASK, _ROUNDS, _HMAC_BLOCK = 0x3A, 2, 128  # SQLCipher's HMAC_SALT_MASK and FAST_PBKDF2_ITER; SHA-512's block


Buffer = bytes | memoryview


class Sealer:
    """Seals pages with one store's key. Threads may share it."""

    def __init__(self, key: bytes) -> None:
        self._cipher = algorithms.AES256(key)
        self._salt = salt_of(key)
        derived = pbkdf2_hmac("sha512", key, bytes(byte ^ _SALT_MASK for byte in self._salt), _ROUNDS, 32)
        padded = derived.ljust(_HMAC_BLOCK, b"\0")
        self._inner = sha512(bytes(byte ^ 0x36 for byte in padded))  # HMAC (RFC 2104), its two halves made ready once
        self._outer = sha512(bytes(byte ^ 0x5C for byte in padded))

    def seal(self, plain: Buffer, first: int) -> bytes:
        """Whole plain pages, the `first` of which is the page of that number (from 1), as they lie in the store."""
        start = SALT if first == 1 else 0  # a store begins with its salt in the clear, where SQLite has its magic words
        sealed = memoryview(self._encrypted(plain, start))
        pages: list[Any] = []
        at = 0
        for number in range(first, first + len(plain) // PAGE):
            length = USABLE - (SALT if number == 1 else 0)
            vector, body = sealed[at : at + BLOCK], sealed[at + BLOCK : at + BLOCK + length]
            pages += (self._salt, body, vector) if number == 1 else (body, vector)
            pages.append(self._mark(body, vector, number))
            at += BLOCK + length
        return b"".join(pages)

    def _encrypted(self, plain: Buffer, start: int) -> bytes:
        """Every page behind a random block, in one chain: so each has a vector that nobody can foresee, in one call for all."""
        view = memoryview(plain)
        drawn = os.urandom(len(plain) // PAGE * BLOCK)
        pieces: list[Any] = []
        for place in range(len(plain) // PAGE):
            at = place * PAGE
            pieces += (drawn[place * BLOCK : (place + 1) * BLOCK], view[at + (start if place == 0 else 0) : at + USABLE])
        return Cipher(self._cipher, modes.CBC(os.urandom(BLOCK))).encryptor().update(b"".join(pieces))

    def _mark(self, body: memoryview, vector: memoryview, number: int) -> bytes:
        """The HMAC of a page: over its ciphertext, its vector and its number."""
        inner, outer = self._inner.copy(), self._outer.copy()
        inner.update(body)
        inner.update(vector)
        inner.update(struct.pack("<I", number))
        outer.update(inner.digest())
        return outer.digest()
