"""The line to an Odoo: JSON out, JSON back, one deadline round each call, and an end at once.

Nothing is sent twice from here: a button pressed again is not harmless, so whoever asked looks how things stand first.
"""

from __future__ import annotations

import ssl
import threading
import time
from collections.abc import Mapping
from typing import Any

import httpcore
import msgspec

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from sync.network import Bell, Interrupted, Network
from sync.odoo.errors import Away
from sync.pool import Endless, Pool, Reply, address

Row = dict[str, Any]  # a record as Odoo's JSON has it
DEADLINE = 130.0  # seconds for one call and its whole answer; Odoo itself gives a request up after 120
MOST = 64 << 20  # bytes of one answer: a page of a thousand products is one or two million
KEPT = 20.0  # seconds that an unused connection is kept: less than servers do, as nothing may be sent twice


class Line:
    """One line to one Odoo; calls go over it one at a time, whoever makes them."""

    def __init__(self, url: str) -> None:
        """`url` such as https://odoo.example; Refused where it is none."""
        base = address(url)
        if base is None or base.username is not None:
            raise Refused(_no_address(url))
        self._network = Network()
        self._pool = Pool(base, self._network, most=MOST, kept=KEPT)
        self._end = Bell()
        self._network.bells = (self._end,)
        self._lock = threading.Lock()

    def post(self, target: str, told: Any, deadline: float, headers: Mapping[str, str] | None = None) -> Reply:
        """Sends a value as JSON; its answer, whatever its status. Away when no whole answer comes before the deadline."""
        named = {"Content-Type": "application/json", **(headers or {})}
        return self._asked("POST", target, named, msgspec.json.encode(told), deadline)

    def get(self, target: str, deadline: float) -> Reply:
        return self._asked("GET", target, {}, b"", deadline)

    def close(self) -> None:
        """From any thread: what is going on ends as Away."""
        self._end.ring()
        with self._lock:
            self._pool.close()

    def _asked(self, method: str, target: str, headers: Mapping[str, str], body: bytes, deadline: float) -> Reply:
        with self._lock:
            self._network.deadline = deadline
            try:
                return self._pool.ask(method, target, {"Accept-Encoding": "identity", **headers}, body)
            except Interrupted as error:
                raise _ended() from error
            except Endless as error:
                raise _endless() from error
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
                raise away_of(error) from error


def until(seconds: float) -> float:
    """The deadline that many seconds from now."""
    return time.monotonic() + seconds


def read(reply: Reply) -> Any:
    """The JSON of an answer; Away where somebody else answered in Odoo's place."""
    if reply.kind() != "application/json":
        raise stranger(reply)
    try:
        return msgspec.json.decode(reply.body)
    except (msgspec.DecodeError, RecursionError, UnicodeError) as error:
        raise stranger(reply) from error


def busy(reply: Reply) -> Away:
    """An answer that says: not now."""
    message = _("Odoo, or what stands before it, cannot answer at the moment (HTTP {status}).")
    return Away("odoo.busy", message, _AGAIN, {"status": reply.status}, seconds=reply.seconds())


# --------------------------------------------------------------------------------------------------------------- words

_AGAIN = _("Nothing is lost: it is tried again by itself.")


def away_of(error: Exception) -> Away:
    """What the network did to us, in words."""
    root: BaseException | None = error
    while root is not None and not isinstance(root, OSError):
        root = root.__cause__ or root.__context__
    if isinstance(root, ssl.SSLCertVerificationError):
        hint = _("See that the hub's date is right, and that its machine trusts the authority behind Odoo's certificate.")
        message = _("Odoo's certificate cannot be trusted: {reason}.")
        return Away("odoo.certificate", message, hint, {"reason": root.verify_message})
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return Away("odoo.silent", _("Odoo does not answer in time."), _AGAIN)
    cause = root or error
    reason = getattr(cause, "strerror", "") or str(cause) or type(cause).__name__
    return Away("odoo.away", _("Odoo cannot be reached: {reason}."), _AGAIN, {"reason": reason})


def _ended() -> Away:
    return Away("odoo.ended", _("The hub ends, and has let go of the line to Odoo."), _AGAIN)


def _endless() -> Away:
    message = _("Odoo's answer is longer than {most} megabytes, and was not taken.")
    return Away("odoo.endless", message, _("Tell whoever looks after the hub."), {"most": MOST >> 20})


def stranger(reply: Reply) -> Away:
    message = _("What answers at Odoo's address is not Odoo (HTTP {status}).")
    hint = _("See that the address is Odoo's own, with https:// where it has that, and what stands between it and the hub.")
    return Away("odoo.stranger", message, hint, {"status": reply.status})


def _no_address(url: str) -> Problem:
    hint = _("Write it as https://odoo.example.org, without a name or password in it.")
    shown = url.rpartition("@")[2][:80]
    return Problem("odoo.address", _("{address} is no address of an Odoo."), hint=hint, values={"address": shown})
