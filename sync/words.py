"""Makes a store's full-text search in one go, from rows as SQLite keeps them."""

from __future__ import annotations

from base64 import b32encode
from collections.abc import Iterator, Sequence
from itertools import chain
from typing import Any, cast
from uuid import UUID

from app.kernel import search
from app.kernel.entity import Entity
from app.kernel.ids import CROCKFORD, short
from app.kernel.rows import table_of

_RFC = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"  # the letters of RFC 4648's base 32
_LETTERS = bytes.maketrans(_RFC.encode(), CROCKFORD.encode())
_GROUP, _LENGTH = 32, 26  # letters of an id that was filled up to twenty bytes, and how many of them are its own
_BITS = 62  # of an id, which number its row in the search
_HEAPS = 16  # the rows are sorted heap by heap, so that memory holds a sixteenth of them
_ROOM = 16 << 20  # bytes of words that FTS5 gathers before it writes them down
_Found = tuple[int, str, str, str]  # number, words, entity, the row's short id


class Words:
    """What rows are found by, gathered while they are written, and indexed at the end in the order that FTS5 likes."""

    def __init__(self, driver: Any, org_id: UUID, aside: str) -> None:
        """On a driver's connection; the words are gathered in the schema `aside`."""
        self._run = driver.execute
        self._run_many = driver.executemany
        self._org = short(org_id)
        self._heaps = [f"{aside}.heap_{number}" for number in range(_HEAPS)]
        for heap in self._heaps:
            self._run(f"CREATE TABLE {heap} (number INTEGER, words TEXT, entity TEXT, row TEXT)")

    def take(self, entity: type[Entity], rows: Sequence[Sequence[Any]]) -> None:
        """Notes the words of rows with all columns of their table."""
        if not entity.__about__.search:
            return
        sorted_out: list[list[_Found]] = [[] for _heap in self._heaps]
        for found in _found_by(entity, rows):
            sorted_out[found[0] * _HEAPS >> _BITS].append(found)
        for heap, some in zip(self._heaps, sorted_out, strict=True):
            self._run_many(f"INSERT INTO {heap} VALUES (?, ?, ?, ?)", some)  # noqa: S608

    def index(self) -> None:
        """Fills the search. It takes its rows by rising number: else it would begin a new segment with every row."""
        self._run("INSERT INTO search(search, rank) VALUES ('automerge', 0)")
        self._run(f"INSERT INTO search(search, rank) VALUES ('hashsize', {_ROOM})")  # noqa: S608
        statement = "INSERT INTO search(rowid, words, entity, org, row) VALUES (?, ?, ?, ?, ?)"
        self._run_many(statement, chain.from_iterable(map(self._sorted, self._heaps)))
        for heap in self._heaps:
            self._run(f"DROP TABLE {heap}")
        self._run("INSERT INTO search(search) VALUES ('optimize')")
        self._run("DELETE FROM search_config WHERE k IN ('automerge', 'hashsize')")

    def _sorted(self, heap: str) -> Iterator[tuple[Any, ...]]:
        found = self._run(f"SELECT number, words, entity, ?, row FROM {heap} ORDER BY number", (self._org,))  # noqa: S608
        return cast(Iterator[tuple[Any, ...]], found)


def _found_by(entity: type[Entity], rows: Sequence[Sequence[Any]]) -> Iterator[_Found]:
    names = [column.name for column in table_of(entity).columns]
    id_at, retired_at = names.index("id"), names.index("retired")
    places = [names.index(name) for name in entity.__about__.search]
    idents = [row[id_at] for row in rows]
    for row, ident, shown in zip(rows, idents, shorts(idents), strict=True):
        words = "" if row[retired_at] else search.words_in(entity, [row[place] for place in places])
        if words:
            yield search.rowid_of(ident), words, entity.__tablename__, shown


def shorts(idents: Sequence[bytes]) -> Iterator[str]:
    """`app.kernel.ids.short` of many ids at once, given as their bytes."""
    filled = b"".join([b"\0\0\0\0" + ident for ident in idents])
    letters = b32encode(filled).translate(_LETTERS).decode("ascii")
    return (letters[at + _GROUP - _LENGTH : at + _GROUP] for at in range(0, len(letters), _GROUP))
