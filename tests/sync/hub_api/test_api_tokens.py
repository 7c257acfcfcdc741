"""Tokens that look almost like ours: not one is taken."""

from __future__ import annotations

import base64
import json
import time
from collections.abc import Callable
from typing import Any
from uuid import UUID

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from app.kernel.ids import new_id
from sync.hub.tokens import QUARTER, Claims, Tokens

SECRET = bytes(range(32))
WHO = Claims(new_id(), new_id(), new_id())


@pytest.fixture
def tokens() -> Tokens:
    return Tokens(SECRET)


def kid() -> str:
    return str(int(time.time()) // QUARTER)


def said(**more: Any) -> dict[str, Any]:
    now = int(time.time())
    ours = {
        "iss": "fettle-hub",
        "aud": "fettle-api",
        "sub": WHO.person.hex,
        "org": WHO.org_id.hex,
        "sid": WHO.login.hex,
        "iat": now,
        "nbf": now,
        "exp": now + 3600,
        "jti": "7",
    }
    return {name: value for name, value in {**ours, **more}.items() if value is not None}


def private(tokens: Tokens, name: str = "") -> Ed25519PrivateKey:
    """The key itself, which nobody outside has: so that every other thing about a token is right."""
    return tokens._key(name or kid())


def public(tokens: Tokens, form: Encoding = Encoding.Raw) -> bytes:
    shape = PublicFormat.Raw if form is Encoding.Raw else PublicFormat.SubjectPublicKeyInfo
    return private(tokens).public_key().public_bytes(form, shape)


def part(value: Any) -> str:
    return base64.urlsafe_b64encode(json.dumps(value).encode()).rstrip(b"=").decode()


def by_hand(tokens: Tokens, header: Any, claims: Any) -> str:
    """A token with a header that no library would write, rightly signed by our key."""
    text = f"{part(header)}.{part(claims)}"
    return f"{text}.{base64.urlsafe_b64encode(private(tokens).sign(text.encode())).rstrip(b'=').decode()}"


def headed(**more: Any) -> dict[str, Any]:
    return {"alg": "EdDSA", "typ": "JWT", "kid": kid(), **more}


def claiming(**more: Any) -> Callable[[Tokens], str]:
    return lambda tokens: by_hand(tokens, headed(), said(**more))


def heading(**more: Any) -> Callable[[Tokens], str]:
    return lambda tokens: by_hand(tokens, headed(**more), said())


def shared(form: Encoding) -> Callable[[Tokens], str]:
    """Signed by HMAC with our public key as its secret, which everybody may know."""

    def make(tokens: Tokens) -> str:
        import hashlib
        import hmac

        text = f"{part(headed(alg='HS256'))}.{part(said())}"
        mark = hmac.new(public(tokens, form), text.encode(), hashlib.sha256).digest()
        return f"{text}.{base64.urlsafe_b64encode(mark).rstrip(b'=').decode()}"

    return make


def own_key(tokens: Tokens) -> str:
    """Signed by a key of its own, which it brings along."""
    mine = Ed25519PrivateKey.generate()
    brought = {"kty": "OKP", "crv": "Ed25519", "x": base64.urlsafe_b64encode(mine.public_key().public_bytes_raw()).decode()}
    return jwt.encode(said(), mine, "EdDSA", {"kid": kid(), "jwk": brought})


def other_hub(_tokens: Tokens) -> str:
    return Tokens(bytes(32)).issue(WHO)


def tampered(tokens: Tokens) -> str:
    head, _body, mark = tokens.issue(WHO).split(".")
    return f"{head}.{part(said(org=new_id().hex))}.{mark}"


def years_ago(_tokens: Tokens) -> str:
    old = time.time() - 3 * QUARTER
    return Tokens(SECRET, lambda: old).issue(WHO)


LATE, SOON = int(time.time()) - 60, int(time.time()) + 3600
CORPUS: dict[str, Callable[[Tokens], str]] = {
    "nothing": lambda _tokens: "",
    "no token": lambda _tokens: "x.y.z",
    "endless": lambda _tokens: "a" * 100_000,
    "nested": lambda _tokens: base64.urlsafe_b64encode(b"[" * 1200).decode() + ".e30.AA",
    "alg none": lambda _tokens: f"{part(headed(alg='none'))}.{part(said())}.",
    "alg None": lambda _tokens: f"{part(headed(alg='None'))}.{part(said())}.",
    "no signature": lambda tokens: tokens.issue(WHO).rpartition(".")[0] + ".",
    "half a signature": lambda tokens: tokens.issue(WHO)[:-20],
    "HS256 with the raw public key": shared(Encoding.Raw),
    "HS256 with the public key as PEM": shared(Encoding.PEM),
    "HS256 with the public key as DER": shared(Encoding.DER),
    "RS256 in the header": heading(alg="RS256"),
    "another key": lambda _tokens: jwt.encode(said(), Ed25519PrivateKey.generate(), "EdDSA", {"kid": kid()}),
    "a key of its own": own_key,
    "another hub's": other_hub,
    "tampered": tampered,
    "crit": heading(crit=["exp"]),
    "crit of nothing": heading(crit=[]),
    "b64": heading(b64=False, crit=["b64"]),
    "jwk": heading(jwk={"kty": "OKP"}),
    "jku": heading(jku="https://evil.example/keys"),
    "x5u": heading(x5u="https://evil.example/cert"),
    "x5c": heading(x5c=["MIIB"]),
    "kid that climbs": heading(kid="../../../../dev/null"),
    "kid with SQL": heading(kid="' or '1'='1"),
    "kid of nobody": heading(kid="7"),
    "kid of last year": years_ago,
    "kid that is a number": heading(kid=int(kid())),
    "kid that is a list": heading(kid=[kid()]),
    "no kid": lambda tokens: by_hand(tokens, {"alg": "EdDSA", "typ": "JWT"}, said()),
    "no typ": lambda tokens: by_hand(tokens, {"alg": "EdDSA", "kid": kid()}, said()),
    "another typ": heading(typ="refresh"),
    "a header that is a list": lambda tokens: by_hand(tokens, [1], said()),
    "claims that are a list": lambda tokens: by_hand(tokens, headed(), [1]),
    "expired": claiming(exp=LATE),
    "not yet": claiming(nbf=SOON),
    "made in the future": claiming(iat=SOON),
    "exp that is text": claiming(exp="tomorrow"),
    "exp without an end": claiming(exp=1e400),
    "another audience": claiming(aud="fettle-sync"),
    "several audiences": claiming(aud=["fettle-api", "fettle-sync"]),
    "another issuer": claiming(iss="fettle-hub.evil.example"),
    "sub that is no id": claiming(sub="nora"),
    "sub that is a number": claiming(sub=7),
    "org that is nothing": claiming(org=""),
    **{f"no {name}": claiming(**{name: None}) for name in ("iss", "aud", "sub", "org", "sid", "iat", "nbf", "exp", "jti")},
}  # fmt: skip


@pytest.mark.parametrize("name", CORPUS)
def test_a_token_that_is_not_ours_speaks_for_nobody(tokens: Tokens, name: str) -> None:
    assert tokens.read(CORPUS[name](tokens)) is None


def test_ours_do(tokens: Tokens) -> None:
    assert tokens.read(tokens.issue(WHO)) == WHO
    assert tokens.read(by_hand(tokens, headed(), said())) == WHO, "else the corpus proves nothing"


def test_processes_and_quarters_agree_on_the_key() -> None:
    end = (int(time.time()) // QUARTER + 1) * QUARTER
    before, after = Tokens(SECRET, lambda: end - 60.0), Tokens(SECRET, lambda: end + 60.0)
    assert _kid(before.issue(WHO)) != _kid(after.issue(WHO))
    assert after._kid_of(jwt.get_unverified_header(before.issue(WHO))) is not None
    assert before._kid_of(jwt.get_unverified_header(after.issue(WHO))) is not None


def _kid(token: str) -> str:
    return str(jwt.get_unverified_header(token)["kid"])


def test_none_of_them_comes_in_over_http(standing: Any) -> None:
    ours = Tokens(standing.hub.keys.signing)
    for name, make in CORPUS.items():
        headers = {"Authorization": f"Bearer {make(ours)}"}
        told = standing.client.request("GET", "/api/v1/auth/me", headers=headers)
        assert (told.status_code, told.json()["code"]) == (401, "api.token"), name


@pytest.mark.parametrize("header", ["", "Basic bm9yYTo0MDcxOTI=", "Bearer", "Bearer  ", "Token {token}", "{token}"])
def test_a_good_token_in_a_bad_header_is_none(standing: Any, header: str) -> None:
    token = standing.caller(standing.people["nora"]).token
    told = standing.client.request("GET", "/api/v1/auth/me", headers={"Authorization": header.format(token=token)})
    assert told.status_code == 401


def test_a_token_of_a_login_that_never_was_is_none(standing: Any) -> None:
    nora = standing.people["nora"]
    token = Tokens(standing.hub.keys.signing).issue(Claims(nora.id, nora.org_id, UUID(int=7)))
    told = standing.client.request("GET", "/api/v1/auth/me", headers={"Authorization": f"Bearer {token}"})
    assert told.status_code == 401


def test_one_persons_login_is_nobody_elses(standing: Any) -> None:
    tokens = Tokens(standing.hub.keys.signing)
    kims = tokens.read(standing.caller(standing.people["kim"]).token)
    assert kims is not None
    nora = standing.people["nora"]
    for claims in (Claims(nora.id, nora.org_id, kims.login), Claims(kims.person, standing.other.org, kims.login)):
        headers = {"Authorization": f"Bearer {tokens.issue(claims)}"}
        assert standing.client.request("GET", "/api/v1/auth/me", headers=headers).status_code == 401
