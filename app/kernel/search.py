"""Full-text search over every entity that declares what it is found by: FTS5 in SQLite, tsvector in PostgreSQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from sqlalchemy import Column, MetaData, Select, String, Table, text
from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.ids import short, unshort
from app.kernel.many import driven, upsert_columns
from app.kernel.types import Id

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8
_LETTERS = "abcdefghijklmnopqrstuvwxyz0123456789"
POOL = 600
"""Rows of which the best are found; of a word that more of them have, the rest is not looked at."""
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
_LITE_FIND = text(
    "SELECT entity, row, words FROM search WHERE search MATCH :words AND org = :org AND (:entity = '' OR entity = :entity) "
    "LIMIT :most"
)
_SEARCH = Table(
    "search", MetaData(), Column("row", String), Column("entity", String), Column("org_id", Id()), Column("words", String)
)
_POST_DROP = text("DELETE FROM search WHERE row = :row")
_POST_FIND = text(
    "SELECT entity, row FROM search, CAST(:words AS tsquery) q WHERE vector @@ q AND org_id = :org_id "
    "AND (:entity = '' OR entity = :entity) ORDER BY ts_rank(vector, q) DESC, row LIMIT :most"
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
    told = [known[name] if name in known else getattr(row, name) for name in row.__about__.search]
    return " ".join(split(" ".join([str(one) for one in told if one])))


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


def drop(session: Session, idents: Iterable[UUID]) -> None:
    """Forgets rows that were taken back."""
    spoken = [{"rowid": rowid(ident), "row": short(ident)} for ident in idents]
    if spoken:
        session.connection().execute(_LITE_DROP if _lite(session) else _POST_DROP, spoken)


def find(session: Session, org_id: UUID, sought: str, entity: str = "", most: int = 50) -> list[tuple[str, UUID]]:
    """The rows whose words begin with the words sought, best first, as (entity, id)."""
    words = split(sought)[:_MOST_WORDS]
    if not words:
        return []
    if _lite(session):
        return _find_lite(session, words, {"org": short(org_id), "entity": entity}, most)
    query = " & ".join(f"'{word}':*" for word in words)
    found = session.connection().execute(_POST_FIND, {"words": query, "org_id": org_id, "entity": entity, "most": most})
    return [(name, unshort(ident)) for name, ident in found]


def _find_lite(session: Session, words: list[str], told: dict[str, str], most: int) -> list[tuple[str, UUID]]:
    """Those that have the words whole, and only where they are too few, those that begin with them.

    FTS5's own rank counts every row of every word first, which of a common one among a million takes a tenth of a second. So
    the first POOL rows are ranked here, and of what more of them have there is no telling one from the other anyway.
    """
    found: dict[tuple[str, str], str] = {}
    for of_each in (_whole, _begun):
        query = " AND ".join(of_each(word) for word in words)
        for name, row, said in session.connection().execute(_LITE_FIND, {**told, "words": query, "most": max(POOL, most)}):
            found.setdefault((name, row), said)
        if len(found) >= most:
            break
    best = sorted(found, key=lambda one: _rank(found[one], words))[:most]
    return [(name, unshort(row)) for name, row in best]


def _whole(word: str) -> str:
    return f'"{word}"'


def _begun(word: str) -> str:
    """What begins with a word. The index knows beginnings of two and three letters: a single one is sought as its pairs."""
    if len(word) > 1 or not word.isascii():
        return f'"{word}"*'
    pairs = " OR ".join(f'"{word}{letter}"*' for letter in _LETTERS)
    return f'("{word}" OR {pairs})'


def _rank(said: str, words: list[str]) -> tuple[int, int, int, str]:
    """Best is what has most of the words whole, then the first of them early, then what says little else."""
    there = said.split(" ")
    lacking = sum(word not in there for word in words)
    first = next((place for place, word in enumerate(there) if word.startswith(words[0])), len(there))
    return lacking, first, len(there), said


def narrowed(
    session: Session, base: Select[*tuple[Any, ...]], entity: type[Entity], org_id: UUID, sought: str
) -> Select[*tuple[Any, ...]]:
    """A query narrowed to what a search finds."""
    idents = [ident for _name, ident in find(session, org_id, sought, entity.__tablename__, most=500)]
    return base.where(entity.id.in_(idents))
