"""A real hub for benches: the program itself in a process of its own, on a database that is there, and a line that is slow."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from sqlalchemy import URL

from app.kernel.problems import Trouble
from app.kernel.words import _
from sync.terminal.http import HttpLine

READY = 60.0  # seconds for a hub to serve


@contextmanager
def served(url: URL, folder: Path) -> Iterator[str]:
    """A process of the hub on this database; its address. It is told to end afterwards."""
    with hub_process(url, folder) as (address, _pid):
        yield address


@contextmanager
def hub_process(url: URL, folder: Path) -> Iterator[tuple[str, int]]:
    """The same, with the process's number."""
    port = free_port()
    command = [sys.executable, "-m", "ui.cli", "--store", str(folder), "hub", "serve", "--port", str(port)]
    environ = {**os.environ, "DATABASE_URL": url.render_as_string(hide_password=False)}
    with (folder / "hub.log").open("wb") as log:
        process = subprocess.Popen(command, env=environ, stdout=log, stderr=log)  # noqa: S603
    for address in _while_ready(f"http://127.0.0.1:{port}", process):
        yield address, process.pid


@contextmanager
def delayed(address: str, milliseconds: float) -> Iterator[str]:
    """The same address over a line on which everything takes so long, there and back together."""
    port, target = free_port(), address.rpartition(":")[2]
    command = [sys.executable, "-m", "sync.bench.delay", str(port), target, str(milliseconds / 2)]
    process = subprocess.Popen(command)  # noqa: S603
    yield from _while_ready(f"http://127.0.0.1:{port}", process)


def _while_ready(address: str, process: subprocess.Popen[bytes]) -> Iterator[str]:
    try:
        _await_ready(address, process)
        yield address
    finally:
        process.terminate()
        process.wait()


def _await_ready(address: str, process: subprocess.Popen[bytes]) -> None:
    """Returns once the hub says that it is ready; Trouble when it has ended, or does not within a minute."""
    end = time.monotonic() + READY
    line = HttpLine(address)
    try:
        while process.poll() is None and time.monotonic() < end:
            with suppress(Trouble):
                if line.carry("GET", "/ready", {}, b"").status == 200:
                    return
            time.sleep(0.1)
    finally:
        line.end()
    raise Trouble("bench.hub", _("The hub's process does not serve."), _("Its log says why."))


def free_port() -> int:
    """A port of this machine that nobody listens at."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
