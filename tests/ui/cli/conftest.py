"""A small workshop on a store of its own, and the command line on it, in this process or as a program."""

from __future__ import annotations

import io
import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from app.access.commands import SetPin
from app.access.pins import pin_verifier
from app.assemble import make_terminal, open_terminal
from app.kernel.caretaker import Caretaker
from app.kernel.keys import KeyFile, KeyKeeper
from ui.cli import main
from world import World

ROOT = Path(__file__).resolve().parents[3]
ENVIRONMENT = {**os.environ, "PYTHONPATH": str(ROOT)}
PIN = "407192"


@dataclass
class Said:
    """What a run of the command line said."""

    code: int
    out: str
    words: str

    @property
    def lines(self) -> list[dict[str, Any]]:
        return [json.loads(line) for line in self.out.splitlines()]

    @property
    def line(self) -> dict[str, Any]:
        [only] = self.lines
        return only

    @property
    def codes(self) -> list[str]:
        """The codes of the problems in the only answer."""
        return [problem["code"] for problem in self.line["problems"]]


class Shop:
    """The workshop's store, closed, with the ids that are in it."""

    def __init__(self, folder: Path, ids: dict[str, str]) -> None:
        self.folder, self.ids = folder, ids

    @property
    def store(self) -> Path:
        return self.folder / "terminal.fettle"

    def issue(self, **more: Any) -> dict[str, Any]:
        """The fields of an issue of the first planned part."""
        return {"order": self.ids["order"], "part": self.ids["part"], "bin": self.ids["bin"], **more}

    def program(self, *arguments: str) -> list[str]:
        return [sys.executable, "-P", "-m", "ui.cli", "--store", str(self.folder), *arguments]


@pytest.fixture(scope="session")
def original(tmp_path_factory: pytest.TempPathFactory) -> Shop:
    """The workshop that every test gets a copy of."""
    folder = tmp_path_factory.mktemp("original") / "shop"
    terminal = make_terminal(folder / "terminal.fettle", keeper=KeyKeeper(KeyFile()))
    world = World(terminal.app, terminal.org_id).furnish()
    ids = {name: str(getattr(world, name)) for name in ("order", "part", "bin", "site")}
    assert Caretaker(terminal.store, terminal.journal, terminal.app.writer, lambda: "UTC", terminal.app.clock.now).back_up()
    terminal.close()
    return Shop(folder, ids)


@pytest.fixture
def shop(original: Shop, tmp_path: Path) -> Shop:
    """A workshop without people, where the program itself acts."""
    shutil.copytree(original.folder, tmp_path / "shop")
    return Shop(tmp_path / "shop", original.ids)


@pytest.fixture
def staffed(shop: Shop) -> Shop:
    """The workshop with a storekeeper and an administrator, who have PINs."""
    terminal = open_terminal(shop.store, keeper=KeyKeeper(KeyFile()))
    world = World(terminal.app, terminal.org_id)
    verifier = pin_verifier(PIN)
    for name, role in (("Nora", "ADM"), ("Kim", "KEE")):
        world.done(SetPin(person=world.person(name, role).id, verifier=verifier))
    terminal.close()
    return shop


@pytest.fixture
def fettle(shop: Shop, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Said]:
    """Runs `fettle ARGUMENTS…` on the shop in this process; `stdin` is what comes in."""
    monkeypatch.setattr("app.assemble.machine_keeper", lambda: KeyKeeper(KeyFile()))

    def run(*arguments: str, store: Path | None = shop.folder, stdin: bytes = b"") -> Said:
        monkeypatch.setattr(sys, "stdin", io.TextIOWrapper(io.BytesIO(stdin)))
        capsys.readouterr()
        code = main([*(["--store", str(store)] if store else []), *arguments])
        out, words = capsys.readouterr()
        return Said(code, out, words)

    return run


@pytest.fixture
def started() -> Iterator[Callable[..., subprocess.Popen[str]]]:
    """Starts the real program with pipes; what still runs at the end is ended."""
    running: list[subprocess.Popen[str]] = []

    def start(command: list[str]) -> subprocess.Popen[str]:
        pipes = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
        process = subprocess.Popen(command, cwd=ROOT, env=ENVIRONMENT, text=True, **pipes)
        running.append(process)
        return process

    yield start
    for process in running:
        process.kill()
        process.wait()
        for pipe in (process.stdin, process.stdout, process.stderr):
            with suppress(BrokenPipeError):
                pipe.close()
