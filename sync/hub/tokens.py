"""Access tokens: who somebody is, signed by the hub (EdDSA, RFC 8037), good for one working day.

A token is read strictly. Its header holds exactly what ours hold, its key is one of those in our own database, and every
claim must be there: whatever else a JWT may carry (another algorithm, a key of its own, an address to fetch one from) makes
it nobody's.
"""

from __future__ import annotations

import secrets
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from sqlalchemy import Engine, select
from sqlalchemy.orm import Session

from app.kernel import meta
from app.kernel.records import MetaRow

ALGORITHM, KIND = "EdDSA", "JWT"
ISSUER, AUDIENCE = "fettle-hub", "fettle-api"
LASTS = timedelta(hours=8)
SLACK = timedelta(seconds=10)  # by which two processes' clocks may differ
KEY_LASTS = timedelta(days=90)  # then the next start makes a new one; tokens of the old one stay good as long as they last
CLAIMS = ("iss", "aud", "sub", "org", "sid", "iat", "nbf", "exp", "jti")
LONGEST = 2048  # characters; ours have about 450
OFTEN, AGAIN = 600.0, 5.0  # seconds between two looks for keys that another process has made; when a strange one is shown
OVERLAP = 3600.0  # seconds in which a process that runs may still sign with the key before
_KEY = "token_key:"


@dataclass(frozen=True)
class Claims:
    """What a good token says: who, of which organisation, by which login."""

    person: UUID
    org_id: UUID
    login: UUID


@dataclass(frozen=True)
class _Key:
    made: int  # seconds since 1970
    private: Ed25519PrivateKey


class Tokens:
    """Signs and reads access tokens with the keys of one database, which all processes of the hub share."""

    def __init__(self, engine: Engine, now: Callable[[], float] = time.time) -> None:
        self._engine = engine
        self._now = now
        self._lock = threading.Lock()
        self._looked = 0.0
        self._keys = self._known()
        if not self._keys or self._keys[self._newest()].made < now() - KEY_LASTS.total_seconds():
            self._make()

    def issue(self, claims: Claims) -> str:
        """A token for somebody who has just shown who they are."""
        if self._now() > self._looked + OFTEN:
            self._keys = self._known()
        kid, now = self._newest(), int(self._now())
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": claims.person.hex,
            "org": claims.org_id.hex,
            "sid": claims.login.hex,
            "iat": now,
            "nbf": now,
            "exp": now + int(LASTS.total_seconds()),
            "jti": secrets.token_hex(16),
        }
        return jwt.encode(said, self._keys[kid].private, ALGORITHM, {"kid": kid, "typ": KIND})

    def read(self, token: str) -> Claims | None:
        """Who a token speaks for; None for any that is not ours, not yet or no longer good, or not whole."""
        if len(token) > LONGEST:
            return None
        try:
            key = self._key_of(jwt.get_unverified_header(token))
            if key is None:
                return None
            said = jwt.decode(
                token,
                key.private.public_key(),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=SLACK,
                options={"require": list(CLAIMS), "strict_aud": True},
            )
            return Claims(UUID(said["sub"]), UUID(said["org"]), UUID(said["sid"]))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, RecursionError):
            return None

    def _key_of(self, header: dict[str, object]) -> _Key | None:
        """The key that a header names, if it says no more than ours do."""
        kid = header.get("kid")
        if (
            header.keys() != {"alg", "typ", "kid"}
            or header["alg"] != ALGORITHM
            or header["typ"] != KIND
            or not isinstance(kid, str)
        ):
            return None
        if kid not in self._keys and self._now() > self._looked + AGAIN:
            self._keys = self._known()
        key = self._keys.get(kid)
        return key if key is not None and self._still_good(kid) else None

    def _still_good(self, kid: str) -> bool:
        """An old key is good for as long as the last token that it signed."""
        successors = [key.made for key in self._keys.values() if key.made > self._keys[kid].made]
        return not successors or min(successors) > self._now() - LASTS.total_seconds() - OVERLAP

    def _newest(self) -> str:
        return max(self._keys, key=lambda kid: (self._keys[kid].made, kid))

    def _known(self) -> dict[str, _Key]:
        with self._lock, Session(self._engine) as session:
            self._looked = self._now()
            rows = session.execute(select(MetaRow.key, MetaRow.value).where(MetaRow.key.startswith(_KEY, autoescape=True)))
            return {name.removeprefix(_KEY): _read(value) for name, value in rows}

    def _make(self) -> None:
        private = Ed25519PrivateKey.generate()
        plain = {"made": int(self._now()), "private": private.private_bytes_raw().hex()}
        with Session(self._engine) as session:
            meta.keep(session, _KEY + secrets.token_hex(8), plain)
            session.commit()
        self._keys = self._known()


def _read(plain: dict[str, object]) -> _Key:
    return _Key(int(str(plain["made"])), Ed25519PrivateKey.from_private_bytes(bytes.fromhex(str(plain["private"]))))
