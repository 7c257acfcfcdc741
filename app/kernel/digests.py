"""Digests: a few numbers that tell whether two databases hold the same rows, kept in step with every change.

A row's mark follows from its entity, id and stamp; a digest is how many rows there are and the sum of their marks. Sums stay
below 2^62, so that both databases add them in whole numbers.
"""

from __future__ import annotations

from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass
from hashlib import sha256
from struct import unpack
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, Boolean, Connection, Integer, String, cast, func, inspect, select, type_coerce
from sqlalchemy.orm import Mapped, Session, mapped_column
from sqlalchemy.types import NullType

from app.kernel.capture import Capture
from app.kernel.entity import WITHOUT_ROWID, Base, Entity, LocalRow, integer_key
from app.kernel.rows import table_of
from app.kernel.types import Id, Json, canonical

WHOLE = (1 << 62) - 1  # sums are taken modulo the next number
TOGETHER = 2000  # rows read at once
Moved = tuple[str, UUID, int | None, int | None]  # entity, id, the stamp before (None: it was not there), the stamp now

_ADD = (
    "INSERT INTO digest (entity, count, sum) VALUES (?, ?, ?) ON CONFLICT (entity) DO UPDATE "  # noqa: S608 (a number)
    f"SET count = count + excluded.count, sum = (sum + excluded.sum) & {WHOLE}"
)

# The same mark by PostgreSQL itself, of the columns `id` and `stamp`: for rows that it makes or marks without us.
POST_MARK = (
    "('x' || left(encode(sha256(convert_to('{entity}', 'UTF8') || '\\x00'::bytea"
    f" || uuid_send(id) || int8send(stamp)), 'hex'), 16))::bit(64)::bigint >> 2 & {WHOLE}"
)


class DigestRow(LocalRow):
    """On a terminal, the digest of its rows of one entity, as they are with all that was done here."""

    __tablename__ = "digest"
    __table_args__ = WITHOUT_ROWID
    entity: Mapped[str] = mapped_column(String(64), primary_key=True)
    count: Mapped[int] = mapped_column(BigInteger)
    sum: Mapped[int] = mapped_column(BigInteger)


class DigestLine(LocalRow):
    """At the hub, what one transaction did to the digest of an entity at a place. Lines are only added, and added up."""

    __tablename__ = "digest_line"
    id: Mapped[int] = integer_key()
    org_id: Mapped[UUID]
    seq: Mapped[int] = mapped_column(BigInteger, index=True)  # the feed's number of the transaction
    entity: Mapped[str] = mapped_column(String(64))
    place: Mapped[UUID | None]  # None: everywhere in the organisation
    count: Mapped[int] = mapped_column(BigInteger)
    sum: Mapped[int] = mapped_column(BigInteger)


@dataclass(frozen=True)
class Digest:
    """How many rows, and the sum of their marks."""

    count: int = 0
    sum: int = 0

    def __add__(self, other: Digest) -> Digest:
        return Digest(self.count + other.count, self.sum + other.sum & WHOLE)

    def __bool__(self) -> bool:
        return bool(self.count or self.sum)


def mark(entity: str, ident: bytes, stamp: int) -> int:
    """The mark of a row: the first 62 bits of the sha256 over its entity's name, a zero, its id and its stamp."""
    return int.from_bytes(sha256(b"%s\0%s%s" % (entity.encode(), ident, stamp.to_bytes(8, "big"))).digest()[:8], "big") >> 2


def mark_of(row: Entity) -> int:
    """The mark of a loaded row."""
    return mark(row.__tablename__, row.id.bytes, row.stamp)


def marks_of(rows: Sequence[Entity]) -> list[int]:
    """The marks of many loaded rows."""
    heads = {name: name.encode() + b"\0" for name in {row.__tablename__ for row in rows}}
    tails = {stamp: stamp.to_bytes(8, "big") for stamp in {row.stamp for row in rows}}
    told = [heads[row.__tablename__] + row.id.int.to_bytes(16, "big") + tails[row.stamp] for row in rows]
    begins = b"".join([sha256(one).digest()[:8] for one in told])
    return [begin >> 2 for begin in unpack(f">{len(rows)}Q", begins)]


def total(entity: str, stamps: Collection[tuple[bytes, int]]) -> int:
    """The marks of many rows of one entity, given by their ids and stamps, added up."""
    head = entity.encode() + b"\0"
    told = {stamp: stamp.to_bytes(8, "big") for stamp in {stamp for _ident, stamp in stamps}}
    begins = b"".join([sha256(head + ident + told[stamp]).digest()[:8] for ident, stamp in stamps])
    return sum([begin >> 2 for begin in unpack(f">{len(stamps)}Q", begins)])


# --------------------------------------------------------------------------------------------------- kept by a terminal


def follow(session: Session, moved: Iterable[Moved]) -> None:
    """Moves the terminal's digests with its rows. Belongs into the very transaction that changes them."""
    turned: dict[str, list[int]] = {}
    for entity, ident, was, now in moved:
        if was != now:
            turn = turned.setdefault(entity, [0, 0])
            if was is not None:
                turn[0] -= 1
                turn[1] -= mark(entity, ident.bytes, was)
            if now is not None:
                turn[0] += 1
                turn[1] += mark(entity, ident.bytes, now)
    if turned:
        lines = [(entity, count, total & WHOLE) for entity, (count, total) in turned.items()]
        session.connection().exec_driver_sql(_ADD, lines)


def turn(session: Session, entity: str, count: int, total: int) -> None:
    """Moves a terminal's digest by so many rows more, and so much more of their marks. Belongs where `follow` does."""
    session.connection().exec_driver_sql(_ADD, (entity, count, total & WHOLE))


def captured(capture: Capture) -> Iterator[Moved]:
    """How a command's changes move the digests."""
    for (name, ident), change in capture.changes.items():
        was = None if change.before is None else change.before.get("stamp", change.row.stamp)
        yield name, ident, was, change.row.stamp


def kept(session: Session) -> dict[str, Digest]:
    """The terminal's digests by entity."""
    found = session.execute(select(DigestRow.entity, DigestRow.count, DigestRow.sum))
    return {entity: Digest(count, total) for entity, count, total in found if count or total}


def mend(session: Session, entity: str, drift: Digest) -> None:
    """Sets a terminal's digest of an entity right by what it was found to be off; the caller commits."""
    turn(session, entity, drift.count, drift.sum)


def rebuild(connection: Connection, entities: Iterable[str]) -> None:
    """Counts a terminal's digests anew from its rows: for stores that were filled without them. About 1 µs a row."""
    connection.exec_driver_sql("DELETE FROM digest")
    for entity in entities:
        found = list(marks(connection, entity))
        total = sum(one for _ident, one in found) & WHOLE
        if found:
            connection.exec_driver_sql(_ADD, (entity, len(found), total))


def there(connection: Connection) -> list[str]:
    """The entities whose tables this database has."""
    tables = set(inspect(connection).get_table_names())
    return sorted(
        one.entity.__tablename__
        for one in Base.registry.mappers
        if issubclass(one.entity, Entity) and one.entity.__tablename__ in tables
    )


def marks(connection: Connection, entity: str, *wanted: Any) -> Iterator[tuple[bytes, int]]:
    """The ids and marks of a terminal's rows of one entity, all or those wanted."""
    table = Base.metadata.tables[entity]
    raw: list[Any] = [type_coerce(table.c[name], NullType) for name in ("id", "stamp")]
    found = connection.execute(select(*raw).where(*wanted))
    for some in found.partitions(TOGETHER):
        for ident, stamp in some:
            yield ident, mark(entity, ident, stamp)


# ------------------------------------------------------------------------------------------------------ what rows hold


def contents(connection: Connection, entity: type[Entity], *wanted: Any) -> Iterator[tuple[bytes, int]]:
    """The ids of rows and marks of all that they hold, the same on both databases while both know the same columns."""
    from msgspec.msgpack import encode  # nobody waits for it at a start

    columns = sorted(table_of(entity).columns, key=lambda column: column.key)
    name, place = entity.__tablename__.encode(), [column.key for column in columns].index("id")
    post = connection.dialect.name == "postgresql"
    plain_data = [at for at, column in enumerate(columns) if post and isinstance(column.type, Json)]
    held: list[Any] = [_as_kept(column) if post else type_coerce(column, NullType) for column in columns]
    found = connection.execute(select(*held).where(*wanted).execution_options(yield_per=TOGETHER))
    for some in found.partitions():
        for row in some:
            plain = list(row)
            for at in plain_data:
                plain[at] = None if plain[at] is None else canonical(plain[at])
            told = sha256(name + encode(plain)).digest()  # MessagePack has one form for each value
            yield plain[place], int.from_bytes(told[:8], "big") >> 2


def shape(entity: type[Entity]) -> str:
    """The columns of an entity: contents can be compared only where these are the same."""
    return ",".join(sorted(column.key for column in table_of(entity).columns))


def _as_kept(column: Any) -> Any:
    """A column of PostgreSQL's as SQLite would keep it, but for plain data."""
    if isinstance(column.type, Id):
        return type_coerce(func.uuid_send(column), NullType)
    return cast(column, Integer) if isinstance(column.type, Boolean) else type_coerce(column, NullType)
