"""A line between terminals and hubs that does to real connections all that lines, proxies and hotels do to them.

It understands as much of HTTP as it takes to aim: where a request ends, and when its answer has begun. The same seed gives the
same faults in the same order of requests.
"""

from __future__ import annotations

import random
import re
import socket
import threading
import time
from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import suppress
from dataclasses import dataclass, field

PORTAL = b"<html><title>Welcome</title><body>Please accept our terms of use.</body></html>"
FAILING = b"<html><head><title>502 Bad Gateway</title></head><body><center>nginx</center></body></html>"
FAULTS = {
    "passes": 25,
    "dropped before the request": 5,
    "cut in the request": 5,
    "cut after the request": 6,
    "cut after the hub has answered": 8,
    "cut in the answer": 8,
    "sent twice, the first answer comes": 4,
    "sent twice, the second answer comes": 3,
    "held back": 4,
    "an old one again": 4,
    "dripped": 4,
    "a bit of the request flipped": 3,
    "a bit of the answer flipped": 3,
    "a portal's page": 3,
    "a portal's redirect": 2,
    "a proxy's 502": 4,
    "cut into chunks": 4,
    "no answer": 1,
}
_LENGTH = re.compile(rb"\r\ncontent-length: *(\d+)", re.IGNORECASE)
_TERMINAL = re.compile(rb"\r\nfettle-terminal: *(\w+)", re.IGNORECASE)
LONGEST = 1 << 22


class Gone(Exception):
    """One of the two ends has hung up."""


@dataclass
class Message:
    """A request or an answer as it travels: its head with the empty line, and its body."""

    head: bytes
    body: bytes
    port: int = 0  # of the hub that it was handed on to

    @property
    def whole(self) -> bytes:
        return self.head + self.body

    @property
    def terminal(self) -> bytes:
        """Who asks."""
        found = _TERMINAL.search(self.head)
        return found.group(1) if found else b""

    @property
    def polls(self) -> bool:
        return b"/sync/v1/wait" in self.head.partition(b"\r\n")[0]


@dataclass
class Proxy:
    """Listens on a port of its own and carries each request to one of the hubs; `faults` says how often what goes wrong.

    `at` is told of each step of each request ("asked", "handed on", "answered", "half back", "back"): whoever kills programs
    aims by it.
    """

    hubs: Callable[[], Sequence[int]]  # the ports of the hubs that are there now
    seed: int = 0
    faults: dict[str, int] = field(default_factory=lambda: dict(FAULTS))
    at: Callable[[str, Message], None] = lambda _step, _message: None
    struck: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._dice = random.Random(self.seed)
        self._lock = threading.Lock()
        self._old: list[bytes] = []
        self._before: dict[bytes, str] = {}  # by terminal
        self._ends = threading.Event()
        self._listening = socket.create_server(("127.0.0.1", 0), backlog=64)
        self.port = self._listening.getsockname()[1]
        threading.Thread(target=self._serve, name="proxy", daemon=True).start()

    @property
    def address(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def heal(self) -> None:
        """From now on everything passes."""
        with self._lock:
            self.faults = {"passes": 1}

    def misbehaved(self) -> int:
        """How often."""
        return self.struck.total() - self.struck["passes"]

    def close(self) -> None:
        self._ends.set()
        self._listening.close()

    def __enter__(self) -> Proxy:
        return self

    def __exit__(self, *_error: object) -> None:
        self.close()

    # ------------------------------------------------------------------------------------------------------- connections

    def _serve(self) -> None:
        with suppress(OSError):
            while True:
                caller, _where = self._listening.accept()
                threading.Thread(target=self._talk, args=(caller,), daemon=True).start()

    def _talk(self, caller: socket.socket) -> None:
        """One connection of a terminal's, with one to a hub behind it, for as many requests as come."""
        hub: list[socket.socket] = []
        caller.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
        with caller, suppress(Gone, OSError):
            try:
                while not self._ends.is_set():
                    self._one(caller, hub)
            finally:
                for one in hub:
                    one.close()

    def _one(self, caller: socket.socket, hub: list[socket.socket]) -> None:
        request = received(caller)
        self.at("asked", request)
        how = self._chosen(request)
        getattr(self, "_" + re.sub(r"\W+", "_", how))(caller, hub, request)

    def _chosen(self, request: Message) -> str:
        """A long poll only passes or is cut: what it answers is never more than a nudge."""
        with self._lock:
            how = self._dice.choices(list(self.faults), list(self.faults.values()))[0]
            if request.polls and how not in ("dropped before the request", "cut after the request"):
                how = "passes"
            if how == self._before.get(request.terminal) == "a bit of the request flipped":
                how = "passes"  # whom the hub has not believed twice on end waits for a person
            self._before[request.terminal] = how
            self.struck[how] += 1
            if len(self._old) < 200:
                self._old.append(request.whole)
            return how

    def _die(self, most: int) -> int:
        with self._lock:
            return self._dice.randrange(max(most, 1))

    # ------------------------------------------------------------------------------------------------------ its two halves

    def _to_hub(self, hub: list[socket.socket], content: bytes) -> socket.socket:
        """Sends bytes to a hub, one that is there, on a connection that is kept."""
        if not hub:
            ports = self.hubs()
            if not ports:
                raise Gone
            made = socket.create_connection(("127.0.0.1", ports[self._die(len(ports))]), 5)
            made.settimeout(40)
            hub.append(made)
        hub[0].sendall(content)
        return hub[0]

    def _asked(self, hub: list[socket.socket], request: Message, content: bytes = b"") -> Message:
        """Hands a request on and waits for the whole answer."""
        line = self._to_hub(hub, content or request.whole)
        request.port = line.getpeername()[1]
        self.at("handed on", request)
        answer = received(line)
        self.at("answered", request)
        return answer

    def _back(self, caller: socket.socket, request: Message, content: bytes) -> None:
        half = len(content) // 2
        caller.sendall(content[:half])
        self.at("half back", request)
        caller.sendall(content[half:])
        self.at("back", request)

    # -------------------------------------------------------------------------------------------------------- what happens

    def _passes(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._back(caller, request, self._asked(hub, request).whole)

    def _dropped_before_the_request(self, *_all: object) -> None:
        raise Gone

    def _cut_in_the_request(self, _caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._to_hub(hub, request.whole[: self._die(len(request.whole))])
        raise Gone

    def _cut_after_the_request(self, _caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._to_hub(hub, request.whole)
        raise Gone

    def _cut_after_the_hub_has_answered(self, _caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._asked(hub, request)
        raise Gone

    def _cut_in_the_answer(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        answer = self._asked(hub, request).whole
        caller.sendall(answer[: self._die(len(answer))])
        raise Gone

    def _sent_twice_the_first_answer_comes(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        answer = self._asked(hub, request)
        self._asked(hub, request)
        self._back(caller, request, answer.whole)

    def _sent_twice_the_second_answer_comes(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._asked(hub, request)
        self._back(caller, request, self._asked(hub, request).whole)

    def _held_back(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        """So long that others overtake it."""
        time.sleep(self._die(800) / 1000)
        self._passes(caller, hub, request)

    def _an_old_one_again(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        """One that was on the way long ago arrives now, before this one."""
        with self._lock:
            old = self._dice.choice(self._old)
        elsewhere: list[socket.socket] = []
        with suppress(OSError, Gone):
            self._asked(elsewhere, request, old)
        for one in elsewhere:
            one.close()
        self._passes(caller, hub, request)

    def _dripped(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        answer = self._asked(hub, request).whole
        for place in range(0, len(answer), step := max(1, len(answer) // 40)):
            caller.sendall(answer[place : place + step])
            time.sleep(0.005)

    def _a_bit_of_the_request_flipped(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._back(caller, request, self._asked(hub, request, self._flipped(request)).whole)

    def _a_bit_of_the_answer_flipped(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        self._back(caller, request, self._flipped(self._asked(hub, request)))
        raise Gone

    def _flipped(self, message: Message) -> bytes:
        """In the body: what a bad memory chip on the way does. Heads are the business of who reads HTTP."""
        if not message.body:
            return message.whole
        body = bytearray(message.body)
        body[self._die(len(body))] ^= 1 << self._die(8)
        return message.head + bytes(body)

    def _a_portal_s_page(self, caller: socket.socket, _hub: object, _request: Message) -> None:
        self._instead(caller, b"200 OK", PORTAL)

    def _a_portal_s_redirect(self, caller: socket.socket, _hub: object, _request: Message) -> None:
        self._instead(caller, b"302 Found\r\nLocation: http://portal.example/", PORTAL)

    def _a_proxy_s_502(self, caller: socket.socket, _hub: object, _request: Message) -> None:
        self._instead(caller, b"502 Bad Gateway", FAILING)

    def _instead(self, caller: socket.socket, status: bytes, page: bytes) -> None:
        caller.sendall(b"HTTP/1.1 %s\r\nContent-Type: text/html\r\nContent-Length: %d\r\n\r\n%s" % (status, len(page), page))

    def _cut_into_chunks(self, caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        """As a proxy does that cuts an answer into chunks; every other time it ends before the last one."""
        answer = self._asked(hub, request)
        head = _LENGTH.sub(b"", answer.head)[:-2] + b"Transfer-Encoding: chunked\r\n\r\n"
        caller.sendall(head)
        for place in range(0, len(answer.body), 100):
            some = answer.body[place : place + 100]
            caller.sendall(b"%x\r\n%s\r\n" % (len(some), some))
        if self._die(2):
            raise Gone
        caller.sendall(b"0\r\n\r\n")

    def _no_answer(self, _caller: socket.socket, hub: list[socket.socket], request: Message) -> None:
        """The hub has it; the terminal hears nothing, and nobody hangs up."""
        self._asked(hub, request)
        self._ends.wait(60)
        raise Gone


def received(line: socket.socket) -> Message:
    """The next whole message on a line; Gone where it ends before."""
    read = b""
    while b"\r\n\r\n" not in read:
        read += _some(line)
    head, _empty, body = read.partition(b"\r\n\r\n")
    found = _LENGTH.search(head)
    wanted = min(int(found.group(1)), LONGEST) if found else 0
    while len(body) < wanted:
        body += _some(line)
    if b"chunked" in head.lower():
        while not body.endswith(b"0\r\n\r\n"):
            body += _some(line)
    return Message(head + b"\r\n\r\n", body)


def _some(line: socket.socket) -> bytes:
    got = line.recv(1 << 16)
    if not got:
        raise Gone
    return got
