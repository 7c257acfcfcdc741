"""Full-text search over every entity that declares what it is found by: FTS5 in SQLite, tsvector in PostgreSQL."""

from __future__ import annotations

import json
import re
import unicodedata
from collections.abc import Callable, Iterable
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import Column, MetaData, String, Table, text
from sqlalchemy.orm import Session

from app.kernel.entity import Entity, fields_of
from app.kernel.ids import short, unshort
from app.kernel.many import driven, upsert_columns
from app.kernel.types import Id

_WORD = re.compile(r"[^\W_]+")
_SMALL = bytes(ord(chr(code).lower()) if chr(code).isalnum() else 32 for code in range(128)) + bytes(128)

LITE_TABLE = (
    "CREATE VIRTUAL TABLE search USING fts5(words, entity UNINDEXED, org UNINDEXED, row UNINDEXED, "
    "tokenize='unicode61', prefix='2 3')"
)
POST_TABLE = (
    "CREATE TABLE search (row text PRIMARY KEY, entity text NOT NULL, org text NOT NULL, words text NOT NULL, "
    "vector tsvector GENERATED ALWAYS AS (array_to_tsvector(string_to_array(words, ' '))) STORED)"
)
POST_INDEX = "CREATE INDEX ix_search_vector ON search USING gin (vector)"
POST_BY_ORGANISATION = (
    "DELETE FROM search",  # there was no hub before this step
    "ALTER TABLE search DROP COLUMN org, ADD COLUMN org_id uuid NOT NULL",
)

_LITE_PUT = "INSERT OR REPLACE INTO search(rowid, words, entity, org, row) VALUES (?, ?, ?, ?, ?)"
_LITE_DROP = text("DELETE FROM search WHERE rowid = :rowid")
ALSO = "also"  # the word in a row's extra under which stands what else it is known by
_SEARCH = Table(
    "search", MetaData(), Column("row", String), Column("entity", String), Column("org_id", Id()), Column("words", String)
)
_POST_DROP = text("DELETE FROM search WHERE row = :row")
_LITE_HAVING = text(
    "SELECT row FROM search WHERE search MATCH :word AND org = :org AND entity = :entity ORDER BY rowid LIMIT :most"
)
_POST_HAVING = text(
    "SELECT row FROM search WHERE vector @@ CAST(:word AS tsquery) AND org_id = :org AND entity = :entity "
    "ORDER BY row LIMIT :most"
)


def _lite(session: Session) -> bool:
    return session.get_bind().dialect.name == "sqlite"


def rowid(ident: UUID) -> int:
    """The integer under which SQLite keeps an id's words: its 62 random bits."""
    return ident.int & (1 << 62) - 1


def rowid_of(ident: bytes) -> int:
    """The same of an id's sixteen bytes."""
    return int.from_bytes(ident[8:], "big") & (1 << 62) - 1


def split(text: str) -> list[str]:
    """The words of a text, the same for both databases: without case, accents and the marks between them."""
    if text.isascii():  # what nearly all parts are called takes a fifth of the time
        return text.encode("ascii").translate(_SMALL).decode("ascii").split()
    plain = text.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def words_of(row: Entity) -> str:
    """What a row is found by, as words with a space between; empty once it is retired."""
    if row.retired:
        return ""
    known = vars(row)  # what is there is read past the mapper
    return words_in(type(row), [known[name] if name in known else getattr(row, name) for name in row.__about__.search])


def words_in(entity: type[Entity], told: Iterable[Any]) -> str:
    """The same of the values of the fields that an entity is found by, as they are or as SQLite keeps them."""
    return " ".join(split(" ".join([say(one) for say, one in zip(_ways_to_say(entity), told, strict=True) if one])))


@cache
def _ways_to_say(entity: type[Entity]) -> tuple[Callable[[Any], str], ...]:
    known, spelled = fields_of(entity), entity.__about__.spelled
    return tuple(_BY_KIND.get(known[name].kind) or (_also_as_one if name in spelled else str) for name in entity.__about__.search)


def as_one(text: str) -> str:
    """A text without case, accents and signs, as one word: every way to write a plate or a number comes to the same."""
    return "".join(split(text))


def _also_as_one(value: Any) -> str:
    """The words, and the whole as one."""
    words = split(str(value))
    return " ".join(words if len(words) < 2 else [*words, "".join(words)])


def _in_all_languages(names: Any) -> str:
    """What something is called in other languages, of a map of them."""
    plain = json.loads(names) if isinstance(names, str) else names
    return " ".join(str(name) for name in plain.values()) if isinstance(plain, dict) else ""


def also_known(extra: Any) -> dict[str, dict[str, str]]:
    """What a row is found by besides its own fields, in its extra: the fields of those that were put together into it, by their
    ids."""
    plain = json.loads(extra) if isinstance(extra, str) else extra
    told = plain.get(ALSO) if isinstance(plain, dict) else None
    return {ident: known for ident, known in told.items() if isinstance(known, dict)} if isinstance(told, dict) else {}


def _as_before(extra: Any) -> str:
    return " ".join(_also_as_one(value) for known in also_known(extra).values() for value in known.values() if value)


_BY_KIND: dict[str, Callable[[Any], str]] = {"data": _in_all_languages, "extras": _as_before}


def put(session: Session, rows: Iterable[Entity]) -> None:
    """Keeps the search in step with these rows."""
    kept: list[tuple[str, UUID, str, UUID]] = []  # entity, organisation, words, id
    gone: list[UUID] = []
    for row in rows:
        words = words_of(row)
        if words:
            kept.append((row.__tablename__, row.org_id, words, row.id))
        else:
            gone.append(row.id)
    (_put_lite if _lite(session) else _put_post)(session, kept)
    drop(session, gone)


def _put_lite(session: Session, kept: list[tuple[str, UUID, str, UUID]]) -> None:
    orgs = {org_id: short(org_id) for org_id in {org_id for _entity, org_id, _words, _ident in kept}}
    listed = sorted((rowid(ident), words, entity, orgs[org_id], short(ident)) for entity, org_id, words, ident in kept)
    if listed:
        with driven(session) as driver:
            driver.executemany(_LITE_PUT, listed)  # see `put_words`


def _put_post(session: Session, kept: list[tuple[str, UUID, str, UUID]]) -> None:
    if kept:
        entities, orgs, words, idents = map(list, zip(*kept, strict=True))
        columns = {"row": list(map(short, idents)), "entity": entities, "org_id": orgs, "words": words}
        upsert_columns(session, _SEARCH, columns, ("row",), "words = excluded.words")


def put_words(session: Session, entity: str, org_id: UUID, found: Iterable[tuple[int, str, str]]) -> None:
    """Keeps a terminal's search in step with many rows of one organisation, given by number, words and short id; without words
    they go. FTS5 wants rising numbers: else it writes down what it has gathered with every row."""
    listed, org = sorted(found), short(org_id)
    with driven(session) as driver:
        driver.executemany(_LITE_PUT, [(number, words, entity, org, row) for number, words, row in listed if words])
        driver.executemany("DELETE FROM search WHERE rowid = ?", [(number,) for number, words, _row in listed if not words])


def having(session: Session, org_id: UUID, entity: str, word: str, most: int = 20) -> list[UUID]:
    """The rows of an entity that have this very word, as `split` or `as_one` gives it."""
    if not word:
        return []
    lite = _lite(session)
    told = {"word": f'"{word}"' if lite else f"'{word}'", "org": short(org_id) if lite else org_id}
    found = session.connection().execute(_LITE_HAVING if lite else _POST_HAVING, {**told, "entity": entity, "most": most})
    return [unshort(row) for (row,) in found]


def drop(session: Session, idents: Iterable[UUID]) -> None:
    """Forgets rows that were taken back."""
    spoken = [{"rowid": rowid(ident), "row": short(ident)} for ident in idents]
    if spoken:
        session.connection().execute(_LITE_DROP if _lite(session) else _POST_DROP, spoken)
