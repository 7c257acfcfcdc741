"""What the engine is handed: the line to the hub, what travels beside the commands, and the machine it runs on."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from sync.protocol import Peer

ROOM = 300 << 20  # bytes of free disk below which nothing more is fetched, where no setting says otherwise


class HubLine(Peer, Protocol):
    """A peer that can also be waited for, and given up at once."""

    def wait(self, after: int) -> int:
        """Returns the feed's last number once it is beyond `after`, or after a while; Interrupted by `hurry`."""
        ...

    def hurry(self) -> None:
        """Ends a wait, from any thread; also the next one, unless that is calmed before."""
        ...

    def calm(self) -> None:
        """Forgets that somebody hurried."""
        ...

    def close(self) -> None:
        """Ends whatever is asked, from any thread, with Interrupted."""
        ...

    def end(self) -> None:
        """Lets go of the connections, once nobody asks any more."""
        ...


class Beside(Protocol):
    """What travels beside commands and rows, one small piece after the other, such as photos."""

    def again(self) -> None:
        """An exchange went through since."""
        ...

    def step(self) -> bool:
        """Does the next small piece; False when there is nothing to do. Trouble when the hub is out of reach."""
        ...


class Nothing:
    """Nothing travels beside."""

    def again(self) -> None:
        pass

    def step(self) -> bool:
        return False


@dataclass(frozen=True)
class Chances:
    """What the engine takes from outside: seconds that only go on, chance from 0 up to 1, free bytes on the disk, a token for
    this very machine, and the free bytes below which nothing more is fetched."""

    now: Callable[[], float] = time.monotonic
    chance: Callable[[], float] = random.random
    room: Callable[[], int] = lambda: ROOM
    machine: str = ""
    least: Callable[[], int] = lambda: ROOM

    @property
    def is_short(self) -> bool:
        """Whether the disk has no room for what is fetched; what is sent needs none."""
        return self.room() < self.least()
