"""Requests over connections that are kept: one whole answer of a bounded size, or the error of httpcore that says why not."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from urllib.parse import SplitResult, urlsplit

import httpcore

from sync.network import Network, trusting

KEPT = 60.0  # seconds that an unused connection is kept


@dataclass(frozen=True)
class Reply:
    """What came back, whoever sent it. Header names are in lower case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    def kind(self) -> str:
        return self.headers.get("content-type", "").partition(";")[0].strip().lower()

    def seconds(self) -> int:
        """How long the other side asks us to wait."""
        told = self.headers.get("retry-after", "")
        return min(int(told), 3600) if told.isascii() and told.isdigit() and len(told) < 6 else 0


class Endless(Exception):
    """The answer is longer than any that is taken."""


class Pool:
    """Connections to one address; whoever asks sets the network's deadline and bells first."""

    def __init__(self, base: SplitResult, network: Network, authority: str = "", *, most: int, kept: float = KEPT) -> None:
        """`authority` names a PEM file where the other side has its own; `most` bytes of an answer are taken."""
        self._base = base
        self._network = network
        self._authority = authority
        self._most = most
        self._kept = kept
        self._pool: httpcore.ConnectionPool | None = None

    def ask(self, method: str, target: str, headers: Mapping[str, str], body: bytes = b"") -> Reply:
        """Sends one request; redirects are not followed."""
        base = self._base
        url = httpcore.URL(scheme=base.scheme, host=_host(base), port=base.port, target=base.path + target)
        named = [("Host", base.netloc.rpartition("@")[2]), *headers.items()]
        if method == "POST" or body:
            named.append(("Content-Length", str(len(body))))
        with self._open().stream(method, url, headers=named, content=body or None) as response:
            found = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in response.headers}
            read = bytearray()
            for some in response.iter_stream():
                read += some
                if len(read) > self._most:
                    raise Endless
            return Reply(response.status, found, bytes(read))

    def close(self) -> None:
        if self._pool is not None:
            self._pool.close()
            self._pool = None

    def _open(self) -> httpcore.ConnectionPool:
        """The connections, made when the first is needed: reading the machine's authorities takes its time."""
        if self._pool is None:
            context = trusting(self._authority) if self._base.scheme == "https" else None
            self._pool = httpcore.ConnectionPool(
                context, max_connections=2, keepalive_expiry=self._kept, network_backend=self._network
            )
        return self._pool


def address(text: str) -> SplitResult | None:
    """An address such as https://hub.example as its parts; None where it is none."""
    try:
        found = urlsplit(text.strip().rstrip("/"))
        if found.scheme in ("http", "https") and found.hostname and found.port != 0:
            return found._replace(query="", fragment="")
    except ValueError:
        return None
    return None


def _host(base: SplitResult) -> str:
    """The name as the network knows it: letters beyond ASCII have a spelling of their own there."""
    return (base.hostname or "").encode("idna").decode("ascii")
