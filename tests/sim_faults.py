"""What goes wrong: lines that lose, repeat and cut what they carry, programs that die at a commit, disks without room."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

from sqlalchemy import Engine, event

from app.kernel.problems import Refused, Trouble
from sync.protocol import Compare, Compared, Exchanged, Given, Hello, Peer, Pull, Push, Reborn, Renewed, Rows, Welcome
from sync.wire import TOLD, pack, unpack


class Killed(BaseException):
    """The program is gone. No handler of errors sees it, as none would see a power cut."""


class Full(Exception):
    """The disk has no room."""


class Portal(Trouble):
    """Somebody else answered: a page of a hotel's network, which is no hub's answer."""


class Switch:
    """Kills a program at the n-th commit from now on: before it, so that nothing of it stays, or right after it."""

    def __init__(self, engine: Engine) -> None:
        self._left = 0
        self._after = False
        event.listen(engine, "commit", self._commit)

    def on(self, commits: int, after: bool) -> None:
        self._left, self._after = commits, after

    def off(self) -> None:
        self._left = 0

    def _commit(self, connection: Any) -> None:
        if not self._left:
            return
        self._left -= 1
        if self._left:
            return
        if self._after:
            connection.connection.driver_connection.execute("COMMIT")
        raise Killed


class Shelf:
    """Requests that were on the way once; the network may bring any of them again."""

    def __init__(self) -> None:
        self.kept: list[tuple[Push, Pull]] = []

    def keep(self, push: Push, pull: Pull) -> None:
        self.kept.append((push, pull))


class Line:
    """The way to the hub, through the very bytes of the wire. `meanwhile` is what people do while the answer is on its way."""

    def __init__(self, peer: Peer, how: str, shelf: Shelf, dice: random.Random) -> None:
        self.peer = peer
        self.how = how
        self.shelf = shelf
        self.dice = dice
        self.struck = False
        self.meanwhile: Callable[[], None] = lambda: None

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        sent = unpack(pack(push, pull), Push, Pull)
        self._before(*sent)
        answer = pack(self.peer.exchange(*sent))
        self.shelf.keep(*sent)
        if self._strikes("it arrives twice"):
            answer = pack(self.peer.exchange(*sent))
        if self._strikes("the answer is lost") or self._strikes("the answer drips"):
            raise Trouble("test.cut", "The line went dead.")
        if self._strikes("the answer is cut"):
            self._read(answer[: self.dice.randrange(len(answer))])
        self.meanwhile()
        return self._read(answer)

    def _before(self, push: Push, pull: Pull) -> None:
        if self._strikes("nothing arrives"):
            raise Trouble("test.cut", "The line went dead.")
        if self._strikes("somebody else answers"):
            raise Portal("test.portal", "This is a hotel's page.")
        if self.how == "an old one arrives again" and self.shelf.kept:
            self.struck = True
            self.peer.exchange(*self.dice.choice(self.shelf.kept))
        if self.how == "the hub dies on the way" and push.envelopes:
            self.struck = True
            some = push.envelopes[: self.dice.randrange(len(push.envelopes))]
            self.peer.exchange(_with(push, some), pull)
            raise Trouble("test.cut", "The line went dead.")

    def _strikes(self, how: str) -> bool:
        self.struck = self.struck or self.how == how
        return self.how == how

    def _read(self, body: bytes) -> Exchanged:
        """As the terminal's side reads it: what cannot be read is a trouble with the line."""
        try:
            return unpack(body, Exchanged, limits=TOLD)[0]  # type: ignore[no-any-return]
        except Refused as refused:
            raise Trouble("test.cut", refused.problems[0].message) from refused

    def hello(self, hello: Hello) -> Welcome:
        return self._passed(self.peer.hello, hello, Welcome)

    def compare(self, compare: Compare) -> Compared:
        return self._passed(self.peer.compare, compare, Compared)

    def rows(self, rows: Rows) -> Given:
        return self._passed(self.peer.rows, rows, Given)

    def reborn(self, reborn: Reborn) -> Renewed:
        return self._passed(self.peer.reborn, reborn, Renewed)

    def _passed(self, call: Callable[[Any], Any], message: Any, answer: type[Any]) -> Any:
        given = call(unpack(pack(message), type(message))[0])
        return unpack(pack(given), answer, limits=TOLD)[0]


def _with(push: Push, envelopes: Any) -> Push:
    from dataclasses import replace

    return replace(push, envelopes=envelopes)
