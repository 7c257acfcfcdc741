"""Builds what a new terminal starts from, in one moment of the hub: a ready store's file, or the rows as columns."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import closing
from hashlib import sha256
from pathlib import Path
from typing import Any

import zstandard
from sqlalchemy import Engine, create_engine, event
from sqlalchemy.orm import Session
from sqlalchemy.pool import StaticPool
from sqlcipher3 import dbapi2 as driver

from app.kernel import feed
from app.kernel.registry import Registry
from app.kernel.store import APPLICATION_ID
from app.migrations import head, upgrade
from sync.filling import Some, fill, keep_facts
from sync.hub.feed import Reach
from sync.hub.reading import rows
from sync.packing import packed
from sync.snapshots import CURSOR, EPOCH, FILE, PAGE, PIECE, REACH, RESERVED, Manifest, Piece, program

MANIFEST = "manifest.json"
_HASTY = ("journal_mode = OFF", "synchronous = OFF", "locking_mode = EXCLUSIVE", "cache_size = -65536", "temp_store = MEMORY")
_RESERVED_AT, _CONTENT_AT = 20, 105  # where a file's header says how much of each page is left free, and where page 1 is filled
_QUICK, _THOROUGH = 3, 12  # levels of zstd: a file's pages go over quick lines


def build(source: Engine, registry: Registry, reach: Reach, form: str, folder: Path) -> Manifest:
    """Puts the pieces of a snapshot and its manifest into an empty folder."""
    with reading(source, reach) as told:
        now = feed.state(told)
        given = _given(told, registry, reach)
        if form == FILE:
            file = folder / "store"
            count = build_file(file, registry, reach, given, {CURSOR: now.last, EPOCH: now.epoch, REACH: reach.name})
            pieces = tuple(_of_file(file, folder))
            file.unlink()
        else:
            count, pieces = _of_columns(given, folder)
    made = Manifest(folder.name, form, now.last, head(), program(), count, now.epoch, reach.name, pieces)
    (folder / MANIFEST).write_text(json.dumps(made.as_json()), encoding="utf-8")
    return made


def reading(source: Engine, reach: Reach) -> Session:
    """A session that sees one moment of the hub, for this organisation."""
    options: Any = {"isolation_level": "REPEATABLE READ"} if source.dialect.name == "postgresql" else {}
    session = Session(source.execution_options(**options))
    session.info["orgs"] = {reach.org_id}
    return session


def _given(told: Session, registry: Registry, reach: Reach) -> Iterator[Some]:
    """All rows in reach. With the last one the moment ends: no transaction stands open while indexes are made."""
    try:
        for entity in registry.synced():
            for some in rows(told, entity, reach):
                yield entity, some
    finally:
        told.close()


# ------------------------------------------------------------------------------------------------------------ the file


def build_file(path: Path, registry: Registry, reach: Reach, given: Iterator[Some], facts: dict[str, Any]) -> int:
    """A ready store in the clear, whose pages leave room for the terminal's encryption; returns how many rows it holds."""
    _lay_out(path)
    engine = _engine(path)
    try:
        upgrade(engine)
        count = fill(engine, registry, reach.org_id, given)
        keep_facts(engine, facts)
    finally:
        engine.dispose()
    return count


def _lay_out(path: Path) -> None:
    """An empty SQLite file whose pages leave room at their end (see sqlite.org/fileformat2.html, 1.3.4)."""
    with closing(driver.connect(str(path))) as connection:
        connection.execute(f"PRAGMA page_size = {PAGE}")
        connection.execute(f"PRAGMA application_id = {APPLICATION_ID}")
    with path.open("rb+") as file:
        file.seek(_RESERVED_AT)
        file.write(bytes([RESERVED]))
        file.seek(_CONTENT_AT)
        file.write((PAGE - RESERVED).to_bytes(2, "big"))


def _engine(path: Path) -> Engine:
    """The file, which nobody else reads while it is made: a build that is cut short is thrown away."""
    connection = driver.connect(str(path), isolation_level=None, check_same_thread=False)
    for setting in _HASTY:
        connection.execute(f"PRAGMA {setting}")
    made = create_engine("sqlite://", module=driver, creator=lambda: connection, poolclass=StaticPool)
    event.listen(made, "begin", lambda begun: begun.exec_driver_sql("BEGIN"))
    return made


def _of_file(path: Path, folder: Path) -> Iterator[Piece]:
    packer = zstandard.ZstdCompressor(level=_QUICK)
    with path.open("rb") as file:
        number = 0
        while plain := file.read(PIECE):
            yield _kept(folder, number, packer.compress(plain), len(plain))
            number += 1


# --------------------------------------------------------------------------------------------------------- the columns


def _of_columns(given: Iterator[Some], folder: Path) -> tuple[int, tuple[Piece, ...]]:
    packer = zstandard.ZstdCompressor(level=_THOROUGH)
    count, pieces = 0, list[Piece]()
    for number, (entity, some) in enumerate(given):
        plain = packed(entity, some)
        pieces.append(_kept(folder, number, packer.compress(plain), len(plain)))
        count += len(some)
    return count, tuple(pieces)


def _kept(folder: Path, number: int, content: bytes, plain: int) -> Piece:
    (folder / piece_name(number)).write_bytes(content)
    return Piece(len(content), plain, sha256(content).hexdigest())


def piece_name(number: int) -> str:
    return f"{number:05d}.zst"
