"""The barest feed there can be, for benches: `python -m sync.bench.bare` serves the parts of a hall as lines of JSON, packed."""

from __future__ import annotations

import json
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from dataclasses import dataclass
from http.client import HTTPConnection
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import msgspec
import psycopg
import zstandard
from sqlcipher3 import dbapi2 as sqlite3

from sync.bench.hall import ORG, Hall
from sync.bench.lines import free_port

_OWN = ("id", "org_id", "stamp", "made_at", "made_by", "retired")
COLUMNS = (*_OWN, "code", "name", "description", "category", "unit", "mpn", "cost", "price", "least", "tracking", "core")
ROWS = 5_000  # in one answer
_WANTED = f"SELECT {', '.join(COLUMNS)} FROM part WHERE id > %s ORDER BY id LIMIT {ROWS}"  # noqa: S608 (of our own names)
_PUT = (
    f"INSERT INTO part ({', '.join(COLUMNS)}) VALUES ({', '.join('?' * len(COLUMNS))}) ON CONFLICT (id) DO UPDATE SET "  # noqa: S608
    + ", ".join(f"{name} = excluded.{name}" for name in COLUMNS[1:])
)


@dataclass
class Took:
    """What so many rows took: by the clock, and by this process alone, in seconds."""

    rows: int = 0
    seconds: float = 0.0
    ours: float = 0.0

    @property
    def rate(self) -> float:
        return self.rows / self.seconds

    @property
    def cpu(self) -> float:
        """Microseconds of this process a row."""
        return self.ours * 1e6 / max(1, self.rows)


@contextmanager
def took() -> Iterator[Took]:
    """Measures the block, which says how many rows there were."""
    made = Took()
    begun, ours = time.perf_counter(), time.process_time()
    yield made
    made.seconds, made.ours = time.perf_counter() - begun, time.process_time() - ours


def rate(hub: Hall, path: Path) -> Took:
    """From a bare SELECT through packed JSON and HTTP into a plain SQLite file that holds the rows already."""
    with _served(hub) as port, closing(sqlite3.connect(path, isolation_level=None)) as store:
        store.execute("PRAGMA journal_mode = WAL")
        store.execute("PRAGMA synchronous = NORMAL")
        store.execute(f"CREATE TABLE part ({', '.join(COLUMNS)}, PRIMARY KEY (id))")
        _fetched(port, store)
        with took() as made:
            made.rows = _fetched(port, store)
    return made


def _fetched(port: int, store: sqlite3.Connection) -> int:
    count, after = 0, "00000000-0000-0000-0000-000000000000"
    with closing(HTTPConnection("127.0.0.1", port)) as line:
        while True:
            line.request("GET", f"/{after}")
            rows = [msgspec.json.decode(one) for one in zstandard.decompress(line.getresponse().read()).splitlines()]
            if not rows:
                return count
            store.execute("BEGIN IMMEDIATE")
            store.executemany(_PUT, rows)
            store.execute("COMMIT")
            count, after = count + len(rows), rows[-1][0]


@contextmanager
def _served(hub: Hall) -> Iterator[int]:
    port = free_port()
    command = [sys.executable, "-m", "sync.bench.bare", str(port)]
    url = hub.url.set(drivername="postgresql").render_as_string(hide_password=False)
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as process:  # noqa: S603
        try:
            if process.stdin is not None and process.stdout is not None:
                process.stdin.write(json.dumps(url) + "\n")
                process.stdin.flush()
                process.stdout.readline()  # it listens
            yield port
        finally:
            process.terminate()


def main() -> None:
    """Serves until it is told to end; the database's URL comes by its input."""
    url = json.loads(sys.stdin.readline())
    with psycopg.connect(url, autocommit=True) as connection:
        connection.execute("SELECT set_config('app.orgs', %s, false)", (f"{{{ORG.hex}}}",))
        server = HTTPServer(("127.0.0.1", int(sys.argv[1])), _handler(connection))
        sys.stdout.write("ready\n")
        sys.stdout.flush()
        server.serve_forever()


def _handler(connection: psycopg.Connection[Any]) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_GET(self) -> None:
            rows = connection.execute(_WANTED, (self.path[1:],)).fetchall()
            body = zstandard.compress(b"\n".join([msgspec.json.encode(row) for row in rows]), 3)
            self.send_response(200)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)

        def log_message(self, format: str, *args: object) -> None:
            """Says nothing: a line for each answer would be measured too."""

    return Handler


if __name__ == "__main__":
    main()
