"""Requests that came, known to all processes of the hub: whoever repeats one to another process is turned away there too."""

from __future__ import annotations

import threading
from collections.abc import Mapping
from hashlib import sha256
from uuid import UUID

from sqlalchemy import Engine, delete

from app.kernel import pooled
from app.terminals.model import RequestSeen
from sync.signing import WINDOW_MS, SeenNonces

SWEEP_MS = 10 * 60 * 1000  # between two times that this process clears away what cannot come again
_NOTE: Mapping[str, str] = {
    "fettle_note": "WITH noted AS (INSERT INTO request_seen (mark, until) VALUES ($1::uuid, $2::bigint) ON CONFLICT DO NOTHING "
    "RETURNING mark) SELECT count(*) FROM noted"
}


class Nonces:
    """What was seen here is known at once; of what is new here, the database knows whether another process saw it. That costs
    a request one short question, and the disk nothing: the list is not kept over a crash of the database."""

    def __init__(self, engine: Engine) -> None:
        self._engine = engine
        self._here = SeenNonces()
        self._lock = threading.Lock()
        self._sweep = 0

    def first(self, public_key: bytes, nonce: str, now_ms: int) -> bool:
        """Whether a key uses a nonce for the first time; it is noted."""
        if not self._here.first(public_key, nonce, now_ms):
            return False
        mark = UUID(bytes=sha256(public_key + bytes.fromhex(nonce)).digest()[:16])
        if self._is_time(now_ms):
            with self._engine.begin() as connection:
                connection.execute(delete(RequestSeen).where(RequestSeen.until < now_ms))
        with self._engine.connect() as connection:  # outside a transaction: it is noted at once
            noted = f"EXECUTE fettle_note('{mark.hex}', {now_ms + 2 * WINDOW_MS:d})"
            return pooled.told(connection, _NOTE, noted) == b"1"

    def _is_time(self, now_ms: int) -> bool:
        with self._lock:
            due = abs(now_ms - self._sweep) >= SWEEP_MS
            if due:
                self._sweep = now_ms
        return due
