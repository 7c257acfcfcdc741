"""The hub over HTTP, as a terminal's peer: signs what it asks, and turns everything that can come back into words.

Nothing is lost by any of it: what a terminal has not been answered, it keeps and sends again.
"""

from __future__ import annotations

import json
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http import HTTPStatus
from typing import Any, Protocol, TypeVar
from urllib.parse import SplitResult
from uuid import UUID

import httpcore

from app.kernel.problems import Problem, Refused, Trouble
from app.kernel.words import _
from sync import signing, wire
from sync.network import Bell, Interrupted, Network
from sync.pool import Endless, Pool, Reply, address
from sync.protocol import Compare, Compared, Exchanged, Given, Hello, Pull, Push, Reborn, Renewed, Rows, Welcome

M = TypeVar("M")
ROOT = "/sync/v1"
DEADLINE = 30.0  # seconds for one question and its answer, however they trickle
POLL = 35.0  # and for one that the hub answers only when there is something to tell
MOST = wire.TOLD.packed
DOUBTS = (signing.CLOCK, signing.FORGED, signing.REPLAYED)  # of one request, not of the terminal: the next one may be believed
WORDS = 300  # characters of the other side's words that are shown


class Carrier(Protocol):
    """Carries one request to the hub and its answer back; Trouble when it cannot."""

    def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, poll: bool = False) -> Reply: ...

    def hurry(self) -> None: ...

    def calm(self) -> None: ...

    def close(self) -> None: ...

    def end(self) -> None: ...


@dataclass(frozen=True)
class Key:
    """As whom a terminal signs."""

    terminal_id: UUID
    private: bytes


class HttpPeer:
    """The hub at an address. `now_ms` is the terminal's own clock. One question goes over the line at a time, whoever asks; any
    thread may hurry or close it.

    Where a function is given instead of a key, it is asked each time: a terminal whose store was copied becomes another one.
    """

    def __init__(self, carrier: Carrier, key: Key | Callable[[], Key], now_ms: Callable[[], int]) -> None:
        self._carrier = carrier
        self._key = key if callable(key) else lambda: key
        self._now_ms = now_ms
        self._off = 0  # what the hub's clock was ahead of ours when it last complained

    def hello(self, hello: Hello) -> Welcome:
        return self._asked("hello", Welcome, hello)

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        """As `Peer` has it. Of a push that is larger than a body may be, the first envelopes go; the others wait."""
        return self._asked("exchange", Exchanged, wire.fitting(push), pull)

    def compare(self, compare: Compare) -> Compared:
        return self._asked("compare", Compared, compare)

    def rows(self, rows: Rows) -> Given:
        return self._asked("rows", Given, rows)

    def reborn(self, reborn: Reborn) -> Renewed:
        return self._asked("reborn", Renewed, reborn)

    def wait(self, after: int) -> int:
        """Waits until the hub's feed has gone on beyond a number, or for a while; its number then. Interrupted by `hurry`."""
        reply = self._sent("GET", f"{ROOT}/wait?after={after}", b"", poll=True)
        return _read(reply, wire.Nudge).horizon

    def hurry(self) -> None:
        """Ends a `wait`, also the next one if none is going on."""
        self._carrier.hurry()

    def calm(self) -> None:
        """Forgets that somebody hurried, so that the next `wait` waits."""
        self._carrier.calm()

    def close(self) -> None:
        """Ends what is going on, and whatever is asked from now on."""
        self._carrier.close()

    def end(self) -> None:
        """Lets go of the connections, once nobody asks any more."""
        self._carrier.end()

    def ask(self, method: str, target: str, body: bytes = b"") -> Reply:
        """A signed request of any other kind, such as for a part of a snapshot; Trouble or Refused where it is not answered."""
        return self._sent(method, target, body)

    def _asked(self, name: str, kind: type[M], *messages: Any) -> M:
        return _read(self._sent("POST", f"{ROOT}/{name}", wire.pack(*messages)), kind)

    def _sent(self, method: str, target: str, body: bytes, *, poll: bool = False) -> Reply:
        reply = self._carried(method, target, body, poll=poll)
        if self._is_worth_signing_anew(reply):
            reply = self._carried(method, target, body, poll=poll)
        return judged(reply)

    def _carried(self, method: str, target: str, body: bytes, *, poll: bool) -> Reply:
        moment = self._now_ms() + self._off
        key = self._key()
        signed = signing.sign(key.private, method, target, moment, secrets.token_hex(16), body)
        kind = {"Content-Type": wire.MEDIA_TYPE} if body else {}
        return self._carrier.carry(method, target, {signing.TERMINAL: key.terminal_id.hex, **signed, **kind}, body, poll=poll)

    def _is_worth_signing_anew(self, reply: Reply) -> bool:
        """Takes the hub's time where it complains about ours. What the line brought twice, or changed on the way, is no fault of
        ours either: the hub believes the next one."""
        code, told = _document(reply).get("code"), reply.headers.get(signing.TIME.lower(), "")
        if reply.status != 401 or code not in DOUBTS:
            return False
        if code != signing.CLOCK:
            return True
        if not (told.isascii() and told.isdigit()):
            return False
        self._off = int(told[:15]) - self._now_ms()
        return True


def _read(reply: Reply, kind: type[M]) -> M:
    if reply.kind() != wire.MEDIA_TYPE:
        raise _stranger()
    try:
        return wire.unpack_one(reply.body, kind, wire.TOLD)
    except Refused as refused:
        raise _as_trouble(refused) from refused


def _as_trouble(refused: Refused) -> Trouble:
    problem = refused.problem
    return Trouble(problem.code, problem.message, problem.hint, problem.values)


# ------------------------------------------------------------------------------------------------------ what came back


def judged(reply: Reply) -> Reply:
    """The answer, when it is one. Refused when the hub does not let this terminal in; Trouble for all that may pass, such as a
    line that brings every request twice, or changes it."""
    if reply.status in (200, 204, 206):
        return reply
    told = _document(reply)
    if reply.status == HTTPStatus.REQUEST_ENTITY_TOO_LARGE and not told:  # what stands before the hub may take less than it does
        raise _as_trouble(wire.too_large(wire.ASKED))
    if 300 <= reply.status < 400 or (not told and reply.status < 500):
        raise _stranger()
    if reply.status in (401, 403) and told.get("code") not in DOUBTS:
        raise Refused(
            Problem(*_said(told), values={"told": _words(told, "title"), "advice": _words(told, "hint"), "answer": told})
        )
    if not told:
        raise _failing(reply)
    raise Trouble(*_said(told), {"told": _words(told, "title"), "advice": _words(told, "hint"), "seconds": reply.seconds()})


def _said(told: Mapping[str, Any]) -> tuple[str, str, str]:
    """The hub's own code, and places for its own words: they are shown as they are, and not taken for a sentence of ours."""
    return _words(told, "code") or "hub.refuses", "{told}", "{advice}"


def _document(reply: Reply) -> dict[str, Any]:
    """The problem document (RFC 9457) in an answer; nothing where somebody else wrote it."""
    if reply.kind() != "application/problem+json" or len(reply.body) > 1 << 16:
        return {}
    try:
        found = json.loads(reply.body)
    except (ValueError, RecursionError):
        return {}
    return found if isinstance(found, dict) and isinstance(found.get("code"), str) else {}


def _words(told: Mapping[str, Any], name: str) -> str:
    found = told.get(name)
    return found[:WORDS] if isinstance(found, str) else ""


# ------------------------------------------------------------------------------------------------------ the line itself


class HttpLine:
    """One line to a hub: connections that are kept, a deadline round each request, and an end at once."""

    def __init__(self, place: str, authority: str = "") -> None:
        """`place` such as https://hub.example; `authority` names a PEM file where the hub has its own. Refused else."""
        self.network = Network()
        self._pool = Pool(_base(place), self.network, authority, most=MOST)
        self._hurry, self._end = Bell(), Bell()
        self._lock = threading.Lock()

    def carry(self, method: str, target: str, headers: Mapping[str, str], body: bytes, *, poll: bool = False) -> Reply:
        """Sends one request; Trouble when no whole answer comes before the deadline. Redirects are never followed."""
        with self._lock:
            network = self.network
            network.bells = (self._end, self._hurry) if poll else (self._end,)
            network.deadline = time.monotonic() + (POLL if poll else DEADLINE)
            try:
                return self._once_more(method, target, headers, body)
            except Interrupted:
                if poll:
                    self._hurry.still()
                raise
            except (httpcore.TimeoutException, httpcore.NetworkError, httpcore.ProtocolError, OSError, UnicodeError) as error:
                raise trouble_of(error) from error

    def hurry(self) -> None:
        self._hurry.ring()

    def calm(self) -> None:
        self._hurry.still()

    def close(self) -> None:
        self._end.ring()

    def end(self) -> None:
        with self._lock:
            self._pool.close()
            self._hurry.close()
            self._end.close()

    def _once_more(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        """A kept connection may have ended unseen, which only shows when it is used: then once more on a new one."""
        before = self.network.connected
        try:
            return self._exchanged(method, target, headers, body)
        except (httpcore.ReadError, httpcore.WriteError, httpcore.RemoteProtocolError):
            if self.network.connected != before:
                raise
            return self._exchanged(method, target, headers, body)

    def _exchanged(self, method: str, target: str, headers: Mapping[str, str], body: bytes) -> Reply:
        try:
            return self._pool.ask(method, target, headers, body)
        except Endless as endless:
            raise _endless() from endless


def _base(given: str) -> SplitResult:
    found = address(given)
    if found is None:
        hint = _("Write it as https://hub.example.org, as the person who invites you gives it.")
        raise Refused(Problem("hub.address", _("{address} is no address of a hub."), hint=hint, values={"address": given[:80]}))
    return found


# --------------------------------------------------------------------------------------------------------------- words


def trouble_of(error: Exception) -> Trouble:
    """What the network did to us, in words."""
    root: BaseException | None = error
    while root is not None and not isinstance(root, OSError):
        root = root.__cause__ or root.__context__
    if isinstance(root, ssl.SSLCertVerificationError):
        hint = _("See that this machine's date is right, and that it trusts the hub's certificate.")
        return Trouble(
            "hub.certificate", _("The hub's certificate cannot be trusted: {reason}."), hint, {"reason": root.verify_message}
        )
    if isinstance(error, httpcore.TimeoutException | TimeoutError):
        return Trouble("hub.silent", _("The hub does not answer in time."), _("Work goes on; it is tried again by itself."))
    return _unreachable(root or error)


def _unreachable(error: BaseException) -> Trouble:
    reason = getattr(error, "strerror", "") or str(error) or type(error).__name__
    message = _("The hub cannot be reached: {reason}.")
    return Trouble("hub.away", message, _("Work goes on; it is tried again by itself."), {"reason": reason})


def _stranger() -> Trouble:
    message = _("Something between here and the hub answers in its place.")
    hint = _("If this network wants you to log in on a web page first, do so. Otherwise tell whoever looks after the network.")
    return Trouble("hub.stranger", message, hint)


def _failing(reply: Reply) -> Trouble:
    message = _("The hub, or what stands before it, fails at the moment (HTTP {status}).")
    hint = _("Work goes on; it is tried again by itself.")
    return Trouble("hub.fails", message, hint, {"status": reply.status, "seconds": reply.seconds()})


def _endless() -> Trouble:
    message = _("The answer that came over the line is longer than any answer of a hub.")
    return Trouble("hub.endless", message, _("Update this program and the hub, and see who stands between them."))
