"""A real Odoo for tests: the one that ODOO_URL names, else one of our own for the whole run, which is made while others run.

`tests/conftest.py` loads this. Tests that ask for it come last, as it takes minutes to make the first time on a machine. Where
there is none they are skipped, and the run's summary says so in words. Each test process has a database of its own, alike to
Odoo's demonstration; of the one that ODOO_URL names, all share ODOO_DB and have to keep to companies and names of their own.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pytest

from app.kernel.postgres import passing_folder
from sync.bench.odoo_server import LOGIN, Server
from sync.odoo.transport import Account, Odoo, connect

FOLDER = "FETTLE_ODOO_FOLDER"  # where this run's own Odoo says how it is reached, told to the processes of the run
SERVED = "odoo_server"  # the fixture behind all others
LONGEST = 900.0  # seconds for it to be made
AWAY = "There is no Odoo to test against: "


@dataclass(frozen=True)
class There:
    """An Odoo database that a test may use, and the administrator's key to it."""

    account: Account
    key: str

    def connect(self, **more: Any) -> Odoo:
        return connect(self.account, self.key, **more)


@dataclass
class Started:
    """The process that serves the run's own Odoo, where this process has started it."""

    process: subprocess.Popen[bytes] | None = None
    folder: Path = field(default_factory=Path)

    def start(self) -> None:
        self.folder = Path(os.environ[FOLDER])
        words = [sys.executable, "-m", "sync.bench.odoo_server", str(self.folder)]
        self.process = subprocess.Popen(words, stdin=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=Path(__file__).parent.parent)

    def stop(self) -> None:
        """It ends when its input does; in the midst of making one it is not waited for."""
        if self.process is None:
            return
        assert self.process.stdin is not None
        self.process.stdin.close()
        if not (self.folder / "state.json").exists():
            self.process.terminate()
        self.process.wait()
        shutil.rmtree(self.folder, ignore_errors=True)


_started = Started()

# ---------------------------------------------------------------------------------------------------------- of the run


def pytest_configure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        with suppress(OSError):
            os.environ[FOLDER] = str(passing_folder(f"odoo-{os.getpid()}", quick=True))


@pytest.hookimpl(trylast=True)
def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    items.sort(key=_asks)
    if any(map(_asks, items)) and not config.option.collectonly and not os.environ.get("ODOO_URL"):
        Path(os.environ[FOLDER]).mkdir(mode=0o711, parents=True, exist_ok=True)  # tells the run's first process to start it


def pytest_collection_finish(session: pytest.Session) -> None:
    if not hasattr(session.config, "workerinput"):
        _start_if_wanted()


@pytest.hookimpl(optionalhook=True)
def pytest_xdist_node_collection_finished() -> None:
    _start_if_wanted()


def pytest_unconfigure(config: pytest.Config) -> None:
    if not hasattr(config, "workerinput"):
        _started.stop()


def pytest_terminal_summary(terminalreporter: Any) -> None:
    reasons = [str(one.longrepr[2]) for one in terminalreporter.stats.get("skipped", ()) if isinstance(one.longrepr, tuple)]
    away = [one.partition(AWAY)[2] for one in reasons if AWAY in one]
    if away:
        terminalreporter.section("Odoo")
        terminalreporter.line(f"{len(away)} tests against a real Odoo did not run: {away[0]}")
        terminalreporter.line("Set ODOO_URL, ODOO_DB and ODOO_API_KEY, or run them on a Debian that reaches its mirror.")


def _asks(item: pytest.Item) -> bool:
    return SERVED in getattr(item, "fixturenames", ())


def _start_if_wanted() -> None:
    if _started.process is None and Path(os.environ[FOLDER]).exists():
        _started.start()


# ------------------------------------------------------------------------------------------------------------ fixtures


@pytest.fixture(scope="session")
def odoo_server() -> Server | None:
    """The run's own Odoo; None where ODOO_URL names one. Skips where there is none."""
    if os.environ.get("ODOO_URL"):
        return None
    told = Path(os.environ[FOLDER]) / "state.json"
    until = time.monotonic() + LONGEST
    while not told.exists():
        if time.monotonic() > until:
            pytest.skip(f"{AWAY}it was not ready after {LONGEST:.0f} seconds.")
        time.sleep(0.2)
    state = json.loads(told.read_text())
    if "lacking" in state:
        pytest.skip(f"{AWAY}{state['lacking']}.")
    return Server(**state | {"prefix": f"w{os.getpid()}"})


@pytest.fixture(scope="session")
def fresh_odoo(odoo_server: Server | None) -> Iterator[Callable[[], There]]:
    """Makes databases that nobody else uses, in two seconds each; where ODOO_URL names an Odoo, that one's."""
    made: list[str] = []

    def make() -> There:
        if odoo_server is None:
            return _named()
        made.append(odoo_server.create())
        return There(Account(odoo_server.url, made[-1], LOGIN), odoo_server.key)

    yield make
    for name in made:
        if odoo_server is not None:
            odoo_server.drop(name)


@pytest.fixture(scope="session")
def there(fresh_odoo: Callable[[], There]) -> There:
    """This test process's Odoo database."""
    return fresh_odoo()


@pytest.fixture(scope="session")
def odoo(there: There) -> Iterator[Odoo]:
    """A connection to it, as its administrator."""
    made = there.connect()
    yield made
    made.close()


def _named() -> There:
    given = os.environ
    return There(Account(given["ODOO_URL"], given.get("ODOO_DB", ""), given.get("ODOO_LOGIN", LOGIN)), given["ODOO_API_KEY"])
