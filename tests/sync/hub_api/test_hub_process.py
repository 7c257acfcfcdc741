"""The hub as a program of its own, over a real line: it says where it is, and ends without leaving anybody half told."""

from __future__ import annotations

import json
import os
import re
import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import pytest
from sqlalchemy import URL

ROOT = Path(__file__).resolve().parents[3]
Start = Callable[..., "Program"]


class Program:
    """A running `fettle hub serve`, which has said where it listens."""

    def __init__(self, process: subprocess.Popen[str]) -> None:
        self.process = process
        assert process.stderr is not None
        said: list[str] = []
        for line in process.stderr:
            said.append(line)
            if found := re.search(r"listens at http://127\.0\.0\.1:(\d+)", line):
                self.port = int(found[1])
                return
        raise AssertionError("".join(said))

    def ends(self) -> int:
        """Waits for the end; the exit code."""
        self.process.communicate(timeout=60)
        return self.process.returncode


@pytest.fixture
def start(postgres: URL, tmp_path: Path) -> Iterator[Start]:
    """Starts `fettle hub …` on a database of its own; what still runs at the end is ended."""
    running: list[subprocess.Popen[str]] = []
    named = {"DATABASE_URL": postgres.render_as_string(hide_password=False), "PYTHONPATH": str(ROOT)}

    def begin(*arguments: str) -> Program:
        command = [
            sys.executable,
            "-P",
            "-m",
            "ui.cli",
            "--store",
            str(tmp_path / "hub"),
            "hub",
            "serve",
            "--port",
            "0",
            *arguments,
        ]
        pipes = {"stdout": subprocess.PIPE, "stderr": subprocess.PIPE}
        running.append(subprocess.Popen(command, cwd=ROOT, env={**os.environ, **named}, text=True, **pipes))
        return Program(running[-1])

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def test_what_was_begun_is_answered_before_the_hub_ends(start: Start) -> None:
    program = start()
    body = json.dumps({"username": "nobody", "pin": "407192"}).encode()
    head = f"POST /api/v1/auth/login HTTP/1.1\r\nHost: hub\r\nContent-Type: application/json\r\nContent-Length: {len(body)}\r\n"
    with socket.create_connection(("127.0.0.1", program.port), timeout=30) as line:
        line.sendall(head.encode() + b"Expect: 100-continue\r\n\r\n")
        assert line.recv(4096).startswith(b"HTTP/1.1 100")  # the hub is in the middle of this request
        program.process.send_signal(signal.SIGTERM)
        line.sendall(body)
        answer = line.makefile("rb").read()
    assert answer.startswith(b"HTTP/1.1 401")
    assert b"api.login" in answer
    assert program.ends() == 0


def test_two_processes_serve_one_database(start: Start) -> None:
    one, two = start(), start()
    for program in (one, two):
        assert httpx.get(f"http://127.0.0.1:{program.port}/health").json() == {"status": "alive"}
        assert httpx.get(f"http://127.0.0.1:{program.port}/ready").json() == {"status": "ready"}
    one.process.send_signal(signal.SIGINT)
    assert one.ends() == 0
    assert httpx.get(f"http://127.0.0.1:{two.port}/ready").status_code == 200


def test_a_hub_whose_database_has_gone_says_so_and_lives(start: Start, postgres: URL) -> None:
    from sqlalchemy import create_engine, text

    program = start()
    owner = create_engine(postgres.set(database="postgres"), isolation_level="AUTOCOMMIT")
    with owner.connect() as connection:
        connection.execute(text(f'ALTER DATABASE "{postgres.database}" ALLOW_CONNECTIONS false'))
        stop = text("SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = :name")
        connection.execute(stop, {"name": postgres.database})
    owner.dispose()
    ready = httpx.get(f"http://127.0.0.1:{program.port}/ready")
    assert (ready.status_code, ready.json()) == (503, {"status": "database"})
    assert httpx.get(f"http://127.0.0.1:{program.port}/health").status_code == 200
    login = httpx.post(f"http://127.0.0.1:{program.port}/api/v1/auth/login", json={"username": "nora", "pin": "1"})
    assert (login.status_code, login.json()["code"]) == (503, "hub.database")
