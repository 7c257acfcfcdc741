"""Told to end by the system, the window closes as by hand, so that the next start is a quick one."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest

from app.assemble import make_terminal, open_terminal
from app.kernel.keys import KeyFile, KeyKeeper
from ui.cli.ending import READY, woken

ROOT = Path(__file__).resolve().parents[3]
KEEPER = KeyKeeper(KeyFile())

pytestmark = pytest.mark.skipif(os.name != "posix", reason="such signals are POSIX")


@pytest.mark.parametrize("told", [signal.SIGTERM, signal.SIGINT])
def test_a_window_that_is_told_to_end_closes_its_store(told: signal.Signals, tmp_path: Path) -> None:
    path = tmp_path / "store" / "terminal.fettle"
    make_terminal(path, keeper=KEEPER).close()
    window = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "--store", str(path)],
        cwd=ROOT,
        env={**os.environ, READY: "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
    )
    assert window.stdout is not None
    assert window.stdout.readline() == b"ready\n"
    lock = path.with_name(path.name + ".lock")
    assert "closed" not in lock.read_text()
    window.send_signal(told)
    _out, words = window.communicate(timeout=30)
    assert (window.returncode, words) == (0, b"")
    assert lock.read_text() == "closed"
    open_terminal(path, keeper=KEEPER).close()


def test_a_signal_that_is_heard_after_the_end_is_no_mistake_of_the_program() -> None:
    ours, theirs = socket.socketpair()
    ours.setblocking(False)
    theirs.send(b"x")
    woken(ours)
    with pytest.raises(BlockingIOError):
        ours.recv(1)  # what woke the loop was taken: else it would be woken for ever
    for end in (ours, theirs):
        end.close()
    woken(ours)
    assert ours.fileno() < 0, "nothing was opened again"
