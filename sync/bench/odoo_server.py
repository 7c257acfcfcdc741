"""A real Odoo that runs as long as somebody wants it: on a copy of the template's data, on a port and in a folder of its own.

`python -m sync.bench.odoo_server FOLDER` makes what is missing, says in FOLDER/state.json how it is reached, or why there is
none, and ends when its input does.
"""

from __future__ import annotations

import http.client
import json
import shutil
import socket
import subprocess
import sys
import time
from contextlib import ExitStack, suppress
from dataclasses import dataclass
from itertools import count
from pathlib import Path

from sqlalchemy import URL, make_url

from app.kernel.postgres import Embedded
from app.kernel.problems import Trouble
from sync.bench.odoo_home import TEMPLATE, Home, Lacking, connection, copy, sql

LOGIN = "admin"
PATIENCE = 120.0  # seconds for Odoo to answer, on a machine that is busy with other things
_numbers = count(1)


class Process:
    """One process of Odoo. It may be stopped and started again, at the same port."""

    def __init__(self, home: Home, database: URL, files: Path, port: int = 0) -> None:
        self._home = home
        self._database = database
        self.files = files
        self.port = port or _free_port()
        self._process: subprocess.Popen[bytes] | None = None

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def start(self) -> None:
        """Returns when it answers; Lacking, with the last it said, when it does not."""
        self.files.mkdir(parents=True, exist_ok=True)
        log = self.files / "odoo.log"
        listening = ("--http-interface", "127.0.0.1", "--http-port", str(self.port))
        manner = ("--no-database-list", "--workers", "0", "--max-cron-threads", "0", "--log-level", "warn")
        words = ("server", "--data-dir", str(self.files), *connection(self._database), *listening, *manner)
        with log.open("ab") as file:
            self._process = subprocess.Popen(  # noqa: S603
                self._home.odoo(*words), env=self._home.environ(), stdin=subprocess.DEVNULL, stdout=file, stderr=file
            )
        until = time.monotonic() + PATIENCE
        while not self._answers():
            if self._process.poll() is not None or time.monotonic() > until:
                self.stop()
                raise Lacking(f"Odoo did not start: {' '.join(log.read_text(errors='replace').splitlines()[-3:])[-300:]}")
            time.sleep(0.1)

    def stop(self, *, at_once: bool = False) -> None:
        if self._process is None:
            return
        (self._process.kill if at_once else self._process.terminate)()
        try:
            self._process.wait(10)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
        self._process = None

    def _answers(self) -> bool:
        line = http.client.HTTPConnection("127.0.0.1", self.port, timeout=5)
        try:
            line.request("GET", "/web/health")
            return line.getresponse().status == 200
        except (OSError, http.client.HTTPException):
            return False
        finally:
            line.close()


@dataclass(frozen=True)
class Server:
    """How a running Odoo and its PostgreSQL are reached; `prefix` keeps the databases of several processes apart."""

    url: str
    key: str
    database: str
    files: str
    version: str = ""
    prefix: str = "w"

    def create(self) -> str:
        """A fresh database, alike to the template; its name."""
        name = f"{self.prefix}_{next(_numbers)}"
        sql(self._postgres(), f"CREATE DATABASE {name} TEMPLATE {TEMPLATE} STRATEGY FILE_COPY")
        shutil.copytree(Home().files, Path(self.files) / "filestore" / name)
        return name

    def drop(self, name: str) -> None:
        sql(self._postgres(), f"DROP DATABASE IF EXISTS {name} WITH (FORCE)")
        shutil.rmtree(Path(self.files) / "filestore" / name, ignore_errors=True)

    def another(self) -> Process:
        """A second process of Odoo on the same databases, not yet started: that one may be stopped without harm to anybody."""
        return Process(Home(), self._postgres(), Path(self.files))

    def _postgres(self) -> URL:
        return make_url(self.database)


def run(folder: Path) -> None:
    """Serves until its input ends; whatever happens, the folder's state.json says how things are."""
    home = Home()
    with ExitStack() as ends:
        ends.callback(shutil.rmtree, folder / "data", ignore_errors=True)
        try:
            server = _served(home, folder, ends)
        except (Lacking, Trouble, OSError) as error:
            _say(folder, {"lacking": str(error)})
            return
        _say(folder, vars(server))
        sys.stdin.read()


def _served(home: Home, folder: Path, ends: ExitStack) -> Server:
    home.make(lambda sentence: print(sentence, file=sys.stderr, flush=True))  # noqa: T201
    copy(home.data, folder / "data")
    postgres = ends.enter_context(Embedded(folder))
    process = Process(home, postgres.url(), folder / "files")
    ends.callback(shutil.rmtree, process.files, ignore_errors=True)
    process.start()
    ends.callback(process.stop)
    database = postgres.url().render_as_string(hide_password=False)
    return Server(process.url, home.key, database, str(process.files), version=home.version)


def _say(folder: Path, state: dict[str, str]) -> None:
    passing = folder / "state.new"
    passing.write_text(json.dumps(state))
    passing.rename(folder / "state.json")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


if __name__ == "__main__":
    with suppress(KeyboardInterrupt):
        run(Path(sys.argv[1]))
