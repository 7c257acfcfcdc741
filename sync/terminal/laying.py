"""Makes a store out of fetched columns: tables first, then indexes, search, balances and digests in one go each."""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from uuid import UUID

from sqlalchemy import Engine

from app.capabilities import registry as whole_registry
from app.kernel.registry import Registry
from app.kernel.store import SETTINGS, engine, make_file, spoken
from app.migrations import upgrade
from sync.filling import Some, fill, keep_facts
from sync.packing import unpacked
from sync.snapshots import CURSOR, EPOCH, REACH, Manifest
from sync.terminal.fetching import Progress, Tell
from sync.terminal.staging import Spool, Stage, clear_journals, spoilt

_HASTY = {"journal_mode": "OFF", "synchronous": "OFF", "cache_size": -16384, "secure_delete": "OFF"}
_ASIDE = "aside"  # where words wait to be sorted: a file of its own, encrypted like the store


def lay(store: Path, key: bytes, manifest: Manifest, org_id: UUID, tell: Tell) -> None:
    """Makes the store at its passing name. A kill only means that it is made again: the pieces stay until it is in place."""
    made, words = (Stage.place(store).with_name(f"{store.name}.new.{part}") for part in ("made", "words"))
    for left in (made, words):
        left.unlink(missing_ok=True)
    make_file(made, key)
    with _hasty(made, key) as opened:
        upgrade(opened)
        _attach(opened, words, key)
        spool = Spool(store, key, manifest)
        try:
            registry = whole_registry()
            fill(opened, registry, org_id, _rows(spool, registry, manifest, tell), _ASIDE)
        finally:
            spool.close()
        keep_facts(opened, {CURSOR: manifest.cursor, EPOCH: manifest.epoch, REACH: manifest.reach})
    words.unlink()
    with made.open("rb+") as file:
        os.fsync(file.fileno())
    clear_journals(Stage.place(store))
    made.replace(Stage.place(store))


@contextmanager
def _hasty(path: Path, key: bytes) -> Iterator[Engine]:
    """The file without a journal: until it is whole nobody needs it, and one that was cut short is made anew."""
    opened = engine(path, key, "BEGIN IMMEDIATE", SETTINGS, connections=1)
    try:
        raw = opened.raw_connection()
        driver: Any = raw.driver_connection
        driver.execute("PRAGMA journal_mode = DELETE")  # leaves the write-ahead log first
        for name, value in _HASTY.items():
            driver.execute(f"PRAGMA {name} = {value}")
        raw.close()
        yield opened
    finally:
        opened.dispose()


def _attach(opened: Engine, path: Path, key: bytes) -> None:
    raw = opened.raw_connection()
    driver: Any = raw.driver_connection
    driver.execute(f'ATTACH ? AS {_ASIDE} KEY "{spoken(key)}"', (str(path),))
    for name, value in _HASTY.items():
        driver.execute(f"PRAGMA {_ASIDE}.{name} = {value}")
    raw.close()


def _rows(spool: Spool, registry: Registry, manifest: Manifest, tell: Tell) -> Iterator[Some]:
    done = 0
    for block in spool.plain():
        try:
            some = unpacked(registry, block)
        except ValueError as error:
            raise spoilt() from error
        if some is not None:
            yield some
            done += len(some[1])
        tell(Progress("lay", done, manifest.rows))
