"""A paper as plain words: what stands on it, before anybody draws it."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True)
class Table:
    """Rows under their heads; the columns in `right` are figures, `wide` is the one that takes the room that is left."""

    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, ...], ...]
    right: frozenset[int] = frozenset()
    wide: int = 0


@dataclass(frozen=True)
class Letterhead:
    """What stands on every paper of a shop: its name, lines at the head and at the foot, and its logo's file where it has one."""

    name: str
    head: str = ""
    foot: str = ""
    logo: bytes = b""


@dataclass(frozen=True)
class Paper:
    """One document. `code` is printed as a QR code, so that a scan of the paper opens what it speaks of.

    `sums` stand under the tables, the last of them in bold; `strokes` are a signature as `ConfirmQuote` keeps it; `ticks` leaves
    a box before each row of the first table; `sign` a line to sign on; `links` are addresses with words to them, each printed as
    text and as a QR code.
    """

    kind: str
    title: str
    code: str
    letterhead: Letterhead
    facts: tuple[tuple[str, str], ...] = ()
    tables: tuple[Table, ...] = ()
    sums: tuple[tuple[str, str], ...] = ()
    notes: tuple[str, ...] = ()
    signer: str = ""
    strokes: list[Any] = field(default_factory=list)
    ticks: bool = False
    sign: str = ""
    links: tuple[tuple[str, str], ...] = ()
    page: str = ""  # how a page's number is said, with {number}
