"""SIGKILL in the n-th call to the disk of one command: strace counts the calls of the running program, and kills it."""

from __future__ import annotations

import ctypes
import json
import os
import shutil
import subprocess
from contextlib import closing
from multiprocessing.connection import wait
from pathlib import Path
from typing import Any

from forks import FORKS, fettle
from killing import KEEPER, Shop
from looking import laws_of
from sqlalchemy.orm import Session

from app.assemble import open_terminal
from app.kernel import mending

CALLS = "pwrite64,write,fsync,fdatasync,ftruncate,unlink,rename"
READY = {"do": "Nothing"}  # no such command: it is refused, and nothing is written
_LET_ANY_TRACE, _ANY = 0x59616D61, -1  # see prctl(2), PR_SET_PTRACER
PATIENCE = 120.0  # seconds


class NoTrace(Exception):
    """This machine lets nobody look into a program that runs."""


def traceable(arguments: list[str], said: str, words: str) -> None:
    """The program, which others may trace though they did not start it."""
    ctypes.CDLL(None).prctl(_LET_ANY_TRACE, ctypes.c_ulong(_ANY), 0, 0, 0)
    fettle(arguments, said, words)


class Counter:
    """`fettle do` on a store, fed line by line; it has opened the store and waits for the first line when it is made."""

    def __init__(self, shop: Shop) -> None:
        beside = shop.folder.with_name(shop.folder.name + "-pipes")
        beside.mkdir(exist_ok=True)
        self.words = beside / "words"
        lines, said = beside / "lines", beside / "said"
        self._orders, self._answers = _pipe(lines), _pipe(said)
        arguments = ["--store", str(shop.path), "do", "--batch", str(lines)]
        self.process = FORKS.Process(target=traceable, args=(arguments, str(said), str(self.words)))
        self.process.start()
        self._rest = b""
        if self.asked(READY) is None:
            raise AssertionError(self.words.read_text())

    def asked(self, line: dict[str, Any]) -> dict[str, Any] | None:
        """The answer to a line; None where the program died without one."""
        os.write(self._orders, json.dumps(line).encode() + b"\n")
        while b"\n" not in self._rest:
            ready = wait([self._answers, self.process.sentinel], PATIENCE)
            if self._answers in ready:
                self._rest += os.read(self._answers, 1 << 16)
            elif ready:
                return None
            else:
                raise AssertionError(f"no answer to {line}: {self.words.read_text()}")
        said, _newline, self._rest = self._rest.partition(b"\n")
        return dict(json.loads(said))

    def struck(self, line: dict[str, Any], nth: int) -> dict[str, Any] | None:
        """The same, killed in the n-th call to the disk that any thread of it makes from now on."""
        kill = ["-e", f"trace={CALLS}", "-e", f"inject={CALLS}:signal=SIGKILL:when={nth}", "-o", os.devnull]
        command = ["strace", "-f", "-p", str(self.process.pid), *kill]
        with subprocess.Popen(command, stderr=subprocess.PIPE, text=True) as strace:
            assert strace.stderr is not None
            told = strace.stderr.readline()
            if "attached" not in told:
                raise NoTrace(told)
            answer = self.asked(line)
            self.kill()
        return answer

    def kill(self) -> None:
        """SIGKILL, where it has not met it before."""
        self.process.kill()
        self.process.join(PATIENCE)
        os.close(self._orders)
        os.close(self._answers)


def _pipe(path: Path) -> int:
    """A pipe with a name, open at this end so that nobody waits for another."""
    path.unlink(missing_ok=True)
    os.mkfifo(path, 0o600)
    return os.open(path, os.O_RDWR | os.O_NONBLOCK)


# ---------------------------------------------------------------------------------------------------------- what is left


def fed(shop: Shop, lines: list[dict[str, Any]]) -> None:
    """Work that nobody disturbs; the program is killed after it, so that the journal stays as long as it is."""
    counter = Counter(shop)
    for line in lines:
        noted(shop, line, counter.asked(line))
    counter.kill()


def noted(shop: Shop, line: dict[str, Any], answer: dict[str, Any] | None) -> bool:
    """Keeps what was sent, and how it was answered; whether it was."""
    shop.sent[line["id"]] = line
    if answer is not None:
        shop.acknowledged[answer["id"]] = answer["status"]
    return answer is not None


def holds(shop: Shop) -> None:
    """Looks through a copy of what was left: the program itself goes on with it as it is."""
    left = shop.folder.with_name("left")
    shutil.rmtree(left, ignore_errors=True)
    copy = shop.copied(left)
    copy.sent, copy.acknowledged = shop.sent, shop.acknowledged
    with closing(open_terminal(copy.path, keeper=KEEPER)) as terminal:
        found = laws_of(terminal.app, copy)
        with Session(terminal.app.read_engine) as session:
            assert mending.untold(session) == [], "something had to be put back"
    assert found.nothing(), found
