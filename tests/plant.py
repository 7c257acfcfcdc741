"""Plants bugs, one after the other, in a copy of the program, and sees that the tests named for each turn red: `poe plant`.

A test that no bug can turn red proves nothing. The list is in `planted.py`; a part of a bug's name runs only those that have it.
"""

from __future__ import annotations

import argparse
import os
import queue
import re
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

from planted import PLANTED, Bug

ROOT = Path(__file__).resolve().parents[1]
HOMES = ("app", "sync", "ui", "printing", "resources", "tests", "packaging")
LEFT_OUT = shutil.ignore_patterns("__pycache__", ".*_cache", "*.egg-info")
LONGEST = 900  # seconds for the tests of one bug
GREEN, RED = 0, 1  # what pytest answers; anything else means that it could not even begin


class Field:
    """A copy of the program, in which bugs are planted and pulled out again."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        for home in HOMES:
            shutil.copytree(ROOT / home, folder / home, ignore=LEFT_OUT)
        for file in ("pyproject.toml", "README.md"):
            shutil.copy2(ROOT / file, folder)
        self._seconds = 1_000_000_000
        self._sound: dict[str, str] = {}  # the files in which something is planted, as they were

    def plant(self, bug: Bug) -> None:
        """LookupError where the text to be replaced is not found exactly once: the program has moved on, and the bug must too."""
        for name, old, new in bug.edits:
            before = (self.folder / name).read_text("utf-8")
            self._sound.setdefault(name, before)
            if before.count(old) != 1:
                raise LookupError(f"{name} holds {before.count(old)} times: {old!r}")
            self._write(name, before.replace(old, new))

    def pull(self) -> None:
        for name, text in self._sound.items():
            self._write(name, text)
        self._sound.clear()

    def _write(self, name: str, text: str) -> None:
        """With a time of its own each: what was compiled from the text before must not be taken for this one."""
        path = self.folder / name
        path.write_text(text, "utf-8")
        self._seconds += 10
        os.utime(path, (self._seconds, self._seconds))

    def tested(self, tests: Sequence[str], longest: float = LONGEST) -> tuple[int, str]:
        """What pytest answers within so many seconds, and the end of what it says."""
        command = [sys.executable, "-m", "pytest", "-n", "0", "-x", "-q", "-p", "no:randomly", "-p", "no:cacheprovider"]
        environ = {**os.environ, "QT_QPA_PLATFORM": "offscreen", "PYTHONPATH": str(self.folder)}
        marks = ["-m", "prove or not prove"]
        try:
            whole = [*command, *marks, *tests]
            done = subprocess.run(
                whole, cwd=self.folder, env=environ, capture_output=True, text=True, timeout=longest, check=False
            )
        except subprocess.TimeoutExpired:
            return RED, "it never came to an end"
        return done.returncode, (done.stdout + done.stderr)[-2000:]


def outcome(field: Field, bug: Bug) -> tuple[bool, str]:
    """Plants a bug, runs its tests and pulls it out again; whether they turned red, and which one, or else what is wrong."""
    try:
        field.plant(bug)
        code, told = field.tested(bug.tests)
    except LookupError as error:
        return False, f"cannot be planted: {error}"
    finally:
        field.pull()
    if code == RED:
        return True, red_of(told)
    return False, "STAYS UNSEEN" if code == GREEN else f"its tests cannot even begin\n{told}"


def red_of(told: str) -> str:
    """The test that turned red, as pytest's last lines name it."""
    named = re.findall(r"^(?:FAILED|ERROR) (\S+)", told, re.MULTILINE)
    return named[-1].removeprefix("tests/") if named else told


def tests_of(bugs: Iterable[Bug]) -> list[str]:
    return sorted({test for bug in bugs for test in bug.tests})


class Run:
    """All bugs, on so many fields at once; one line for each."""

    def __init__(self, bugs: Sequence[Bug], fields: Sequence[Field]) -> None:
        self.bugs = bugs
        self.free: queue.Queue[Field] = queue.Queue()
        for field in fields:
            self.free.put(field)
        self.workers = len(fields)
        self._lock = threading.Lock()

    def healthy(self) -> bool:
        """Whether the tests are green before anything is planted: else their red means nothing."""
        field = self.free.get()
        code, told = field.tested(tests_of(self.bugs), 4 * LONGEST)
        self.free.put(field)
        if code != GREEN:
            say(f"The tests are not green by themselves:\n{told}")
        return code == GREEN

    def all(self) -> int:
        """How many were found."""
        with ThreadPoolExecutor(self.workers) as pool:
            return sum(pool.map(self._one, self.bugs))

    def _one(self, bug: Bug) -> bool:
        field = self.free.get()
        began = time.monotonic()
        try:
            red, told = outcome(field, bug)
        finally:
            self.free.put(field)
        with self._lock:
            say(f"{'red' if red else 'GREEN':5}  {time.monotonic() - began:5.0f} s  {bug.name}: {bug.what} ({told})")
        return red


@contextmanager
def fields(number: int) -> Iterable[list[Field]]:
    with tempfile.TemporaryDirectory(prefix="fettle-planted-") as folder:
        yield [Field(Path(folder) / str(place)) for place in range(number)]


def say(words: str) -> None:
    print(words, flush=True)  # noqa: T201


def main(argv: Sequence[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description="plant bugs in a copy of the program, and see that tests find them")
    parser.add_argument("names", nargs="*", help="only bugs whose names hold one of these words")
    parser.add_argument("--at-once", type=int, default=2, metavar="N", help="so many at the same time (default: 2)")
    parser.add_argument("--skip-healthy", action="store_true", help="believe that the tests are green by themselves")
    args = parser.parse_args(argv)
    bugs = [bug for bug in PLANTED if not args.names or any(word in bug.name for word in args.names)]
    with fields(args.at_once) as made:
        run = Run(bugs, made)
        if not (args.skip_healthy or run.healthy()):
            return 1
        found = run.all()
    say(f"{len(bugs)} bugs planted, {found} found, {len(bugs) - found} not.")
    return 0 if found == len(bugs) else 1


if __name__ == "__main__":
    sys.exit(main())
