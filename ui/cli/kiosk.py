"""Kiosk: the program that does nothing but start the window, and start it again when it was killed, broke or hangs."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Sequence
from dataclasses import dataclass
from queue import Empty, SimpleQueue
from typing import IO, Any

from app.kernel.words import _
from ui.cli.out import DONE, FAILED, word
from ui.kiosk.signs import BEAT, BUSY, LEFT, WATCHED

SILENCE = 2.0  # seconds without a beat after which a window hangs; it is there again within five
START = 120.0  # seconds that a start may take; a damaged store is put in order meanwhile
END = 10.0  # seconds that a window gets to close
SHORT, REST = 10.0, 1.0  # seconds: after two lives as short as that, it rests so long
TRIES = 3  # starts without a single beat, after which there is no sense in another


@dataclass
class Life:
    """One window from its start to its end: its exit code, whether it ever turned, and whether somebody left it."""

    code: int = 0
    turned: bool = False
    left: bool = False
    hung: bool = False


class Watch:
    """Starts `command`, and again and again. Its lines that are no signs go on to our own output."""

    def __init__(
        self, command: Sequence[str], *, silence: float = SILENCE, start: float = START, end: float = END, rest: float = REST
    ) -> None:
        self._command = list(command)
        self._silence, self._start, self._end, self._rest = silence, start, end, rest
        self._told = threading.Event()
        self._process: subprocess.Popen[bytes] | None = None

    def run(self) -> int:
        """Until somebody leaves the window, or it is told to end, or it cannot be started; the exit code."""
        fruitless, short = 0, False
        while True:
            began = time.monotonic()
            life = self._live()
            if life.left or self._told.is_set():
                return DONE
            fruitless = 0 if life.turned else fruitless + 1
            if fruitless == TRIES:
                word(_("The window cannot be started."))
                return max(life.code, FAILED)
            word(_("The window hung, and is started again.") if life.hung else _("The window ended, and is started again."))
            before, short = short, time.monotonic() - began < SHORT
            if before and short:
                self._told.wait(self._rest)

    def end(self) -> None:
        """Ends the window, and with it the watch; may be called from a signal."""
        self._told.set()
        if self._process is not None:
            self._process.terminate()

    def _live(self) -> Life:
        life, lines = Life(), SimpleQueue[bytes]()
        with subprocess.Popen(  # noqa: S603 - this very program
            self._command, stdout=subprocess.PIPE, env={**os.environ, WATCHED: "1"}
        ) as self._process:
            threading.Thread(target=_read, args=(self._process.stdout, lines), name="window", daemon=True).start()
            if self._told.is_set():
                self._process.terminate()
            self._hear(life, lines, self._process)
            life.code = self._process.wait()
        return life

    def _hear(self, life: Life, lines: SimpleQueue[bytes], process: subprocess.Popen[bytes]) -> None:
        """Until it ends, or has been silent for too long."""
        patience = self._start
        while True:
            try:
                line = lines.get(timeout=min(patience, self._end) if self._told.is_set() else patience)
            except Empty:
                life.hung = True
                process.kill()
                return
            if not line:
                return
            patience = self._heard(life, line, patience)

    def _heard(self, life: Life, line: bytes, patience: float) -> float:
        """How long it may be silent now."""
        if line == BEAT:
            life.turned = True
            return self._silence
        if line in (LEFT, BUSY):
            life.left |= line == LEFT
            return self._start
        sys.stdout.buffer.write(line)
        sys.stdout.buffer.flush()
        return patience


def _read(pipe: IO[bytes] | None, lines: SimpleQueue[bytes]) -> None:
    """Lines as they come; an empty one is the end."""
    for line in pipe or ():
        lines.put(line)
    lines.put(b"")


def watch(store: str, board: str = "") -> int:
    """Watches over the window on a store, and keeps the screen on meanwhile."""
    from ui.kiosk.awake import keep_awake, means

    watching = Watch(command(store, board))

    def end(_number: int, _frame: Any) -> None:
        watching.end()

    for told in (signal.SIGTERM, signal.SIGINT):
        signal.signal(told, end)
    chosen = means(os.getpid())
    if not chosen.any:
        word(_("Nothing here keeps the screen on: switch its screen saver off by hand."))
    holders = keep_awake(chosen)
    try:
        return watching.run()
    finally:
        for holder in holders:
            holder.terminate()
            holder.wait()


def program() -> list[str]:
    """This program once more, also where it was installed as one that brings its own Python."""
    return [sys.executable] if getattr(sys, "frozen", False) else [sys.executable, "-m", "ui.cli"]


def command(store: str, board: str = "") -> list[str]:
    """Its window on the same store, and the wall board beside it."""
    return [*program(), *(["--store", store] if store else []), *(["--board", board] if board else []), "--kiosk"]
