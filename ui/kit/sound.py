"""Sounds: five outcomes that are told apart with closed eyes, made in code, and played beside the screen thread."""

from __future__ import annotations

import io
import math
import shutil
import struct
import subprocess
import sys
import tempfile
import threading
import wave
from collections.abc import Callable
from enum import Enum
from functools import lru_cache
from pathlib import Path
from typing import Protocol

RATE = 22_050
"""Samples a second."""


class Outcome(Enum):
    """What became of a scan."""

    OK = "ok"
    HEARD = "heard"  # understood, and nothing was booked by it
    ASK = "ask"
    DUPLICATE = "duplicate"
    ERROR = "error"


# tones as (hertz, milliseconds); 0 hertz is a pause. Low ones stay above 300 Hz: a tablet's speaker has nothing below.
_TUNES: dict[Outcome, tuple[tuple[int, int], ...]] = {
    Outcome.OK: ((1_760, 110),),
    Outcome.HEARD: ((660, 70),),
    Outcome.ASK: ((880, 110), (0, 40), (1_319, 140)),
    Outcome.DUPLICATE: ((1_175, 90), (0, 70), (1_175, 90)),
    Outcome.ERROR: ((392, 180), (0, 50), (311, 260)),
}
_OVERTONES = ((1, 1.0), (3, 0.28), (5, 0.12))
_LOUD = 0.7
_LOUDEST = {Outcome.HEARD: 0.45}  # the others are as loud as can be
_EDGE = 0.006  # seconds in which a tone swells and dies, so that it does not click


class Player(Protocol):
    """What makes a WAV audible; `available` says whether, as far as it knows, anybody can hear it."""

    available: bool

    def play(self, outcome: Outcome, wav: bytes) -> None:
        """Plays to the end; a machine that cannot says so by `available`."""


class SilentPlayer:
    """For machines without sound, and for tests: keeps what it would have played."""

    available = False

    def __init__(self) -> None:
        self.played: list[Outcome] = []

    def play(self, outcome: Outcome, wav: bytes) -> None:
        self.played.append(outcome)


class ProgramPlayer:
    """Plays through a program of the system that takes a WAV file: aplay, paplay, pw-play, afplay."""

    def __init__(self, *command: str) -> None:
        self._command = command
        self.available = True

    def play(self, outcome: Outcome, wav: bytes) -> None:
        try:
            self.available = self._run(outcome, wav) == 0
        except (OSError, subprocess.TimeoutExpired):
            self.available = False

    def _run(self, outcome: Outcome, wav: bytes) -> int:
        with tempfile.TemporaryDirectory(prefix="fettle-sound-") as folder:
            file = Path(folder) / f"{outcome.value}.wav"
            file.write_bytes(wav)
            command = [*self._command, str(file)]
            return subprocess.run(command, capture_output=True, timeout=5, check=False).returncode  # noqa: S603 - found here


class WindowsPlayer:
    """Plays through Windows itself."""

    available = True

    def play(self, outcome: Outcome, wav: bytes) -> None:
        if sys.platform == "win32":
            import winsound

            try:
                winsound.PlaySound(wav, winsound.SND_MEMORY)
                self.available = True
            except RuntimeError:
                self.available = False


def player_here(platform: str = sys.platform, found: Callable[[str], str | None] = shutil.which) -> Player:
    """The player of this machine, or the silent one."""
    if platform == "win32":
        return WindowsPlayer()
    for name, *arguments in (("afplay",), ("pw-play",), ("paplay",), ("aplay", "-q")):
        if program := found(name):
            return ProgramPlayer(program, *arguments)
    return SilentPlayer()


class Sounds:
    """Plays outcomes one after the other on a thread of its own, and never makes the caller wait.

    One sound may wait while another plays. The newest takes that place, but no sound takes it from an error: what went
    wrong is heard, however fast the scans come.
    """

    def __init__(self, player: Player | None = None) -> None:
        self._player = player or player_here()
        self._next: Outcome | None = None
        self._playing: Outcome | None = None
        self._closed = False
        self._changed = threading.Condition()
        self._thread = threading.Thread(target=self._work, name="sounds", daemon=True)
        self._thread.start()

    @property
    def available(self) -> bool:
        """Whether anybody can hear it, as far as the machine tells."""
        return self._player.available

    def play(self, outcome: Outcome) -> None:
        """Plays the outcome's sound as soon as the one before it is done."""
        with self._changed:
            if self._next is not Outcome.ERROR:
                self._next = outcome
            self._changed.notify_all()

    def wait(self, seconds: float = 2.0) -> bool:
        """Waits until nothing is left to play, for whoever must leave the stage quiet; False when time ran out."""
        with self._changed:
            return self._changed.wait_for(lambda: self._next is None and self._playing is None, seconds)

    def close(self) -> None:
        """Ends the thread; a sound that waits is dropped."""
        with self._changed:
            self._closed = True
            self._changed.notify_all()
        self._thread.join()

    def _work(self) -> None:
        for every in Outcome:
            sample(every)  # made before the first is needed
        while outcome := self._await():
            self._player.play(outcome, sample(outcome))
            with self._changed:
                self._playing = None
                self._changed.notify_all()

    def _await(self) -> Outcome | None:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._next is not None)
            if self._closed:
                return None
            self._playing, self._next = self._next, None
            return self._playing


@lru_cache(maxsize=len(Outcome))
def sample(outcome: Outcome) -> bytes:
    """The outcome's sound as a WAV: 16 bits, one channel."""
    wave_form = [value for hertz, length in _TUNES[outcome] for value in _tone(hertz, length, _LOUDEST.get(outcome, _LOUD))]
    file = io.BytesIO()
    with wave.open(file, "wb") as out:
        out.setnchannels(1)
        out.setsampwidth(2)
        out.setframerate(RATE)
        out.writeframes(struct.pack(f"<{len(wave_form)}h", *wave_form))
    return file.getvalue()


def _tone(hertz: int, milliseconds: int, loudest: float) -> list[int]:
    count = RATE * milliseconds // 1_000
    loudness = 32_767 * loudest / sum(share for _overtone, share in _OVERTONES)
    return [round(loudness * _swell(number, count) * _form(hertz * number / RATE)) if hertz else 0 for number in range(count)]


def _form(turns: float) -> float:
    return sum(share * math.sin(2 * math.pi * overtone * turns) for overtone, share in _OVERTONES)


def _swell(number: int, count: int) -> float:
    return min(1.0, number / (RATE * _EDGE), (count - number) / (RATE * _EDGE))
