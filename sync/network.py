"""The network under the line to the hub: every wait in it ends at one deadline, and at once when it is told to.

A time limit for each read would let a hub that drips one byte a second hold a request for ever (measured: 2 s became 19.6 s).
"""

from __future__ import annotations

import select
import socket
import ssl
import sys
import threading
import time
from collections.abc import Callable, Sequence
from contextlib import suppress
from functools import partial
from typing import Any, cast

import httpcore

CONNECT = 3.0  # seconds for a name to be found and a connection to stand
SILENCE = 20_000  # milliseconds after which what was sent and not confirmed means that the other side is gone
CHUNK = 1 << 16


class Interrupted(Exception):
    """Somebody rang: what was going on is given up."""


class Bell:
    """Rung on one thread, it ends what another one waits for, and every later wait until it is stilled."""

    def __init__(self) -> None:
        self._ours, self._theirs = socket.socketpair()
        self._ours.setblocking(False)
        self._theirs.setblocking(False)

    def ring(self) -> None:
        with suppress(OSError):  # full of rings, which is rung enough; or closed, where nobody listens
            self._theirs.send(b"!")

    def still(self) -> None:
        with suppress(BlockingIOError):
            while self._ours.recv(256):
                pass

    def fileno(self) -> int:
        return self._ours.fileno()

    def close(self) -> None:
        self._ours.close()
        self._theirs.close()

    def __del__(self) -> None:
        self.close()


class Network(httpcore.NetworkBackend):
    """Connections whose every wait ends at `deadline` (a moment of `time.monotonic`), or when one of `bells` rings.

    `connected` counts connections made; `sent` and `received` count bytes on the wire, as TLS is given them.
    """

    def __init__(self) -> None:
        self.deadline = 0.0
        self.bells: Sequence[Bell] = ()
        self.connected = self.sent = self.received = 0

    def connect_tcp(self, host: str, port: int, *_more: object, **_named: object) -> httpcore.NetworkStream:
        limit = min(self.deadline, time.monotonic() + CONNECT)
        found = _Errand(lambda: _connected(host, port)).result(self, limit)
        self.connected += 1
        return _Stream(self, found)

    def await_any(self, read: Sequence[Any], write: Sequence[Any], deadline: float) -> None:
        """Returns when one of these can go on. Interrupted when a bell rings, a time-out at the deadline."""
        ready = _ready([*read, *self.bells], write, max(0.0, deadline - time.monotonic()))
        if any(bell.fileno() in ready for bell in self.bells):
            raise Interrupted
        if not ready:
            raise httpcore.ReadTimeout("the deadline has passed")


def _ready(read: Sequence[Any], write: Sequence[Any], patience: float) -> set[int]:
    """The descriptors that can go on, none when the time is up. `select` alone knows Windows, `poll` more than 1,024 files."""
    if sys.platform == "win32":
        can_read, can_write, _failed = select.select(read, write, [], patience)
        return {one.fileno() for one in (*can_read, *can_write)}
    poll = select.poll()
    for one in read:
        poll.register(one, select.POLLIN)
    for one in write:
        poll.register(one, select.POLLOUT)
    return {descriptor for descriptor, _event in poll.poll(patience * 1000)}


class _Errand:
    """Something that may hang in the system, such as finding a name: done on a thread that nobody has to wait for."""

    def __init__(self, act: Callable[[], socket.socket]) -> None:
        self._bell = Bell()
        self._act = act
        self._made: socket.socket | None = None
        self._error: OSError | None = None
        self._lock = threading.Lock()
        self._over = False
        threading.Thread(target=self._run, name="connect", daemon=True).start()

    def _run(self) -> None:
        try:
            made = self._act()
        except OSError as error:
            made, self._error = None, error
        with self._lock:
            self._made = made
            if not self._over:
                self._bell.ring()
            elif made is not None:
                made.close()

    def result(self, network: Network, deadline: float) -> socket.socket:
        try:
            network.await_any([self._bell], [], deadline)
        except BaseException:
            self._end()
            if self._made is not None:  # it came in the very moment in which nobody waited any more
                self._made.close()
            raise
        self._end()
        if self._error is not None:
            raise self._error
        return cast(socket.socket, self._made)

    def _end(self) -> None:
        with self._lock:
            self._over = True
            self._bell.close()


def _connected(host: str, port: int) -> socket.socket:
    made = socket.create_connection((host, port), CONNECT)
    made.setblocking(False)
    made.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    if hasattr(socket, "TCP_USER_TIMEOUT"):
        made.setsockopt(socket.IPPROTO_TCP, socket.TCP_USER_TIMEOUT, SILENCE)
    return made


class _Stream(httpcore.NetworkStream):
    """One connection, plain or within TLS, that never blocks but in `Network.await_any`."""

    def __init__(self, network: Network, connection: socket.socket) -> None:
        self._network = network
        self._socket = connection
        self._written = bytearray()

    def read(self, max_bytes: int, timeout: float | None = None) -> bytes:
        with suppress(httpcore.WriteError):  # who hangs up may still have said why
            self._flush()
        got = cast(bytes, self._go_on(lambda: self._socket.recv(max_bytes), writes=False))
        self._network.received += len(got)
        return got

    def write(self, buffer: bytes, timeout: float | None = None) -> None:
        """What is written goes out together, before the next read: head and body of a request in one piece."""
        self._written += buffer
        if len(self._written) >= CHUNK:
            self._flush()

    def _flush(self) -> None:
        left = memoryview(bytes(self._written))
        self._written.clear()
        while left:
            gone = cast(int, self._go_on(partial(self._socket.send, left[:CHUNK]), writes=True))
            self._network.sent += gone
            left = left[gone:]

    def start_tls(
        self, ssl_context: ssl.SSLContext, server_hostname: str | None = None, timeout: float | None = None
    ) -> httpcore.NetworkStream:
        wrapped = ssl_context.wrap_socket(self._socket, server_hostname=server_hostname, do_handshake_on_connect=False)
        stream = _Stream(self._network, wrapped)
        try:
            stream._go_on(wrapped.do_handshake, writes=False)
        except BaseException:
            stream.close()
            raise
        return stream

    def _go_on(self, act: Callable[[], Any], *, writes: bool) -> Any:
        """Does it as soon as it can be done without waiting. TLS may have to read before it writes, and the other way."""
        while True:
            try:
                return act()
            except ssl.SSLWantReadError:
                self._wait(writes=False)
            except ssl.SSLWantWriteError:
                self._wait(writes=True)
            except BlockingIOError:
                self._wait(writes=writes)
            except OSError as error:
                raise (httpcore.WriteError if writes else httpcore.ReadError)(str(error)) from error

    def _wait(self, *, writes: bool) -> None:
        ours = [self._socket]
        self._network.await_any([] if writes else ours, ours if writes else [], self._network.deadline)

    def close(self) -> None:
        self._socket.close()

    def __del__(self) -> None:
        self.close()

    def get_extra_info(self, info: str) -> Any:
        if info == "is_readable":
            return bool(_ready([self._socket], [], 0))
        return self._socket if info == "socket" else None


def trusting(authority: str = "") -> ssl.SSLContext:
    """Whom the line believes: the authorities of this machine and, where there is one, the hub's own (a PEM file)."""
    made = ssl.create_default_context()
    made.minimum_version = ssl.TLSVersion.TLSv1_2
    if authority:
        made.load_verify_locations(cafile=authority)
    return made
