"""What hub and terminal say about a ready store: the manifest, and the pieces in which it travels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict, dataclass
from importlib.metadata import PackageNotFoundError, version
from typing import Any, Protocol

from app.kernel.problems import Trouble
from app.kernel.words import _

FILE = "file"  # the pages of one that is ready, for quick lines
COLUMNS = "columns"  # rows, of which a store is made, for slow ones
FORMS = (FILE, COLUMNS)
PAGE, RESERVED = 4096, 80  # bytes of a page, and those at its end that are left to the store's own encryption
PIECE = 4 << 20  # bytes of a piece of the file before it is packed: whole pages
CURSOR, EPOCH, REACH = "cursor", "epoch", "reach"  # what a store's meta table says of where its rows come from
CHECK = "Fettle-Sha256"  # the header with the sha256 of the manifest's very bytes
LARGEST = 16 << 20  # bytes; no piece is larger, packed or not


@dataclass(frozen=True)
class Piece:
    """A part of a snapshot that is packed (zstd) and checked by itself: bytes on the way, bytes unpacked, their sha256."""

    size: int
    plain: int
    sha256: str  # of the packed bytes


@dataclass(frozen=True)
class Manifest:
    """A snapshot: everything in a terminal's reach as it was at number `cursor` of the hub's feed.

    `schema` is the revision of its tables, `program` the version that made it, `rows` how many rows of entities it holds;
    `epoch` is the hub's life, and `reach` what the hub calls the places whose rows these are.
    """

    name: str
    form: str
    cursor: int
    schema: str
    program: str
    rows: int
    epoch: str = ""
    reach: str = ""
    pieces: tuple[Piece, ...] = ()

    @property
    def size(self) -> int:
        """Bytes on the way."""
        return sum(piece.size for piece in self.pieces)

    @property
    def plain(self) -> int:
        """Bytes unpacked."""
        return sum(piece.plain for piece in self.pieces)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)

    @classmethod
    def of_json(cls, data: Any) -> Manifest:
        """A manifest from JSON-able data; Trouble when it is none. What this version does not know is left aside."""
        try:
            known = {name: data[name] for name in cls.__dataclass_fields__ if name in data and name != "pieces"}
            pieces = tuple(Piece(int(one["size"]), int(one["plain"]), str(one["sha256"])) for one in data["pieces"])
            made = cls(**known, pieces=pieces)
            if not (made._believable() and isinstance(made.cursor, int) and isinstance(made.name, str)):
                raise ValueError("no manifest")
        except (TypeError, KeyError, ValueError) as error:
            raise not_understood() from error
        return made

    def _believable(self) -> bool:
        return self.form in FORMS and all(0 < one.size <= LARGEST and 0 < one.plain <= LARGEST for one in self.pieces)


def program() -> str:
    """This program's version; empty where it runs from its sources."""
    try:
        return version("fettle")
    except PackageNotFoundError:
        return ""


class Source(Protocol):
    """Where a terminal gets its snapshot: the hub itself, or the line to it."""

    def manifest(self, form: str) -> Manifest:
        """The newest snapshot of what the terminal may hold; waits while the hub builds one. Trouble when it cannot be had."""
        ...

    def piece(self, name: str, number: int, start: int = 0) -> Iterator[bytes]:
        """The packed bytes of a piece from `start` on, as they come. Trouble when the line breaks or the hub has it no more."""
        ...


def not_understood() -> Trouble:
    message, hint = _("The other side's answer cannot be understood."), _("Update this program and the hub.")
    return Trouble("sync.message", message, hint)
