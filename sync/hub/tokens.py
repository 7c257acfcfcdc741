"""Access tokens: who somebody is, signed by the hub (EdDSA, RFC 8037), good for one working day.

The key of each quarter comes out of the hub's own secret, so processes agree on it without a word and the database holds none.
A token is read strictly. Its header holds exactly what ours hold, its key is that of this quarter or the one before, and every
claim must be there: whatever else a JWT may carry (another algorithm, a key of its own, an address to fetch one from) makes
it nobody's.
"""

from __future__ import annotations

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from functools import lru_cache
from uuid import UUID

import jwt
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

ALGORITHM, KIND = "EdDSA", "JWT"
ISSUER, AUDIENCE = "fettle-hub", "fettle-api"
LASTS = timedelta(hours=8)
SLACK = timedelta(seconds=10)  # by which two processes' clocks may differ
QUARTER = 90 * 24 * 3600  # seconds for which a key signs
CLAIMS = ("iss", "aud", "sub", "org", "sid", "iat", "nbf", "exp", "jti")
LONGEST = 2048  # characters; ours have about 450


@dataclass(frozen=True)
class Claims:
    """What a good token says: who, of which organisation, by which login."""

    person: UUID
    org_id: UUID
    login: UUID


class Tokens:
    """Signs and reads access tokens with the keys that come out of the hub's secret (32 bytes); `now` gives seconds."""

    def __init__(self, secret: bytes, now: Callable[[], float] = time.time) -> None:
        self._now = now
        self._key = lru_cache(maxsize=4)(lambda kid: _derived(secret, kid))

    def issue(self, claims: Claims) -> str:
        """A token for somebody who has just shown who they are."""
        kid, now = self._kids()[0], int(self._now())
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
        return jwt.encode(said, self._key(kid), ALGORITHM, {"kid": kid, "typ": KIND})

    def read(self, token: str) -> Claims | None:
        """Who a token speaks for; None for any that is not ours, not yet or no longer good, or not whole."""
        if len(token) > LONGEST:
            return None
        try:
            kid = self._kid_of(jwt.get_unverified_header(token))
            if kid is None:
                return None
            said = jwt.decode(
                token,
                self._key(kid).public_key(),
                algorithms=[ALGORITHM],
                audience=AUDIENCE,
                issuer=ISSUER,
                leeway=SLACK,
                options={"require": list(CLAIMS), "strict_aud": True},
            )
            return Claims(UUID(said["sub"]), UUID(said["org"]), UUID(said["sid"]))
        except (jwt.InvalidTokenError, ValueError, TypeError, AttributeError, RecursionError):
            return None

    def _kid_of(self, header: dict[str, object]) -> str | None:
        """The key that a header names, if it says no more than ours do."""
        if header.keys() != {"alg", "typ", "kid"} or (header["alg"], header["typ"]) != (ALGORITHM, KIND):
            return None
        return next((kid for kid in self._kids() if kid == header["kid"]), None)

    def _kids(self) -> tuple[str, ...]:
        """The names of the keys that are good now: this quarter's, the one before, and the next, which a clock may be in."""
        now = int(self._now()) // QUARTER
        return str(now), str(now - 1), str(now + 1)


def _derived(secret: bytes, kid: str) -> Ed25519PrivateKey:
    """The key of a quarter (HKDF, RFC 5869)."""
    made = HKDF(SHA256(), 32, salt=None, info=b"fettle access tokens " + kid.encode()).derive(secret)
    return Ed25519PrivateKey.from_private_bytes(made)
