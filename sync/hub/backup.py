"""A backup of the hub: all its tables as they stood at one moment, in one file that holds data and nothing that is run.

The file is a tar: `manifest.json`, then each table as `tables/NAME.zst`, what PostgreSQL's COPY gives as text in the order of
its key. It fits any PostgreSQL that the hub runs on, and any later version of this program. Restoring begins another life of
the hub (its epoch), so that terminals send again what came after the backup.
"""

from __future__ import annotations

import hashlib
import json
import tarfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, BinaryIO

import psycopg
import zstandard
from psycopg import sql
from sqlalchemy import URL, Connection, Engine, text
from sqlalchemy.orm import Session

from app.kernel import feed, postgres, rls
from app.kernel.files import whole_file
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from app.migrations import history, upgrade

FORMAT = 1
MANIFEST = "manifest.json"
SUFFIX = ".fettle-hub"
LEFT_OUT = frozenset({"alembic_version", "request_seen"})  # the restored tables are made by the history; no old request comes
LARGEST = 64 << 30  # bytes of a table that are taken out of a backup
Step = Callable[[str, int], None]  # is told each table's name and how many of its rows are done


@dataclass(frozen=True)
class Held:
    """A table in a backup: how many rows, and the SHA-256 of their text."""

    name: str
    rows: int
    sha256: str


@dataclass(frozen=True)
class Manifest:
    """What a backup says of itself."""

    made: str
    schema: str
    tables: tuple[Held, ...]

    def as_json(self) -> dict[str, Any]:
        tables = [{"name": one.name, "rows": one.rows, "sha256": one.sha256} for one in self.tables]
        return {"format": FORMAT, "made": self.made, "schema": self.schema, "tables": tables}

    @property
    def rows(self) -> int:
        return sum(one.rows for one in self.tables)


# ------------------------------------------------------------------------------------------------------------- backing up


def back_up(url: URL, target: Path, told: Step = lambda _name, _rows: None) -> Manifest:
    """Writes the file, whole or not at all. Nobody has to wait for it, and it shows one moment."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with whole_file(target) as out, _one_moment(url) as connection:
        return _written(connection, out, told)


def _written(connection: Connection, out: BinaryIO, told: Step) -> Manifest:
    schema = str(connection.scalar(text("SELECT version_num FROM alembic_version")))
    held = []
    for name in tables(connection):
        with _entry(out, f"tables/{name}.zst"), zstandard.ZstdCompressor(level=3).stream_writer(out, closefd=False) as packer:
            held.append(_read(connection, name, packer.write))
        told(name, held[-1].rows)
    manifest = Manifest(datetime.now(UTC).isoformat(timespec="seconds"), schema, tuple(held))
    with _entry(out, MANIFEST):
        out.write(json.dumps(manifest.as_json(), indent=1).encode())
    out.write(bytes(2 * tarfile.BLOCKSIZE))  # the end of a tar
    return manifest


@contextmanager
def _entry(out: BinaryIO, name: str) -> Iterator[None]:
    """What is written meanwhile is this file of the tar. How long it is stands before it, and is known only behind it: nothing
    of a table is held in memory, however many photos are in it."""
    begins = out.tell()
    out.write(bytes(tarfile.BLOCKSIZE))
    yield
    ends = out.tell()
    entry = tarfile.TarInfo(name)
    entry.size, entry.mode = ends - begins - tarfile.BLOCKSIZE, 0o600
    out.seek(begins)
    out.write(entry.tobuf(tarfile.GNU_FORMAT))
    out.seek(ends)
    out.write(bytes(-ends % tarfile.BLOCKSIZE))


def _read(connection: Connection, name: str, keep: Callable[[bytes], object] = lambda _piece: None) -> Held:
    """A table as it stands, its text given to `keep` piece by piece."""
    total, rows = hashlib.sha256(), 0
    with _cursor(connection).copy(_out_of(connection, name)) as copy:
        for piece in copy:
            total.update(piece)
            rows += bytes(piece).count(b"\n")
            keep(bytes(piece))
    return Held(name, rows, total.hexdigest())


def tables(connection: Connection) -> list[str]:
    """Every table there is, but for the history's own."""
    wanted = text("SELECT tablename FROM pg_tables WHERE schemaname = current_schema() ORDER BY tablename")
    return [name for name in connection.scalars(wanted) if name not in LEFT_OUT]


def _out_of(connection: Connection, name: str) -> sql.Composed:
    return sql.SQL("COPY (SELECT {} FROM {} ORDER BY {}) TO STDOUT").format(
        _list(columns(connection, name)), sql.Identifier(name), _list(key(connection, name))
    )


def columns(connection: Connection, name: str) -> list[str]:
    """A table's columns that hold data, in the order of their names: an older and a newer table write them alike."""
    wanted = text(
        "SELECT column_name FROM information_schema.columns "
        "WHERE table_schema = current_schema() AND table_name = :name AND is_generated = 'NEVER' ORDER BY column_name"
    )
    return list(connection.scalars(wanted, {"name": name}))


def key(connection: Connection, name: str) -> list[str]:
    """The columns of a table's primary key; all of them where it has none."""
    wanted = text(
        "SELECT a.attname FROM pg_index i JOIN pg_attribute a ON a.attrelid = i.indrelid AND a.attnum = ANY(i.indkey) "
        "WHERE i.indrelid = to_regclass(quote_ident(:name)) AND i.indisprimary "
        "ORDER BY array_position(i.indkey::int2[], a.attnum)"
    )
    return list(connection.scalars(wanted, {"name": name})) or columns(connection, name)


def _list(names: Sequence[str]) -> sql.Composed:
    return sql.SQL(", ").join(sql.Identifier(name) for name in names)


def _cursor(connection: Connection) -> psycopg.Cursor[Any]:
    driver: Any = connection.connection.driver_connection
    return psycopg.Cursor(driver)


@contextmanager
def _one_moment(url: URL) -> Iterator[Connection]:
    """A connection that sees one moment of everybody's rows, and changes nothing."""
    engine = postgres.owner_engine(url)
    try:
        with engine.connect().execution_options(isolation_level="REPEATABLE READ", postgresql_readonly=True) as connection:
            rls.begin(connection)  # row-level security binds the tables' owner too
            yield connection
    finally:
        engine.dispose()


# -------------------------------------------------------------------------------------------------------------- restoring


def inspect(source: Path) -> Manifest:
    """What a file says of itself, after every one of its bytes was held against it; Refused when it is damaged or foreign."""
    try:
        with tarfile.open(source) as tar:
            manifest = _manifest(tar)
            for one in manifest.tables:
                if _sum(_rows_of(tar, one.name)) != one.sha256:
                    raise Refused(_damaged(one.name))
    except (tarfile.TarError, zstandard.ZstdError, KeyError, ValueError, TypeError, EOFError) as error:
        raise Refused(_damaged(source.name)) from error
    if manifest.schema not in history():
        raise Refused(_too_new())
    return manifest


def _manifest(tar: tarfile.TarFile) -> Manifest:
    entry = tar.extractfile(MANIFEST)
    plain = json.loads(entry.read(16 << 20) if entry else b"")
    if plain["format"] != FORMAT:
        raise Refused(_too_new())
    tables = tuple(Held(str(one["name"]), int(one["rows"]), str(one["sha256"])) for one in plain["tables"])
    return Manifest(str(plain["made"]), str(plain["schema"]), tables)


def _rows_of(tar: tarfile.TarFile, name: str) -> Iterator[bytes]:
    entry = tar.extractfile(f"tables/{name}.zst")
    if entry is None:
        raise KeyError(name)
    left = LARGEST
    with zstandard.ZstdDecompressor().stream_reader(entry) as reader:
        while piece := reader.read(1 << 20):
            left -= len(piece)
            if left < 0:
                raise ValueError("a table without end")
            yield piece


def _sum(pieces: Iterator[bytes]) -> str:
    total = hashlib.sha256()
    for piece in pieces:
        total.update(piece)
    return total.hexdigest()


def restore(source: Path, url: URL, told: Step = lambda _name, _rows: None) -> Manifest:
    """Fills an empty database from a file: all of it, or none. Refused where there is anything already.

    The tables are made as they were then, filled, and brought up to this program's; the hub begins another life.
    """
    manifest = inspect(source)
    engine = postgres.owner_engine(url)
    try:
        _is_empty(engine)
        upgrade(engine, manifest.schema)
        with engine.begin() as connection:
            _fill(connection, source, manifest, told)
        upgrade(engine)
        with Session(engine) as session:
            feed.new_epoch(session)
            session.commit()
    finally:
        engine.dispose()
    return manifest


def _is_empty(engine: Engine) -> None:
    with engine.connect() as connection:
        there = tables(connection)
        if "tenant" in there and connection.scalar(text("SELECT count(*) FROM tenant")):
            raise Refused(_not_empty())


def _fill(connection: Connection, source: Path, manifest: Manifest, told: Step) -> None:
    there = set(tables(connection))
    _without_triggers(connection, there)
    with tarfile.open(source) as tar:
        for one in sorted(manifest.tables, key=lambda one: one.name != "tenant"):
            if one.name not in there:
                raise Refused(_damaged(one.name))
            _copied(connection, one.name, _rows_of(tar, one.name))
            told(one.name, one.rows)
    _count_on(connection)
    rls.begin(connection)
    for held in manifest.tables:
        if _read(connection, held.name) != held:
            raise Refused(_damaged(held.name))


def _without_triggers(connection: Connection, there: set[str]) -> None:
    """The rows come as they were, numbers and all: nothing is to react to them, and their owner may copy them in until the
    rules are made anew. Rows that a new database has are dropped."""
    for name in sorted(there):
        for change in ("ALTER TABLE {} DISABLE TRIGGER USER", "ALTER TABLE {} NO FORCE ROW LEVEL SECURITY", "TRUNCATE {}"):
            connection.exec_driver_sql(sql.SQL(change).format(sql.Identifier(name)).as_string())


def _copied(connection: Connection, name: str, pieces: Iterator[bytes]) -> None:
    statement = sql.SQL("COPY {} ({}) FROM STDIN").format(sql.Identifier(name), _list(columns(connection, name)))
    with _cursor(connection).copy(statement) as copy:
        for piece in pieces:
            copy.write(piece)


def _count_on(connection: Connection) -> None:
    """Counters go on after the highest number that is there, and triggers work again."""
    for name in tables(connection):
        connection.exec_driver_sql(sql.SQL("ALTER TABLE {} ENABLE TRIGGER USER").format(sql.Identifier(name)).as_string())
        for column in columns(connection, name):
            counter = connection.scalar(text("SELECT pg_get_serial_sequence(quote_ident(:t), :c)"), {"t": name, "c": column})
            if counter:
                most = sql.SQL("SELECT setval({}, coalesce((SELECT max({}) FROM {}), 0) + 1, false)").format(
                    sql.Literal(counter), sql.Identifier(column), sql.Identifier(name)
                )
                connection.exec_driver_sql(most.as_string())


# ---------------------------------------------------------------------------------------------------------------- the drill


def drill(source: Path, folder: Path) -> Manifest:
    """Proves a backup by restoring it: into a PostgreSQL of our own beside the real one, which is gone afterwards."""
    with postgres.Embedded(folder / "drill", lasting=False) as server:
        return restore(source, server.url())


def prune(folder: Path, keep: int) -> list[Path]:
    """Removes all but the newest backups in a folder; which ones."""
    old = sorted(folder.glob(f"*{SUFFIX}"))[: -keep or None]
    for one in old:
        one.unlink()
    return old


def _damaged(what: str) -> Problem:
    message, hint = _("The backup is damaged at “{what}”; nothing was restored."), _("Take an older one.")
    return Problem("backup.damaged", message, hint=hint, values={"what": what[:60]})


def _too_new() -> Problem:
    message = _("The backup was made by a newer program than this one.")
    return Problem("backup.too_new", message, hint=_("Update this program, then restore it."))


def _not_empty() -> Problem:
    message = _("There is a hub in this database already; nothing was restored.")
    return Problem("backup.not_empty", message, hint=_("Restore into an empty database, then let the hub use that one."))
