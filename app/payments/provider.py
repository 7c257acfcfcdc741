"""Payment providers: what an adapter must do, how its callbacks are signed, and a double of one to try everything with."""

from __future__ import annotations

import hashlib
import hmac
import json
import os
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Protocol

from app.kernel.money import MOST, Money
from app.kernel.problems import Problem, Refused
from app.kernel.types import millis
from app.kernel.words import _

WINDOW = 300  # seconds that a callback may be old, or ahead of our clock
LONGEST = 4096  # characters of a callback's body
_SECONDS = re.compile(r"\d{1,15}", re.ASCII)  # since 1970
NAMED = "FETTLE_PAYMENTS_SECRET_"  # and the provider's name in capitals: where its secret stands, at the hub alone


@dataclass(frozen=True)
class Heard:
    """What a callback says: our own number of the payment, the provider's reference, the amount, and whether it was paid."""

    number: str
    reference: str
    amount: Money
    paid: bool


class Provider(Protocol):
    """What stands between us and a provider. An adapter is one such object, listed in `PROVIDERS`.

    It talks to nobody by itself: `page` makes the address that the customer is shown, and `hear` judges what came in.
    """

    name: str
    label: str
    header: str  # of HTTP, in which the signature of a callback comes
    double: bool  # whether it is one to try with, by which no money moves

    def page(self, number: str, amount: Money) -> str:
        """The address where the customer pays: our number is the provider's order number, so that its callback names it."""
        ...

    def hear(self, body: str, signature: str, now: datetime) -> Heard:
        """What a callback says; Refused where it is not the provider's, too old, or not to be read."""
        ...


def signed(secret: bytes, body: str, at: datetime) -> str:
    """The signature of a body sent at a moment: `t=<seconds>,v1=<hex>`, HMAC-SHA256 (RFC 2104) over `<seconds>.<body>`."""
    seconds = millis(at) // 1000
    return f"t={seconds},v1={_mac(secret, seconds, body)}"


def _mac(secret: bytes, seconds: int, body: str) -> str:
    return hmac.new(secret, f"{seconds}.{body}".encode(), hashlib.sha256).hexdigest()


def hold_signature(secret: bytes, body: str, signature: str, now: datetime) -> None:
    """Refused unless the body was signed with the secret, within the window of time."""
    parts = dict(part.partition("=")[::2] for part in signature.split(","))
    seconds = int(parts["t"]) if _SECONDS.fullmatch(parts.get("t", "")) else None
    if seconds is None or not hmac.compare_digest(_mac(secret, seconds, body).encode(), parts.get("v1", "").encode()):
        raise Refused(
            Problem(
                "payments.forged",
                _("This message does not come from the payment provider."),
                field="signature",
                hint=_("Nothing was booked. Check the provider's secret at the hub; if it is right, somebody tried to deceive."),
            )
        )
    if abs(millis(now) // 1000 - seconds) > WINDOW:
        raise Refused(
            Problem(
                "payments.stale",
                _("This message of the payment provider is too old, or ahead of our clock."),
                field="signature",
                hint=_("Nothing was booked. The provider sends it again; check the hub's clock."),
            )
        )


def read_body(body: str) -> Heard:
    """A callback's body: `{"payment": "PAY-…", "reference": "…", "amount": 11900, "status": "paid" | "failed"}`, minor units."""
    try:
        plain: Any = json.loads(body if len(body) <= LONGEST else "")
        number, reference, amount, status = (plain[name] for name in ("payment", "reference", "amount", "status"))
    except (ValueError, TypeError, KeyError, RecursionError):
        raise Refused(_unreadable()) from None
    words = isinstance(number, str) and isinstance(reference, str) and reference.strip() and len(reference) <= 80
    counts = type(amount) is int and 0 < amount <= MOST
    if not (words and counts and status in ("paid", "failed")):
        raise Refused(_unreadable())
    return Heard(number, reference.strip(), Money(amount), status == "paid")


def _unreadable() -> Problem:
    return Problem(
        "payments.unreadable",
        _("This message of the payment provider cannot be read."),
        field="body",
        hint=_("It is a JSON object with payment, reference, amount in minor units, and status: paid or failed."),
    )


class Sandbox:
    """A double of a provider, for trying: no money moves. Its secret is known to everybody unless the hub sets another."""

    name = "sandbox"
    label = _("Sandbox: no money moves")
    header = "Fettle-Signature"
    double = True

    def __init__(self, environ: Mapping[str, str] = os.environ) -> None:
        self._environ = environ

    @property
    def secret(self) -> bytes:
        return self._environ.get(NAMED + self.name.upper(), "sandbox").encode()

    def page(self, number: str, amount: Money) -> str:
        return f"https://sandbox.invalid/pay/{number}?amount={amount.minor}"

    def hear(self, body: str, signature: str, now: datetime) -> Heard:
        hold_signature(self.secret, body, signature, now)
        return read_body(body)


PROVIDERS: Mapping[str, Provider] = {one.name: one for one in (Sandbox(),)}


def provider_of(name: str, chosen: str) -> Provider:
    """The organisation's provider by its name; Refused for any other, so that a double counts nowhere unless it was chosen."""
    if name != chosen or name not in PROVIDERS:
        raise Refused(
            Problem(
                "payments.provider",
                _("“{name}” is not this workshop's payment provider."),
                field="provider",
                hint=_("An administrator chooses it in the settings, under payments."),
                values={"name": name[:40]},
            )
        )
    return PROVIDERS[name]


def told_by(name: str, environ: Mapping[str, str] = os.environ) -> Provider:
    """The provider of a callback that comes by itself; Refused where the hub has no secret of its own to know it by."""
    if name not in PROVIDERS or not environ.get(NAMED + name.upper()):
        raise Refused(
            Problem(
                "payments.closed",
                _("Nothing is heard from “{name}” here."),
                field="provider",
                hint=_("Set the provider's secret at the hub, as {variable}, and start the hub again."),
                values={"name": name[:40], "variable": NAMED + (name.upper() if name in PROVIDERS else "NAME")},
            )
        )
    return PROVIDERS[name]
