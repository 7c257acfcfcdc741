"""A hub at an address as a source of snapshots: pieces come in parts, as large as the line carries in a few seconds."""

from __future__ import annotations

import json
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Protocol
from urllib.parse import quote

from app.kernel.problems import Trouble
from app.kernel.words import _
from sync.pool import Reply
from sync.snapshots import CHECK, LARGEST, Manifest, not_understood
from sync.terminal.http import ROOT

SMALLEST, FIRST = 1 << 15, 1 << 18  # bytes asked for at once, at least and at first
QUICK, TOO_SLOW = 2.0, 8.0  # seconds for one part: below, more is asked for next; above, less


class Asks(Protocol):
    """Whoever signs requests and brings the answers; `HttpPeer` does."""

    def ask(self, method: str, target: str, body: bytes = b"") -> Reply: ...


class HttpSource:
    """Fetches snapshots from a hub over HTTP."""

    def __init__(self, peer: Asks) -> None:
        self._peer = peer
        self._most = FIRST

    def manifest(self, form: str) -> Manifest:
        reply = self._peer.ask("GET", f"{ROOT}/snapshot?form={form}")
        told = reply.headers.get(CHECK.lower())
        if told is not None and told != sha256(reply.body).hexdigest():
            raise not_understood()
        try:
            return Manifest.of_json(json.loads(reply.body))
        except (ValueError, RecursionError) as error:
            raise not_understood() from error

    def piece(self, name: str, number: int, start: int = 0) -> Iterator[bytes]:
        while True:
            some, size = self._part(name, number, start)
            yield some
            start += len(some)
            if start >= size:
                return
            if not some:
                raise _empty()

    def _part(self, name: str, number: int, start: int) -> tuple[bytes, int]:
        """The next bytes of a piece, and how large the piece is."""
        begun = time.monotonic()
        try:
            target = f"{ROOT}/snapshot/{quote(name, safe='')}/{number}?start={start}&most={self._most}"
            reply = self._peer.ask("GET", target)
        except Trouble:
            self._most = max(self._most // 2, SMALLEST)
            raise
        self._pace(time.monotonic() - begun)
        return reply.body, _size(reply, start)

    def _pace(self, seconds: float) -> None:
        if seconds < QUICK:
            self._most = min(self._most * 2, LARGEST)
        elif seconds > TOO_SLOW:
            self._most = max(self._most // 2, SMALLEST)


def _size(reply: Reply, start: int) -> int:
    """The whole size of a piece: of a part it stands behind the stroke."""
    told = reply.headers.get("content-range", "").rpartition("/")[2]
    return int(told) if told.isascii() and told.isdigit() and len(told) < 12 else start + len(reply.body)


def _empty() -> Trouble:
    return Trouble("hub.away", _("The hub sent nothing."), _("Work goes on; it is tried again by itself."))
