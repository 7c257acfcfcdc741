"""The import bench: a million parts from a file, through the real importer in a process of its own, audited and searchable."""

from __future__ import annotations

import csv
import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, cast

from app.assemble import App, Terminal, open_terminal
from app.kernel import search
from app.kernel.access import Actor, system
from app.kernel.commands import Answer, Command
from app.kernel.exchange.running import import_file
from app.kernel.store import Store
from app.migrations import revisions
from ui.bench import Result
from ui.bench.shelf import KEEPER, ORG, PARTS, copied, other_names, part_name

TOGETHER = 1000  # rows in one transaction of the bare inserts: as many as one command takes in
TABLES = {"part": "rowid", "change": "id", "envelope": "seq", "touch": "seq"}  # each in the order it was filled
_CHILD = "import sys; from ui.bench.importing import child; child(*sys.argv[1:])"
_COLUMNS = ("code", "name", "names", "category", "unit", "mpn", "cost", "price", "least")


def bench(n: int | None = None) -> Result:
    """Imports a file of `n` parts into a store without any; beside it the rows that this wrote, by the driver's `executemany`
    into an empty store with the same tables, indexes and full-text index."""
    count = n or PARTS
    with TemporaryDirectory(prefix="fettle-bench-") as folder, copied(0) as path:
        file = Path(folder, "parts.csv")
        write_parts(file, count)
        told = _imported(path, file)
        _hold(path, count)
        bare = _bare(path)
    took = told["s"]
    held = {"rss_mb": told["rss_mb"]} if told["rss_mb"] else {}
    return Result(
        "import",
        count,
        {"s": took, "cpu_s": told["cpu_s"], "rows_per_s": round(count / took), **held},
        {"s": bare["s"], "cpu_s": bare["cpu_s"], "rows_per_s": round(count / bare["s"])},
        {"times_naive": round(took / bare["s"], 1), "cpu_times_naive": round(told["cpu_s"] / bare["cpu_s"], 1)},
        {"s": ("<=", round(300 * max(count / PARTS, 0.05), 1)), "times_naive": ("<=", 4.0)}
        | ({"rss_mb": ("<=", 400.0)} if held else {}),
        did=f"{count:,} parts from a file, each audited and found by the search at the end",
    )


def write_parts(file: Path, count: int) -> None:
    """A file as a workshop would export it: code, names, maker's number, prices."""
    with file.open("w", encoding="utf-8", newline="") as out:
        writer = csv.writer(out)
        writer.writerow(_COLUMNS)
        for number in range(count):
            names = json.dumps(other_names(number), ensure_ascii=False)
            prices = f"{number % 900}.{number % 100:02d}", f"{number % 900 + 100}.00"
            writer.writerow(
                (f"N-{number:07d}", part_name(number), names, "Spare part", "pcs", f"MK{number * 7:09d}", *prices, number % 5 + 1)
            )


# ---------------------------------------------------------------------------------------------------------- the importer


def child(store: str, file: str) -> None:
    """Imports a file in a process of its own, and tells how long that took and what it held at most."""
    with closing(open_terminal(Path(store), keeper=KEEPER)) as terminal:
        begun, worked = time.perf_counter(), time.process_time()
        summary = import_file(cast(Any, Patient(terminal.app)), system(ORG), "part", Path(file))
        told = {"s": time.perf_counter() - begun, "cpu_s": time.process_time() - worked}
    if not summary.clean:
        raise RuntimeError(f"the file was not taken in: {summary}")
    sys.stdout.write(json.dumps({**{name: round(one, 3) for name, one in told.items()}, "rss_mb": peak_mb()}))


class Patient:
    """An App that waits for a command as long as it takes: a machine that others have stopped meanwhile must not end a bench."""

    def __init__(self, app: App) -> None:
        self._app = app

    def __getattr__(self, name: str) -> Any:
        return getattr(self._app, name)

    def run(self, command: Command, actor: Actor) -> Answer:
        return self._app.writer.submit(self._app.dispatcher.run, command, self._app.current(actor)).result()


def _imported(path: Path, file: Path) -> dict[str, float]:
    command = [sys.executable, "-c", _CHILD, str(path), str(file)]
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own program
    if done.returncode:
        raise RuntimeError(done.stderr)
    told: dict[str, float] = json.loads(done.stdout)
    return told


def peak_mb() -> float:
    """The most memory this process ever held, in megabytes; 0 where the system does not tell."""
    status = Path("/proc/self/status")
    if status.exists():  # what a program before us in this process held does not count: `getrusage` would count it
        line = next(line for line in status.read_text().splitlines() if line.startswith("VmHWM:"))
        return round(int(line.split()[1]) / 1024, 1)
    if sys.platform == "win32":
        return 0.0
    import resource

    most = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return round(most / (1 << 20 if sys.platform == "darwin" else 1 << 10), 1)


def _hold(path: Path, count: int) -> None:
    """Every part is there, in the trail, and found."""
    with closing(open_terminal(path, keeper=KEEPER)) as terminal, terminal.store.reader.connect() as connection:
        raw: Any = connection.connection.driver_connection
        there = raw.execute("SELECT count(*) FROM part").fetchone()
        audited = raw.execute("SELECT count(DISTINCT row_id) FROM change WHERE entity = 'part'").fetchone()
        if not there == audited == (count,):
            raise RuntimeError(f"{there} parts and {audited} of them in the trail, not {count}")
        for number in {0, count // 2, count - 1}:
            _found(terminal, f"N-{number:07d}")


def _found(terminal: Terminal, code: str) -> None:
    if len(terminal.app.find(code, system(ORG), "part")) != 1:
        raise RuntimeError(f"{code} is not found")


# -------------------------------------------------------------------------------------------------------------- the limit


def _bare(filled: Path) -> dict[str, float]:
    """Seconds, on the clock and of work, that the same rows take bare."""
    took = worked = 0.0
    with copied(0, "bare") as path, _opened(filled) as source, _opened(path) as target:
        reading: Any = source.reader.raw_connection().driver_connection
        writing: Any = target.writer.raw_connection().driver_connection
        for written in _batches(reading):
            begun, busy = time.perf_counter(), time.process_time()
            writing.execute("BEGIN IMMEDIATE")
            for statement, rows in written:
                writing.executemany(statement, rows)
            writing.execute("COMMIT")
            took += time.perf_counter() - begun
            worked += time.process_time() - busy
    return {"s": round(took, 3), "cpu_s": round(worked, 3)}


@contextmanager
def _opened(path: Path) -> Iterator[Store]:
    with closing(Store.open(path, KEEPER.find(path), revisions())) as store:
        yield store


def _batches(reading: Any) -> Iterator[list[tuple[str, list[Any]]]]:
    """What the import wrote, as many rows of each table at a time as one command took in, in the order it came."""
    sources = [reading.execute(f"SELECT * FROM {table} ORDER BY {order}") for table, order in TABLES.items()]  # noqa: S608
    statements = [_put(table, source) for table, source in zip(TABLES, sources, strict=True)]
    find = "INSERT INTO search (rowid, words, entity, org, row) VALUES (?, ?, ?, ?, ?)"
    many = [1 if table == "envelope" else TOGETHER for table in TABLES]
    id_at = [one[0] for one in sources[0].description].index("id")
    while any(batch := [source.fetchmany(most) for source, most in zip(sources, many, strict=True)]):
        numbers = sorted(search.rowid_of(row[id_at]) for row in batch[0])
        words = f"SELECT rowid, * FROM search WHERE rowid IN ({', '.join(map(str, numbers))})"  # noqa: S608 - numbers
        yield [*zip(statements, batch, strict=True), (find, reading.execute(words).fetchall())]


def _put(table: str, source: Any) -> str:
    names = ", ".join(f'"{one[0]}"' for one in source.description)
    return f"INSERT OR IGNORE INTO {table} ({names}) VALUES ({', '.join('?' * len(source.description))})"  # noqa: S608
