"""Port: what the first screens want done; whoever starts the program brings what does it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Protocol
from uuid import UUID

from app.access.founding import Founder, Shop
from app.access.regaining import Keeper
from app.kernel.access import Actor
from app.kernel.problems import Problem
from app.kernel.whereabouts import Whereabouts
from ui.scan.burst import ScannerSetup


@dataclass(frozen=True)
class Known:
    """What is there already: the workshop as it was described, whether anybody looks after it, and this machine's devices."""

    shop: Shop
    founded: bool = False  # whether the workshop was described by somebody, and is not merely proposed
    people: bool = False
    printer: str = ""
    scanner: ScannerSetup = ScannerSetup()


@dataclass(frozen=True)
class Brought:
    """What came of a file of parts or stock, counted in rows; `first` is the first thing that was wrong with it."""

    made: int
    changed: int
    refused: int
    first: str = ""


class Begins(Protocol):
    """Does it, on a thread of its own. Refused and Trouble say in words why not."""

    def by(self, who: Actor) -> Begins:
        """The same in somebody's name, where somebody is signed in."""

    def begin(self) -> Known:
        """What there is. Where there is no store yet, an empty one is made."""

    def found(self, shop: Shop) -> None:
        """Sets the workshop up, or changes it."""

    def appoint(self, founder: Founder) -> str:
        """Makes the first administrator; the recovery code, which is shown this once."""

    def code(self) -> tuple[str, bytes]:
        """A code of our own for a test scan: its text, and a picture of it (PNG)."""

    def keep_scanner(self, setup: ScannerSetup) -> None:
        """Remembers how this machine's scanner types."""

    def print_test(self, target: str) -> None:
        """Prints the test code at a printer."""

    def keep_printer(self, target: str) -> None:
        """Remembers where this machine prints labels; nothing for nowhere."""

    def bring(self, entity: str, file: Path, tell: Callable[[int], None]) -> Brought:
        """Takes the rows of a file in: `part` or `stock_line`. `tell` hears how many lines were read."""

    def whereabouts(self) -> Whereabouts:
        """Where the data lies, how much there is, and how safe it is."""

    def support(self) -> Path:
        """Writes the file for whoever helps; where it is."""

    def keepers(self) -> list[Keeper]:
        """The administrators who can be let in by the recovery code."""

    def regain(self, who: UUID, code: str, pin: str) -> Problem | None:
        """Gives one of them a new PIN by the recovery code; what is wrong, None when it is done."""
