"""`fettle bench snapshot`: how quickly a new terminal has its store, in both forms, beside plain copies and plain encryption."""

from __future__ import annotations

import gc
import json
import os
import shutil
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import zstandard
from sqlcipher3 import dbapi2 as driver

from app.assemble import make_terminal, open_terminal
from app.kernel.access import system
from app.kernel.dispatch import Station
from app.kernel.ids import new_id
from app.kernel.measuring import Result, meanwhile
from app.kernel.problems import Trouble
from app.kernel.store import spoken
from sync.bench.hall import Hall, hall
from sync.bench.joined import KEEPER
from sync.bench.lines import free_port
from sync.bench.spending import resident
from sync.snapshots import COLUMNS, FILE, Manifest
from sync.terminal.fetching import Fetching, silent
from sync.terminal.http import HttpLine, HttpPeer, Key
from sync.terminal.snapshot import fetch_store
from sync.terminal.snapshot_line import HttpSource

PARTS = 1_000_000
RUNS = 2
PATIENCE = 600  # times a second that a build, or a server's start, is waited for


@dataclass(frozen=True)
class Took:
    """One fetch: rows a second, and for each second of one core; bytes on the way for each row; memory over what the program
    had before, in megabytes."""

    rows: float
    rows_of_a_core: float
    bytes_a_row: float
    memory: float


def bench(n: int | None = None) -> Result:
    """Fetches a store with `n` parts over loopback, in each form, and proves that search finds in it."""
    count = n or PARTS
    with hall(count) as hub, tempfile.TemporaryDirectory(prefix="fettle-") as name:
        folder = Path(name)
        with _served(hub, folder / "hub") as source:
            manifests = {form: _built(source, form) for form in (FILE, COLUMNS)}
            _warm_up(folder / "warm" / "terminal.fettle")
            file = max((_fetched(hub, source, folder, FILE) for _run in range(RUNS)), key=lambda one: one.rows)
            columns = _fetched(hub, source, folder, COLUMNS)
            limits = _limits(source, folder, manifests[FILE])
    metrics = {
        "file_rows_s": round(file.rows),
        "file_rows_core_s": round(file.rows_of_a_core),
        "file_bytes_row": round(file.bytes_a_row, 1),
        "file_memory_mb": round(file.memory, 1),
        "columns_rows_s": round(columns.rows),
        "columns_bytes_row": round(columns.bytes_a_row, 1),
        "columns_memory_mb": round(columns.memory, 1),
    }
    return Result(
        "snapshot",
        count,
        metrics,
        limits,
        {"file_of_limit": round(file.rows / limits["file_rows_s"], 3)},
        {"file_rows_s": (">=", 250_000), "columns_bytes_row": ("<=", 90), "file_memory_mb": ("<=", 40)},
        f"stores of {manifests[FILE].rows:,} rows fetched over loopback, {count:,} of them parts, until search finds in them",
    )


@contextmanager
def _served(hub: Hall, folder: Path) -> Iterator[HttpSource]:
    """A process that serves this hall's first site; ended with the block."""
    port = free_port()
    order = {
        "url": hub.url.render_as_string(hide_password=False),
        "folder": str(folder),
        "port": port,
        "org": hub.org.hex,
        "sites": [hub.sites[0].hex],
        "warehouses": [hub.warehouses[0].hex],
    }
    served = subprocess.Popen([sys.executable, "-m", "sync.bench.serving"], stdin=subprocess.PIPE, text=True)
    line = HttpPeer(HttpLine(f"http://127.0.0.1:{port}"), Key(new_id(), os.urandom(32)), lambda: time.time_ns() // 1_000_000)
    try:
        if served.stdin is not None:
            served.stdin.write(json.dumps(order) + "\n")
            served.stdin.flush()
        yield HttpSource(line)
    finally:
        line.close()
        served.terminate()
        served.wait(20)


def _built(source: HttpSource, form: str) -> Manifest:
    """The manifest, once the server is up and has built: neither is part of the measure, as both happen once for all."""
    for _attempt in range(PATIENCE):
        try:
            return source.manifest(form)
        except Trouble as trouble:
            if trouble.problem.code not in ("snapshot.building", "hub.away"):
                raise
        time.sleep(1.0)
    raise RuntimeError("the snapshot was not built in time")


def _warm_up(path: Path) -> None:
    """A terminal at work, so that what the program itself takes is not counted."""
    terminal = make_terminal(path, keeper=KEEPER)
    terminal.app.find("bearing", system(terminal.org_id), most=1)
    terminal.close()


def _fetched(hub: Hall, source: HttpSource, folder: Path, form: str) -> Took:
    """One terminal from its first request to the first hit of a search."""
    path = folder / form / "terminal.fettle"
    shutil.rmtree(path.parent, ignore_errors=True)
    gc.collect()
    with _memory() as grown:
        begun, worked = time.perf_counter(), time.process_time()
        fetched = fetch_store(source, path, Station(new_id()), hub.org, keeper=KEEPER, form=form)
        terminal = open_terminal(path, keeper=KEEPER)
        found = terminal.app.find("bearing", system(hub.org), most=1)
        took, worked = time.perf_counter() - begun, time.process_time() - worked
    terminal.close()
    shutil.rmtree(path.parent)
    if not found:
        raise RuntimeError("search finds nothing in the new store")
    return Took(fetched.rows / took, fetched.rows / worked, fetched.size / fetched.rows, grown[0])


@contextmanager
def _memory() -> Iterator[list[float]]:
    """By how many megabytes this process grew at most while the block ran; 0 where the system does not tell."""
    grown, before = [0.0], resident(os.getpid())

    def look() -> None:
        grown[0] = max(grown[0], resident(os.getpid()) - before)

    with meanwhile(look, 0.02):
        yield grown


# --------------------------------------------------------------------------------------------------------------- limits


def _limits(source: HttpSource, folder: Path, manifest: Manifest) -> dict[str, float]:
    """What this machine can do at best: fetch, unpack and write the file in the clear; and let SQLCipher itself encrypt it."""
    plain = folder / "plain.db"
    timed = {
        "file_rows_s": _rate(manifest, lambda: _copied(source, manifest, plain)),
        "export_rows_s": _rate(manifest, lambda: _exported(plain, folder / "exported.db")),
    }
    return {name: round(value) for name, value in timed.items()}


def _rate(manifest: Manifest, act: Callable[[], None]) -> float:
    begun = time.perf_counter()
    act()
    return manifest.rows / (time.perf_counter() - begun)


def _copied(source: HttpSource, manifest: Manifest, path: Path) -> None:
    fetching = Fetching(source, silent, lambda: False, time.sleep)
    unpacker = zstandard.ZstdDecompressor()
    with path.open("wb") as file:
        for number, piece in enumerate(manifest.pieces):
            file.write(unpacker.decompress(fetching.piece(manifest, number), max_output_size=piece.plain))
        file.flush()
        os.fsync(file.fileno())


def _exported(plain: Path, path: Path) -> None:
    with closing(driver.connect(str(plain), isolation_level=None)) as connection:
        connection.execute(f'ATTACH ? AS sealed KEY "{spoken(sha256(b"bench").digest())}"', (str(path),))
        connection.execute("PRAGMA sealed.journal_mode = OFF")
        connection.execute("PRAGMA sealed.synchronous = OFF")
        connection.execute("SELECT sqlcipher_export('sealed')")
    with path.open("rb+") as file:
        os.fsync(file.fileno())
