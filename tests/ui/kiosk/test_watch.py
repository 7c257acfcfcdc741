"""The program that watches over a kiosk's window: it starts it again whatever became of it, until somebody who may leaves it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from app.assemble import make_terminal
from app.kernel.keys import KeyFile, KeyKeeper
from ui.cli.ending import READY
from ui.cli.kiosk import SILENCE, Watch
from ui.cli.out import DONE
from ui.kiosk.signs import BEAT, LEFT

ROOT = Path(__file__).resolve().parents[3]
AGAIN = 5.0  # seconds within which the window is there again
BEATS = f"import os, signal, time; os.write(1, {BEAT!r})"


@pytest.fixture
def window(tmp_path: Path) -> Callable[[str], list[str]]:
    """A stand-in for the window, with a life for each start: the last one is left by somebody who may."""

    def made(first_life: str) -> list[str]:
        lives = tmp_path / "lives"
        script = f"""
import os
first = not os.path.exists({str(lives)!r})
with open({str(lives)!r}, "a") as file:
    file.write("x")
{BEATS}
if first:
    {first_life}
os.write(1, {LEFT!r})
"""
        return [sys.executable, "-c", script]

    return made


def lives(tmp_path: Path) -> int:
    return len((tmp_path / "lives").read_text())


@pytest.mark.parametrize(
    ("what", "first_life"),
    [
        ("killed", "os.kill(os.getpid(), signal.SIGKILL)"),
        ("broken", "raise SystemExit(7)"),
        ("closed", "raise SystemExit(0)"),
        ("hung", "time.sleep(600)"),
    ],
)
@pytest.mark.skipif(os.name != "posix", reason="such signals are POSIX")
def test_a_window_that_is_gone_is_started_again(
    window: Callable[[str], list[str]], tmp_path: Path, what: str, first_life: str
) -> None:
    watch = Watch(window(first_life), silence=0.5, start=20.0, rest=0.0)
    assert watch.run() == DONE
    assert lives(tmp_path) == 2, what


def test_a_window_that_is_left_is_not_started_again(window: Callable[[str], list[str]], tmp_path: Path) -> None:
    assert Watch(window("pass"), rest=0.0).run() == DONE
    assert lives(tmp_path) == 1


def test_a_window_that_never_comes_up_is_given_up_with_its_own_code(capsys: pytest.CaptureFixture[str]) -> None:
    assert Watch([sys.executable, "-c", "raise SystemExit(3)"], rest=0.0).run() == 3
    assert capsys.readouterr().err.splitlines()[-1] == "The window cannot be started."


def test_told_to_end_it_ends_the_window_too() -> None:
    watch = Watch([sys.executable, "-c", f"{BEATS}; time.sleep(600)"], silence=30.0)
    ended: list[int] = []
    thread = threading.Thread(target=lambda: ended.append(watch.run()))
    thread.start()
    watch.end()
    thread.join(20)
    assert ended == [DONE]


# ---------------------------------------------------------------------------------------------------- the real program


@pytest.fixture
def kiosk(tmp_path: Path) -> Iterator[subprocess.Popen[bytes]]:
    """`fettle --kiosk` on an empty workshop, drawn where nobody sees it."""
    path = tmp_path / "store" / "terminal.fettle"
    make_terminal(path, keeper=KeyKeeper(KeyFile())).close()
    process = subprocess.Popen(
        [sys.executable, "-m", "ui.cli", "--kiosk", "--store", str(path)],
        cwd=ROOT,
        env={**os.environ, READY: "1"},
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
    )
    yield process
    process.terminate()
    process.wait(30)
    assert process.stdout is not None
    process.stdout.close()


def ready(process: subprocess.Popen[bytes]) -> float:
    """Waits until the window can be scanned into; the seconds that it took."""
    assert process.stdout is not None
    began = time.monotonic()
    assert process.stdout.readline() == b"ready\n"
    return time.monotonic() - began


def window_of(process: subprocess.Popen[bytes]) -> int:
    """The window's process: the child that is no holder of the screen."""
    every = Path(f"/proc/{process.pid}/task/{process.pid}/children").read_text().split()
    return next(int(one) for one in every if b"ui.cli" in Path(f"/proc/{one}/cmdline").read_bytes())


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the child is found in /proc")
@pytest.mark.parametrize("fate", [signal.SIGKILL, signal.SIGSTOP], ids=["killed", "hung"])
def test_the_window_is_there_again_within_five_seconds(kiosk: subprocess.Popen[bytes], fate: signal.Signals) -> None:
    start = ready(kiosk)
    window = window_of(kiosk)
    os.kill(window, fate)
    again = ready(kiosk)
    assert again <= max(AGAIN, SILENCE + 2 * start), "on a machine that is busy with other things, its own start is the measure"
    assert window_of(kiosk) != window


@pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="the child is found in /proc")
def test_told_to_end_by_the_system_nothing_of_it_is_left(kiosk: subprocess.Popen[bytes]) -> None:
    ready(kiosk)
    window = window_of(kiosk)
    kiosk.terminate()
    assert kiosk.wait(30) == DONE
    assert not Path(f"/proc/{window}").exists()
