"""The store that benches run on: a workshop with many parts, put there by the driver itself because they are only scenery."""

from __future__ import annotations

import json
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import platformdirs
from sqlalchemy import select
from sqlalchemy.orm import Session

from app.access.model import Role
from app.access.roles import standard_roles
from app.assemble import App, open_terminal
from app.kernel import meta, search
from app.kernel.access import Actor, system
from app.kernel.dispatch import Station
from app.kernel.gs1 import has_check_digit
from app.kernel.ids import derived_id, new_id, short
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.standard import SaveRecord
from app.kernel.store import Store
from app.kernel.types import Quantity
from app.kernel.writer import Writer
from app.migrations import head, upgrade
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from ui.cli.out import word

KEEPER = KeyKeeper(KeyFile())  # the key lies beside the store: it holds nothing worth hiding
FILE = "terminal.fettle"
ORG = UUID("01a00000-0000-7000-8000-000000000001")
PARTS = 1_000_000
BATCH = 20_000
FILL = 2  # which way of filling it: stores that were filled another way are made anew
NAMES = {  # what parts are called, and what they are called elsewhere
    "Brake pad": {"de": "Bremsbelag", "fr": "Plaquette de frein", "el": "Τακάκι φρένου"},
    "Brake disc": {"de": "Bremsscheibe", "fr": "Disque de frein", "el": "Δίσκος φρένου"},
    "Oil filter": {"de": "Ölfilter", "fr": "Filtre à huile", "el": "Φίλτρο λαδιού"},
    "Chain": {"de": "Kette", "fr": "Chaîne", "el": "Αλυσίδα"},
    "Clutch lever": {"de": "Kupplungshebel", "fr": "Levier d'embrayage", "el": "Μανέτα συμπλέκτη"},
    "Cable": {"de": "Bowdenzug", "fr": "Câble", "el": "Καλώδιο"},
    "Bolt": {"de": "Schraube", "fr": "Boulon", "el": "Βίδα"},
    "Washer": {"de": "Unterlegscheibe", "fr": "Rondelle", "el": "Ροδέλα"},
    "Seal": {"de": "Dichtung", "fr": "Joint d'étanchéité", "el": "Τσιμούχα"},
    "Bearing": {"de": "Lager", "fr": "Roulement", "el": "Ρουλεμάν"},
    "Lamp": {"de": "Glühlampe", "fr": "Ampoule", "el": "Λάμπα"},
    "Mirror": {"de": "Spiegel", "fr": "Rétroviseur", "el": "Καθρέφτης"},
}
WORDS = tuple(NAMES)


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

    def issue(self, place: int) -> None:
        """One of the parts goes to the job, by turns."""
        part = self.parts[place % len(self.parts)]
        self.app.run(IssuePart(order=self.order, part=part, bin=self.bin), self.actor).or_refused()


def ean13(number: int) -> str:
    """The EAN-13 of the n-th part, with its check digit (GS1 General Specifications §7.9)."""
    body = f"40{number:010d}"
    return next(body + digit for digit in "0123456789" if has_check_digit(body + digit))


def folder(count: int) -> Path:
    return Path(platformdirs.user_cache_dir("fettle")) / f"bench-{head()}-{FILL}-{count}"


@contextmanager
def copied(count: int = PARTS, turn: str = "run") -> Iterator[Path]:
    """A copy of the bench store with `count` parts, so that every run starts alike; the store is made on first use and kept.
    Who needs two at a time names their `turn`."""
    master = folder(count)
    if not (master / "whole").exists():
        word(f"A store with {count:,} parts is made first, which can take minutes. It is kept in {master}.")
        shutil.rmtree(master, ignore_errors=True)
        _make(master / "store" / FILE, count)
        (master / "whole").touch()
    run = master / f"{turn}-{os.getpid()}"
    try:
        shutil.copytree(master / "store", run)
        yield run / FILE
    finally:
        shutil.rmtree(run, ignore_errors=True)


@contextmanager
def opened(count: int = PARTS) -> Iterator[Shelf]:
    """The bench store, open, and its storekeeper."""
    with copied(count) as path, closing(open_terminal(path, keeper=KEEPER)) as terminal:
        yield Shelf(
            terminal.app,
            terminal.store,
            terminal.app.current(Actor(_at("person"), ORG, "Kim")),
            derived_id(_at("order command"), "work_order"),
            _at("bin"),
            tuple(_part(place) for place in range(10)),
            count,
        )


def _at(slot: str) -> UUID:
    return derived_id(ORG, "bench", slot)


def _part(number: int) -> UUID:
    return derived_id(ORG, "part", str(number))


def _make(path: Path, count: int) -> None:
    """Under ids that are the same every time; each step runs as a command, but for the scenery."""
    store = Store.create(path, KEEPER.make(path))
    writer = Writer(store.writer)
    writer.run(upgrade, store.writer)
    writer.run(_settle, writer)
    writer.close()
    store.close()
    with closing(open_terminal(path, keeper=KEEPER)) as terminal:
        _furnish(terminal.app)
        if count:
            terminal.app.writer.submit(_fill, terminal.store, count).result()  # nobody at a terminal waits for this
            _stock(terminal.app)


def _settle(writer: Writer) -> None:
    with writer.sessions() as session:
        meta.keep_station(session, Station(derived_id(ORG, "terminal"), zone="Europe/Berlin"))
        meta.keep(session, meta.ORGANISATION, ORG.hex)
        session.commit()


def _furnish(app: App) -> None:
    _save(app, "organisation", ORG, name="Bench")
    _save(app, "site", _at("site"), code="M", name="Bench", zone="Europe/Berlin")
    _save(app, "warehouse", _at("warehouse"), site_id=_at("site").hex, code="WH", name="Store room")
    _save(app, "bin", _at("bin"), warehouse_id=_at("warehouse").hex, code="A-01")
    app.run(standard_roles(), system(ORG))
    with Session(app.read_engine) as session:
        role = session.scalars(select(Role.id).where(Role.code == "KEE")).one()
    _save(app, "person", _at("person"), username="kim", name="Kim", home="KEE")
    _save(app, "appointment", _at("appointment"), person_id=_at("person").hex, role_id=role.hex)


def _save(app: App, entity: str, ident: UUID, **fields: Any) -> None:
    values = {name: [None, value] for name, value in fields.items()}
    app.run(SaveRecord(entity=entity, id=ident, fields=values), system(ORG)).or_refused()


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
            raw.executemany(_FIND, sorted(map(_word_row, numbers)))  # FTS5 wants rising numbers


def part_name(number: int) -> str:
    """What the n-th part is called here."""
    return f"{WORDS[number % len(WORDS)]} {number % 97} mm, lot {number}"


def other_names(number: int) -> dict[str, str]:
    """What the n-th part is called in other languages."""
    return NAMES[WORDS[number % len(WORDS)]]


_OTHERS = {word: json.dumps(names, ensure_ascii=False, separators=(",", ":")) for word, names in NAMES.items()}
_PART = (
    "INSERT INTO part (id, org_id, stamp, made_at, made_by, retired, code, name, names, unit, tracking, core) "
    "VALUES (?, ?, ?, ?, ?, 0, ?, ?, ?, 'pcs', 'none', 0)"
)
_CODE = (
    "INSERT INTO barcode (id, org_id, stamp, made_at, made_by, retired, part_id, code, quantity) "
    "VALUES (?, ?, ?, ?, ?, 0, ?, ?, 1000)"
)
_FIND = "INSERT INTO search (rowid, words, entity, org, row) VALUES (?, ?, 'part', ?, ?)"


def _part_row(number: int, now: int, stamp: int) -> tuple[Any, ...]:
    others = _OTHERS[WORDS[number % len(WORDS)]]
    return (_part(number).bytes, ORG.bytes, stamp, now, ORG.bytes, f"P-{number:07d}", part_name(number), others)


def _code_row(number: int, now: int, stamp: int) -> tuple[Any, ...]:
    return (new_id().bytes, ORG.bytes, stamp, now, ORG.bytes, _part(number).bytes, ean13(number))


def _word_row(number: int) -> tuple[Any, ...]:
    told = " ".join((f"P-{number:07d}", part_name(number), *other_names(number).values()))
    return (search.rowid(_part(number)), " ".join(search.split(told)), short(ORG), short(_part(number)))
