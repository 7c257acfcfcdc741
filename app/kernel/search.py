"""Full-text search over every entity that declares what it is found by: FTS5 in SQLite, tsvector in PostgreSQL."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from operator import itemgetter
from typing import Any
from uuid import UUID

from sqlalchemy import Select, text
from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.ids import short, unshort

_WORD = re.compile(r"[^\W_]+")
_MOST_WORDS = 8

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

_LITE_PUT = text("INSERT OR REPLACE INTO search(rowid, words, entity, org, row) VALUES (:rowid, :words, :entity, :org, :row)")
_LITE_DROP = text("DELETE FROM search WHERE rowid = :rowid")
_LITE_FIND = text(
    "SELECT entity, row FROM search WHERE search MATCH :words AND org = :org AND (:entity = '' OR entity = :entity) "
    "ORDER BY rank LIMIT :most"
)
_POST_PUT = (
    "INSERT INTO search(row, entity, org_id, words) SELECT * FROM unnest(%b::text[], %b::text[], %b::uuid[], %b::text[]) "
    "ON CONFLICT (row) DO UPDATE SET words = excluded.words"
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
    plain = text.casefold()
    if not plain.isascii():
        apart = unicodedata.normalize("NFKD", text).casefold()
        plain = "".join(letter for letter in apart if not unicodedata.combining(letter))
    return _WORD.findall(plain)


def words_of(row: Entity) -> str:
    """What a row is found by, as words with a space between; empty once it is retired."""
    if row.retired:
        return ""
    return " ".join(split(" ".join(str(getattr(row, name) or "") for name in row.__about__.search)))


def put(session: Session, rows: Iterable[Entity]) -> None:
    """Keeps the search in step with these rows."""
    lite = _lite(session)
    kept: list[dict[str, Any]] = []
    gone: list[dict[str, Any]] = []
    for row in rows:
        words = words_of(row)
        spoken = {
            "rowid": rowid(row.id),
            "words": words,
            "entity": row.__tablename__,
            "org": short(row.org_id) if lite else "",
            "org_id": row.org_id,
            "row": short(row.id),
        }
        (kept if words else gone).append(spoken)
    if kept and lite:
        session.connection().execute(_LITE_PUT, sorted(kept, key=itemgetter("rowid")))  # see `put_words`
    elif kept:
        session.connection().exec_driver_sql(
            _POST_PUT, tuple([one[name] for one in kept] for name in ("row", "entity", "org_id", "words"))
        )
    if gone:
        session.connection().execute(_LITE_DROP if lite else _POST_DROP, gone)


def put_words(session: Session, entity: str, org_id: UUID, found: Iterable[tuple[int, str, str]]) -> None:
    """Keeps a terminal's search in step with many rows of one organisation, given by number, words and short id; without words
    they go. FTS5 wants rising numbers: else it writes down what it has gathered with every row."""
    listed, org, connection = sorted(found), short(org_id), session.connection()
    if kept := [(number, words, entity, org, row) for number, words, row in listed if words]:
        connection.exec_driver_sql("INSERT OR REPLACE INTO search(rowid, words, entity, org, row) VALUES (?, ?, ?, ?, ?)", kept)
    if gone := [(number,) for number, words, _row in listed if not words]:
        connection.exec_driver_sql("DELETE FROM search WHERE rowid = ?", gone)


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
    lite = _lite(session)
    query = " AND ".join(f'"{word}"*' for word in words) if lite else " & ".join(f"'{word}':*" for word in words)
    told = {"words": query, "org": short(org_id), "org_id": org_id, "entity": entity, "most": most}
    found = session.connection().execute(_LITE_FIND if lite else _POST_FIND, told)
    return [(name, unshort(ident)) for name, ident in found]


def narrowed(
    session: Session, base: Select[*tuple[Any, ...]], entity: type[Entity], org_id: UUID, sought: str
) -> Select[*tuple[Any, ...]]:
    """A query narrowed to what a search finds."""
    idents = [ident for _name, ident in find(session, org_id, sought, entity.__tablename__, most=500)]
    return base.where(entity.id.in_(idents))
