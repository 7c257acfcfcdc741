"""How the bytes of attached files travel: apart from commands and rows, piece by piece, small pictures first."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Protocol

PIECE = 512 << 10  # bytes of a file in one request
AT_ONCE = 50  # files asked about in one request
UNKNOWN, WHOLE = -2, -1


class Files(Protocol):
    """The hub's files, as a terminal reaches them. Trouble when the hub is out of reach; every call may be repeated."""

    def known(self, names: Sequence[str]) -> Mapping[str, int]:
        """How many bytes the hub has of each file: WHOLE for all, UNKNOWN where no record there names it (yet)."""
        ...

    def put(self, name: str, start: int, content: bytes) -> int:
        """Gives a piece; how many bytes the hub has now, from the start. Refused when the whole is not what its hash says."""
        ...

    def put_small(self, name: str, content: bytes) -> None:
        """Gives the small picture of a file, empty where it has none."""
        ...

    def get(self, name: str, start: int) -> bytes:
        """The next piece of a file from `start`; empty when the hub has not got it."""
        ...

    def get_small(self, names: Sequence[str]) -> Mapping[str, bytes]:
        """The small pictures that the hub has of these files, empty for what is no picture."""
        ...
