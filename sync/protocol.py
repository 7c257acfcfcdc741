"""What a terminal and the hub say to each other, as frozen plain data: in one process today, as JSON over HTTP alike."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from typing import Any, Protocol, TypeVar

from app.kernel.problems import Trouble
from app.kernel.words import _

VERSION = 1
OK, GAP, FORK = "ok", "gap", "fork"
MOST_IN_A_PUSH = 500
ROWS_IN_A_PAGE = 200
PAGES_IN_AN_EXCHANGE = 20

M = TypeVar("M")


@dataclass(frozen=True)
class Wanted:
    """A block of numbers that a terminal asks for: so many, in one series and period."""

    series: str
    period: str
    size: int


@dataclass(frozen=True)
class Block:
    """A block of numbers that nobody else will give: from `first` to `last`."""

    series: str
    period: str
    first: int
    last: int


@dataclass(frozen=True)
class Hello:
    """A terminal introduces itself. `number` is its last command's."""

    terminal_id: str
    number: int
    cursor: int
    wanted: tuple[Wanted, ...] = ()
    version: int = VERSION


@dataclass(frozen=True)
class Welcome:
    """The hub's answer: its clock, the last command it has of this terminal, its feed's head and the leased numbers."""

    now_ms: int
    last_number: int
    horizon: int
    blocks: tuple[Block, ...] = ()
    version: int = VERSION


@dataclass(frozen=True)
class Sent:
    """One envelope: the very text that the terminal's chain hashes. `hold` asks the hub to park it behind a parked one."""

    content: str
    hold: bool = False


@dataclass(frozen=True)
class Push:
    """Envelopes in the order of their numbers, without gaps. `prev_hash` is the chain's value before the first of them."""

    terminal_id: str
    first_number: int
    prev_hash: str
    envelopes: tuple[Sent, ...] = ()
    parked: tuple[int, ...] = ()  # numbers that were parked, to learn whether they have been let go


@dataclass(frozen=True)
class Pull:
    """Which rows the terminal wants next: those after `cursor`, in at most `pages` pages of about `rows` rows."""

    cursor: int
    rows: int = ROWS_IN_A_PAGE
    pages: int = PAGES_IN_AN_EXCHANGE


@dataclass(frozen=True)
class Verdict:
    """What became of one envelope: applied, questioned, refused or parked; `feed` is the number its rows carry."""

    number: int
    state: str
    problems: tuple[dict[str, Any], ...] = ()
    feed: int | None = None
    effects: str = ""  # the hash of what it did at the hub


@dataclass(frozen=True)
class Line:
    """A row as it is now; no image where it has left what this terminal may hold."""

    entity: str
    id: str
    image: dict[str, Any] | None


@dataclass(frozen=True)
class Page:
    """Rows that belong together, and the cursor once they are laid down."""

    lines: tuple[Line, ...]
    upto: int


@dataclass(frozen=True)
class Exchanged:
    """The hub's answer to a push and a pull in one trip.

    `standing` is `gap` where the push starts after what the hub knows (send again from `last_number` + 1), and `fork` where
    the hub knows other commands under these numbers (two machines work with one terminal's store).
    """

    standing: str
    last_number: int
    now_ms: int
    horizon: int
    verdicts: tuple[Verdict, ...] = ()
    pages: tuple[Page, ...] = ()


class Peer(Protocol):
    """The other side of a terminal: the hub itself, or the line to it."""

    def hello(self, hello: Hello) -> Welcome:
        """Introduces a terminal; Trouble when the hub is out of reach, Refused when it does not know the terminal."""
        ...

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        """Takes envelopes and gives rows. May be repeated: an envelope that is known gets the verdict it got before."""
        ...


def plain(message: Any) -> dict[str, Any]:
    """A message as JSON-able data."""
    return dataclasses.asdict(message)


def read(kind: type[M], data: Mapping[str, Any]) -> M:
    """A message from JSON-able data; Trouble when it is not one. Fields that this version does not know are left aside."""
    try:
        return typing.cast(M, _read(kind, data))
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise Trouble(
            "sync.message", _("The other side's answer cannot be understood."), _("Update this program and the hub.")
        ) from error


def _read(kind: Any, data: Any) -> Any:
    if typing.get_origin(kind) is tuple:
        return tuple(_read(typing.get_args(kind)[0], one) for one in data)
    fields = _fields(kind)
    return kind(**{name: _read(of, data[name]) for name, of in fields.items() if name in data}) if fields else data


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """The fields of a message of ours, none for plain data."""
    return typing.get_type_hints(kind) if getattr(kind, "__module__", "") == __name__ else {}
