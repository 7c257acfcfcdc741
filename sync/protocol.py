"""What a terminal and the hub say to each other, as frozen plain data: in one process today, as JSON over HTTP alike."""

from __future__ import annotations

import dataclasses
import typing
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cache
from typing import Any, Protocol, TypeVar

from app.kernel.problems import Trouble
from app.kernel.words import _

VERSION = 1
OK, GAP, FORK, STALE = "ok", "gap", "fork", "stale"
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
    """A terminal introduces itself. `number` is its last command's.

    `incarnation` is the token of the last Welcome, and `machine` one that lies outside the store: a store that was copied or
    put back shows in either. `heartbeat` says how the terminal is (what waits, how old, disk, program), as plain data.
    """

    terminal_id: str
    number: int
    cursor: int
    wanted: tuple[Wanted, ...] = ()
    version: int = VERSION
    epoch: str = ""
    incarnation: str = ""
    machine: str = ""
    heartbeat: dict[str, Any] = field(default_factory=dict)


@dataclass(frozen=True)
class Welcome:
    """The hub's answer: its clock, the last command it has of this terminal, its feed's head and the leased numbers.

    `epoch` names one life of the hub: restored from a backup, it begins another. Below `floor` the feed has forgotten what
    is gone. `incarnation` is the token for the next Hello. `reach` names what the terminal may hold. `standing` is `fork`
    where another machine works under this terminal's id.
    """

    now_ms: int
    last_number: int
    horizon: int
    blocks: tuple[Block, ...] = ()
    version: int = VERSION
    epoch: str = ""
    floor: int = 0
    incarnation: str = ""
    reach: str = ""
    standing: str = OK


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
    incarnation: str = ""  # the token of the last Welcome
    heartbeat: dict[str, Any] = field(default_factory=dict)  # how the terminal is, now and then


@dataclass(frozen=True)
class Pull:
    """Which rows the terminal wants next: those after `cursor`, in at most `pages` pages of about `rows` rows.

    `epoch` is the hub's life that gave the cursor; `without` names entities that this program does not know.
    """

    cursor: int
    rows: int = ROWS_IN_A_PAGE
    pages: int = PAGES_IN_AN_EXCHANGE
    epoch: str = ""
    without: tuple[str, ...] = ()


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

    lines: Sequence[Line]
    upto: int


@dataclass(frozen=True)
class Exchanged:
    """The hub's answer to a push and a pull in one trip.

    `standing` is `gap` where the push starts after what the hub knows (send again from `last_number` + 1), and `fork` where
    the hub knows other commands under these numbers (two machines work with one terminal's store). It is `stale` where the
    push was taken, but the cursor means nothing here any more (another epoch, or below the floor): no pages come, and what
    differs is found by comparing. `digest` sums up all that the terminal holds once it stands at the horizon.
    """

    standing: str
    last_number: int
    now_ms: int
    horizon: int
    verdicts: tuple[Verdict, ...] = ()
    pages: tuple[Page, ...] = ()
    epoch: str = ""
    floor: int = 0
    digest: int | None = None  # None where the pages do not reach the horizon
    reach: str = ""


@dataclass(frozen=True)
class Compare:
    """Asks for digests: of all entities; of one, of its buckets; with `paths`, of the rows in these buckets.

    A bucket holds the rows whose ids end alike, and is named by these last `digits` of the id in hex; without any, all rows
    of an entity are one bucket, the path "". `deep` asks for digests of what the rows hold, not only of their stamps.
    """

    terminal_id: str
    cursor: int
    entity: str = ""
    digits: int = 0
    paths: tuple[str, ...] = ()
    deep: bool = False
    without: tuple[str, ...] = ()  # entities that the terminal does not know


@dataclass(frozen=True)
class Sum:
    """The digest of some rows: how many, and the sum of their marks."""

    name: str  # of the entity, or the path of the bucket
    count: int
    sum: int


@dataclass(frozen=True)
class Epoch:
    """One life of the hub, and the feed's last number when it began: what came before that number is common to both."""

    name: str
    began: int


@dataclass(frozen=True)
class Compared:
    """Digests at the horizon: `sums` of entities or buckets, or of single rows their `ids` and `marks`, side by side."""

    epoch: str
    horizon: int
    sums: tuple[Sum, ...] = ()
    ids: tuple[str, ...] = ()
    marks: tuple[int, ...] = ()
    newer: tuple[str, ...] = ()  # the ids of rows in these buckets that changed, came or went after the cursor
    reach: str = ""
    shape: str = ""  # the entity's columns at the hub
    epochs: tuple[Epoch, ...] = ()  # the lives that led to this one, with the digests of all entities


@dataclass(frozen=True)
class Rows:
    """Asks for rows by id, to lay them down again."""

    terminal_id: str
    entity: str
    ids: tuple[str, ...]


@dataclass(frozen=True)
class Given:
    """The rows that were asked for; no image for those that are not, or no longer, this terminal's to hold."""

    epoch: str
    horizon: int
    lines: tuple[Line, ...] = ()


@dataclass(frozen=True)
class Link:
    """The value of a terminal's chain at one of its commands."""

    number: int
    chain: str


@dataclass(frozen=True)
class Reborn:
    """A terminal whose store was copied or put back asks for an identity of its own. `links` are some of its chain's."""

    terminal_id: str
    links: tuple[Link, ...] = ()
    public_key: str = ""  # of the new identity, hex
    machine: str = ""


@dataclass(frozen=True)
class Renewed:
    """The new identity: who the terminal is from now on, its place in static number ranges, and `known`: up to which number
    the hub has the same commands under the old one."""

    terminal_id: str
    index: int = 0
    known: int = 0
    epoch: str = ""
    incarnation: str = ""


class Peer(Protocol):
    """The other side of a terminal: the hub itself, or the line to it."""

    def hello(self, hello: Hello) -> Welcome:
        """Introduces a terminal; Trouble when the hub is out of reach, Refused when it does not know the terminal."""
        ...

    def exchange(self, push: Push, pull: Pull) -> Exchanged:
        """Takes envelopes and gives rows. May be repeated: an envelope that is known gets the verdict it got before."""
        ...

    def compare(self, compare: Compare) -> Compared:
        """The digests of what the terminal should hold, as deep down as it asks."""
        ...

    def rows(self, rows: Rows) -> Given:
        """Rows by id."""
        ...

    def reborn(self, reborn: Reborn) -> Renewed:
        """Gives a terminal a new identity at the same site, for a store that two machines have worked with."""
        ...


def plain(message: Any) -> dict[str, Any]:
    """A message as JSON-able data."""
    return {one.name: _plain(getattr(message, one.name)) for one in dataclasses.fields(message)}


def _plain(value: Any) -> Any:
    if dataclasses.is_dataclass(value) and not isinstance(value, Sequence):
        return plain(value)
    return [_plain(one) for one in value] if isinstance(value, Sequence) and not isinstance(value, str | bytes) else value


def read(kind: type[M], data: Mapping[str, Any]) -> M:
    """A message from JSON-able data; Trouble when it is not one. Fields that this version does not know are left aside."""
    try:
        return typing.cast(M, _read(kind, data))
    except (TypeError, KeyError, AttributeError, ValueError) as error:
        raise Trouble(
            "sync.message", _("The other side's answer cannot be understood."), _("Update this program and the hub.")
        ) from error


def _read(kind: Any, data: Any) -> Any:
    if typing.get_origin(kind) in (tuple, Sequence):
        return tuple(_read(typing.get_args(kind)[0], one) for one in data)
    fields = _fields(kind)
    return kind(**{name: _read(of, data[name]) for name, of in fields.items() if name in data}) if fields else data


@cache
def _fields(kind: Any) -> dict[str, Any]:
    """The fields of a message of ours, none for plain data."""
    return typing.get_type_hints(kind) if getattr(kind, "__module__", "") == __name__ else {}
