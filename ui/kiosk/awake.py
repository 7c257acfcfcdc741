"""Awake: what keeps a machine's screen on while a kiosk runs, on each system by that system's own means."""

from __future__ import annotations

import ctypes
import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass

_DISPLAY_AND_SYSTEM = 0x80000000 | 0x2 | 0x1  # SetThreadExecutionState: continuous, display required, system required
Command = tuple[str, ...]
SECONDS = 5.0  # that a program gets which only says it


@dataclass(frozen=True)
class Means:
    """Programs that say it once, programs that hold as long as they run, and whether Windows itself is asked."""

    once: tuple[Command, ...] = ()
    held: tuple[Command, ...] = ()
    asked: bool = False

    @property
    def any(self) -> bool:
        return bool(self.once or self.held or self.asked)


def means(
    pid: int,
    platform: str = sys.platform,
    found: Callable[[str], str | None] = shutil.which,
    around: Mapping[str, str] = os.environ,
) -> Means:
    """What there is on this machine; what is held ends by itself when the process `pid` does."""
    if platform == "win32":
        return Means(asked=True)
    if platform == "darwin":
        return Means(held=(("caffeinate", "-d", "-i", "-w", str(pid)),) if found("caffeinate") else ())
    inhibit = ("systemd-inhibit", "--what=idle:sleep", "--mode=block", "--who=Fettle", "--why=A terminal is always on.")
    until_end = ("tail", f"--pid={pid}", "-f", "/dev/null")
    held = ((*inhibit, *until_end),) if found("systemd-inhibit") and found("tail") else ()
    once = (("xset", "s", "off", "-dpms"),) if around.get("DISPLAY") and found("xset") else ()
    return Means(once, held)


def keep_awake(chosen: Means) -> list[subprocess.Popen[bytes]]:
    """Keeps the screen on; the programs that hold it, to be ended with the kiosk."""
    if chosen.asked:
        _ask_windows()
    for command in chosen.once:
        with suppress(subprocess.TimeoutExpired):
            _begun(command).wait(SECONDS)
    return [_begun(command) for command in chosen.held]


def _begun(command: Command) -> subprocess.Popen[bytes]:
    """In silence: whatever it says, the kiosk goes on."""
    nowhere = subprocess.DEVNULL
    return subprocess.Popen(command, stdin=nowhere, stdout=nowhere, stderr=nowhere)  # noqa: S603 - named above


def _ask_windows() -> None:
    """For as long as this thread lives."""
    windows = getattr(ctypes, "windll", None)
    if windows is not None:
        windows.kernel32.SetThreadExecutionState(_DISPLAY_AND_SYSTEM)
