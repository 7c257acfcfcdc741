"""Port: what the joining screens want done, and how far it is; whoever starts the program brings what does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol


@dataclass(frozen=True)
class Invitation:
    """What somebody typed or scanned: the hub's address, the code, and the four words of the hub's key where they stood there."""

    hub: str
    code: str
    words: str = ""
    name: str = ""  # what this machine is to be called


@dataclass(frozen=True)
class Joined:
    """What this machine is from now on. The words are compared by people; where it is `fresh` its rows are still at the hub."""

    name: str
    organisation: str
    words: str
    hub_words: str
    fresh: bool
    adopts: bool


@dataclass(frozen=True)
class Far:
    """How far its rows are: bytes while they are fetched, rows while they are put in place."""

    step: str  # fetch or lay
    done: int
    total: int


class Joins(Protocol):
    """Does it, on a thread of its own. Refused and Trouble say in words why not."""

    def read(self, text: str) -> Invitation | None:
        """The invitation in a hub's QR code; None for any other text."""

    def join(self, invitation: Invitation) -> Joined:
        """Brings the code to the hub. Where it fails all is as it was before."""

    def fetch(self, tell: Callable[[Far], None], stop: Callable[[], bool]) -> None:
        """Fetches what this machine is to hold; what is here already is not fetched twice."""
