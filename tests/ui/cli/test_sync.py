"""`fettle sync`: sends what waits, fetches what is new, and says how the terminal stands to its hub."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID

import pytest
import uvicorn
from sqlalchemy import URL

from app.assemble import Terminal, open_terminal
from app.kernel.access import system
from app.kernel.keys import KeyFile, KeyKeeper
from app.kernel.standard import Note
from app.terminals.commands import RevokeTerminal
from app.terminals.model import TerminalSeen
from sync.hub.enrolling import invite
from sync.hub.main import Hub, asgi
from sync.terminal.enrol import Call, enrol
from world import World


@dataclass
class Served:
    """A hub on a port of its own with a workshop in it, and an enrolled terminal that holds nothing yet."""

    hub: Hub
    world: World
    address: str
    folder: Path

    @property
    def store(self) -> Path:
        return self.folder / "terminal.fettle"


@pytest.fixture
def served(postgres: URL, tmp_path: Path) -> Iterator[Served]:
    hub = Hub.open(postgres, tmp_path / "hub")
    world = World(hub.app).furnish()
    listening = socket.create_server(("127.0.0.1", 0))
    server = uvicorn.Server(uvicorn.Config(asgi(hub), log_config=None))
    thread = threading.Thread(target=server.run, args=([listening],))
    thread.start()
    address = f"http://127.0.0.1:{listening.getsockname()[1]}"
    code = invite(hub.app, hub.keys, world.org, name="Counter").code
    folder = tmp_path / "terminal"
    folder.mkdir(mode=0o700)
    enrol(folder / "terminal.fettle", Call(address, code), keeper=KeyKeeper(KeyFile()))
    yield Served(hub, world, address, folder)
    hub.stopping.set()
    server.should_exit = True
    thread.join()
    listening.close()
    hub.close()


@pytest.fixture
def sync(served: Served, fettle: Callable[..., Any], monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """`fettle sync …` on the enrolled terminal."""
    monkeypatch.setattr("sync.terminal.joined.machine_keeper", lambda: KeyKeeper(KeyFile()))
    monkeypatch.setattr("app.kernel.keys.machine_keeper", lambda: KeyKeeper(KeyFile()))
    return lambda *arguments, **more: fettle("sync", *arguments, store=served.folder, **more)


@contextmanager
def opened(served: Served) -> Iterator[Terminal]:
    terminal = open_terminal(served.store, keeper=KeyKeeper(KeyFile()))
    try:
        yield terminal
    finally:
        terminal.close()


def parts(served: Served) -> int:
    with opened(served) as terminal:
        return terminal.app.count("part", system(terminal.org_id))


def test_a_terminal_that_works_alone_says_so(shop: Any, fettle: Callable[..., Any]) -> None:
    assert fettle("sync", "--status", "--json").line["state"] == "not_enrolled"
    said = fettle("sync", "--once")
    assert said.code == 3
    assert "fettle enrol" in said.words


def test_a_machine_that_cannot_reach_the_hub_is_not_told_that_it_tries_again(fettle: Callable[..., Any], tmp_path: Path) -> None:
    said = fettle("enrol", "http://127.0.0.1:1", "7K2M-9QXW-4TRD", store=tmp_path / "machine")
    assert (said.code, said.out) == (3, "")
    assert "run it again" in said.words
    assert "by itself" not in said.words


def test_a_parcel_says_which_file_it_cannot_use_and_leaves_no_half_of_one(
    served: Served, sync: Callable[..., Any], fettle: Callable[..., Any], tmp_path: Path
) -> None:
    sync("--once")
    for way in (("--write", str(tmp_path / "none" / "p")), ("--write", str(tmp_path)), ("--take", str(tmp_path / "none"))):
        said = fettle("parcel", *way, store=served.folder)
        assert (way, said.code, said.out) == (way, 3, "")
        assert "cannot be" in said.words
    written = fettle("parcel", "--write", str(tmp_path / "out.parcel"), store=served.folder)
    assert (written.code, written.line["commands"]) == (0, 0)
    assert (tmp_path / "out.parcel").stat().st_mode & 0o077 == 0
    assert not list(tmp_path.glob("*.part"))


def test_once_fetches_what_is_new_and_sends_what_waits(
    served: Served, sync: Callable[..., Any], fettle: Callable[..., Any]
) -> None:
    said = sync("--once", "--json")
    assert (said.code, said.line["state"], said.line["waiting"]) == (0, "online", 0)
    assert parts(served) == 5
    note = f'{{"entity": "part", "row": "{served.world.part}", "text": "Rusty"}}'
    assert fettle("do", "AddNote", note, store=served.folder).code == 0
    assert sync("--status", "--json").line["waiting"] == 1
    assert sync("--once", "--json").line["waiting"] == 0
    with served.hub.session(served.world.org) as session:
        assert [row.text for row in session.query(Note)] == ["Rusty"]


def test_the_status_tells_how_fresh_each_kind_of_record_is(sync: Callable[..., Any]) -> None:
    before = sync("--status", "--json").line
    assert (before["fresh"], before["last_done"]) == ({}, None)
    sync("--once")
    after = sync("--status", "--json").line
    assert after["fresh"]["part"] == after["last_done"] is not None
    assert "fresh" in sync("--status").out


def test_a_hub_that_is_away_lacks_and_nothing_is_lost(
    served: Served, sync: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    sync("--once")

    def gone(*_where: Any) -> Any:
        raise ConnectionRefusedError(111, "Connection refused")

    monkeypatch.setattr("sync.network._connected", gone)
    said = sync("--once", "--json")
    assert (said.code, said.line["state"]) == (3, "offline")
    assert said.line["failure"]["code"] == "hub.away"
    assert "Connection refused" in said.words
    assert sync("--status", "--json").line["failure"]["code"] == "hub.away"
    assert parts(served) == 5


def test_a_terminal_that_was_revoked_fails_and_keeps_everything(served: Served, sync: Callable[..., Any]) -> None:
    sync("--once")
    served.world.done(RevokeTerminal(terminal=terminal_id(served), reason="Lost"))
    said = sync("--once", "--json")
    assert (said.code, said.line["state"]) == (1, "needs_you")
    assert said.line["failure"]["code"] == "device.revoked"
    assert parts(served) == 5


def test_a_terminal_that_is_ordered_to_be_wiped_is_gone(served: Served, sync: Callable[..., Any]) -> None:
    sync("--once")
    served.world.done(RevokeTerminal(terminal=terminal_id(served), wipe=True, reason="Stolen"))
    assert sync("--once").code == 1
    assert not served.store.exists()


def terminal_id(served: Served) -> UUID:
    with opened(served) as terminal:
        return terminal.app.station.id


def test_it_keeps_in_step_until_it_is_told_to_end(
    served: Served, started: Callable[[list[str]], subprocess.Popen[str]], shop: Any
) -> None:
    command = [sys.executable, "-P", "-m", "ui.cli", "--store", str(served.folder), "sync", "--json"]
    process = started(command)
    end = time.monotonic() + 30
    while time.monotonic() < end and not _heard(served):
        time.sleep(0.1)
    process.send_signal(signal.SIGTERM)
    out, words = process.communicate(timeout=20)
    assert process.returncode == 0, words
    assert '"state":"online"' in out


def _heard(served: Served) -> bool:
    """Whether the terminal has said where it stands."""
    with served.hub.session(served.world.org) as session:
        return any(row.version or row.heartbeat for row in session.query(TerminalSeen))
