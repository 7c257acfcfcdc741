"""The store that benches run on: a workshop with many parts, put there by the driver itself because they are only scenery."""

from __future__ import annotations

import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import platformdirs

from app.assemble import App
from app.kernel import search
from app.kernel.access import Actor, system
from app.kernel.dispatch import Station
from app.kernel.gs1 import has_check_digit
from app.kernel.ids import derived_id, new_id, short
from app.kernel.standard import SaveRecord
from app.kernel.store import Store
from app.kernel.types import Quantity
from app.kernel.writer import Writer
from app.migrations import head, revisions, upgrade
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart

KEY = hashlib.sha256(b"a bench store holds nothing worth hiding").digest()
ORG = UUID("01a00000-0000-7000-8000-000000000001")
PARTS = 1_000_000
BATCH = 20_000
WORDS = (
    "Brake pad",
    "Brake disc",
    "Oil filter",
    "Chain",
    "Clutch lever",
    "Cable",
    "Bolt",
    "Washer",
    "Seal",
    "Bearing",
    "Lamp",
    "Mirror",
)


@dataclass(frozen=True)
class Shelf:
    """An open bench store and what to scan in it."""

    app: App
    store: Store
    actor: Actor
    order: UUID
    bin: UUID
    parts: tuple[UUID, ...]
    count: int

    def code(self, number: int) -> str:
        return ean13(number % self.count)


def ean13(number: int) -> str:
    """The EAN-13 of the n-th part, with its check digit (GS1 General Specifications §7.9)."""
    body = f"40{number:010d}"
    return next(body + digit for digit in "0123456789" if has_check_digit(body + digit))


def folder(count: int) -> Path:
    return Path(platformdirs.user_cache_dir("fettle")) / f"bench-{head()}-{count}"


@contextmanager
def opened(count: int = PARTS) -> Iterator[Shelf]:
    """The bench store with `count` parts; made on first use and kept, copied for the run so that every run starts alike."""
    master = folder(count) / "bench.fettle"
    if not (folder(count) / "whole").exists():
        shutil.rmtree(folder(count), ignore_errors=True)
        _make(master, count)
        (folder(count) / "whole").touch()
    run = folder(count) / f"run-{os.getpid()}"
    run.mkdir(mode=0o700)
    try:
        shutil.copy(master, run / "bench.fettle")
        store = Store.open(run / "bench.fettle", KEY, revisions())
        yield from _used(store, count)
    finally:
        shutil.rmtree(run, ignore_errors=True)


def _used(store: Store, count: int) -> Iterator[Shelf]:
    app = App(Writer(store.writer), store.writer, store.reader, Station(derived_id(ORG, "terminal"), zone="Europe/Berlin"))
    try:
        yield Shelf(
            app,
            store,
            system(ORG),
            derived_id(_at("order command"), "work_order"),
            _at("bin"),
            tuple(_part(place) for place in range(10)),
            count,
        )
    finally:
        app.close()
        store.close()


def _at(slot: str) -> UUID:
    return derived_id(ORG, "bench", slot)


def _part(number: int) -> UUID:
    return derived_id(ORG, "part", str(number))


def _make(path: Path, count: int) -> None:
    store = Store.create(path, KEY)
    writer = Writer(store.writer)
    writer.run(upgrade, store.writer)
    app = App(writer, store.writer, store.reader, Station(derived_id(ORG, "terminal"), zone="Europe/Berlin"))
    _furnish(app)
    writer.submit(_fill, store, count).result()  # it takes longer than anybody would wait at a terminal
    _stock(app)
    app.close()
    store.close()


def _furnish(app: App) -> None:
    actor = system(ORG)
    for entity, ident, fields in (
        ("organisation", ORG, {"name": "Bench"}),
        ("site", _at("site"), {"code": "M", "name": "Bench", "zone": "Europe/Berlin"}),
        ("warehouse", _at("warehouse"), {"site_id": _at("site").hex, "code": "WH", "name": "Store room"}),
        ("bin", _at("bin"), {"warehouse_id": _at("warehouse").hex, "code": "A-01"}),
    ):
        app.run(SaveRecord(entity=entity, id=ident, fields={name: [None, value] for name, value in fields.items()}), actor)


def _stock(app: App) -> None:
    """Ten parts with plenty in the bin, planned on one job."""
    actor = system(ORG)
    plenty = Quantity(1_000_000)
    made = app.run(CreateOrder(site=_at("site"), what="Bench"), actor, _at("order command")).row("work_order")
    for place in range(10):
        app.run(ReceiveStock(part=_part(place), bin=_at("bin"), quantity=plenty), actor)
        app.run(PlanPart(order=made, part=_part(place), quantity=plenty), actor)


def _fill(store: Store, count: int) -> None:
    """Parts, their barcodes and their words, straight through the driver."""
    with store.writer.begin() as connection:
        raw: Any = connection.connection.driver_connection
        raw.execute("PRAGMA cache_size = -1000000")  # KiB: no page goes to the disk twice
        now, stamp = time.time_ns() // 1_000_000, 1
        for start in range(0, count, BATCH):
            numbers = range(start, min(start + BATCH, count))
            raw.executemany(_PART, [_part_row(number, now, stamp) for number in numbers])
            raw.executemany(_CODE, [_code_row(number, now, stamp) for number in numbers])
            raw.executemany(_FIND, [_word_row(number) for number in numbers])


def _name(number: int) -> str:
    return f"{WORDS[number % len(WORDS)]} {number % 97} mm, lot {number}"


_PART = (
    "INSERT INTO part (id, org_id, stamp, made_at, made_by, retired, code, name, unit, tracking, core) "
    "VALUES (?, ?, ?, ?, ?, 0, ?, ?, 'pcs', 'none', 0)"
)
_CODE = (
    "INSERT INTO barcode (id, org_id, stamp, made_at, made_by, retired, part_id, code, quantity) "
    "VALUES (?, ?, ?, ?, ?, 0, ?, ?, 1000)"
)
_FIND = "INSERT INTO search (rowid, words, entity, org, row) VALUES (?, ?, 'part', ?, ?)"


def _part_row(number: int, now: int, stamp: int) -> tuple[Any, ...]:
    return (_part(number).bytes, ORG.bytes, stamp, now, ORG.bytes, f"P-{number:07d}", _name(number))


def _code_row(number: int, now: int, stamp: int) -> tuple[Any, ...]:
    return (new_id().bytes, ORG.bytes, stamp, now, ORG.bytes, _part(number).bytes, ean13(number))


def _word_row(number: int) -> tuple[Any, ...]:
    return (search.rowid(_part(number)), f"P-{number:07d} {_name(number)}", short(ORG), short(_part(number)))
