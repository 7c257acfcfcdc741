"""The black box: what people did, written once more beside the store a moment after its commit, for the day the store is damaged.

A command is on the disk here at most `LATEST` after it was answered. Nobody waits for it: a thread of its own seals and writes
what has gathered. The files are numbered; each backup begins a new one, and those that no kept backup needs are removed.
"""

from __future__ import annotations

import json
import logging
import os
import threading
from collections import deque
from collections.abc import Iterator
from pathlib import Path

from app.kernel.files import keep_names
from app.kernel.frames import Seal
from app.kernel.store import KIND, salt_of
from app.kernel.store_troubles import trouble_of

AGAIN = 5.0  # seconds after which what could not be written is tried again
GATHER = 0.1  # seconds in which commands gather before they are written together
LATEST = 0.25  # seconds after its answer within which a command is here, where the disk takes no longer than it should
LARGEST = 8 << 20  # bytes of a file after which the next one is begun
MOST = 256 << 20  # bytes of all files beyond which the oldest go, where two backups hold what is in them
SLIPS = 8  # bits of a mark that damage may have turned; another key's differs in about 32 of 64
_HEAD = 16  # the salt that the store begins with: by it a file of another key is passed over
_BINARY = getattr(os, "O_BINARY", 0)  # Windows would write two bytes for one that happens to be a line's end
log = logging.getLogger(__name__)


class Journal:
    """Takes envelopes from the writer's thread, and writes them on its own."""

    def __init__(self, store: Path, key: bytes) -> None:
        self._store, self._key = store, key
        self._waiting: deque[str] = deque()
        self._wanted, self._closing, self._turn = threading.Event(), threading.Event(), threading.Lock()
        self._thread: threading.Thread | None = None
        self._seal: Seal | None = None
        self._file, self._number, self._size = -1, 0, 0
        self.failing = ""  # why it could not be written last, for the health page; empty while all is well

    def note(self, content: str) -> None:
        """A command that was just committed. Costs a few microseconds, and never fails."""
        self._waiting.append(content)
        if not self._wanted.is_set():
            self._wanted.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, name="black box", daemon=True)
                self._thread.start()

    def next_file(self) -> int:
        """Begins a new file, and returns its number: what was noted up to now lies in those before it. Trouble where the disk
        does not take it."""
        with self._turn:
            self._flush()
            try:
                self._begin_file(max(self._number, _last(self._store)) + 1)
            except OSError as error:
                raise trouble_of(error, self._store) or error from error
            return self._number

    def close(self) -> None:
        """Writes what waits, and ends the thread."""
        self._closing.set()
        self._wanted.set()
        if self._thread is not None:
            self._thread.join()
        with self._turn:
            self._flush()
            self._end_file()

    # -------------------------------------------------------------------------------------------------- on its own thread

    def _run(self) -> None:
        while not self._closing.is_set():
            self._wanted.wait(AGAIN if self.failing else None)
            self._closing.wait(GATHER)
            self._wanted.clear()
            try:
                with self._turn:
                    self._flush()
            except Exception:  # the thread must not end before the program does: nobody would write any more
                log.exception("The black box made a mistake.")

    def _flush(self) -> None:
        """What fails stays here and is tried again a little later: a black box must never stop the work."""
        while texts := self._next():
            try:
                self._write(texts)
                self.failing = ""
            except OSError as error:
                if not self.failing:
                    log.warning("The black box cannot be written: %s", error)
                self.failing = error.strerror or str(error)
                return
            for _text in texts:
                self._waiting.popleft()

    def _next(self) -> list[str]:
        """What goes into one frame."""
        texts, size = list[str](), 0
        for text in list(self._waiting):  # others add to its end meanwhile
            texts.append(text)
            size += len(text)
            if size > LARGEST:
                break
        return texts

    def _write(self, texts: list[str]) -> None:
        if self._file < 0:
            self._begin_file(max(_last(self._store), 1))
        if self._size > LARGEST:
            self._begin_file(self._number + 1)
        self._seal = self._seal or Seal(self._key)
        frame = self._seal.frame(json.dumps(texts, ensure_ascii=False).encode())
        try:
            _write_all(self._file, frame)
            os.fsync(self._file)
        except OSError:
            os.ftruncate(self._file, self._size)  # half a frame would only be in the way
            raise
        self._size += len(frame)

    def _begin_file(self, number: int) -> None:
        """Goes on in the file of that number, which is there at once: another start must find it."""
        self._end_file()
        path = file_of(self._store, number)
        file = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND | _BINARY, 0o600)
        try:
            size = os.fstat(file).st_size
            if size < _HEAD:  # a new one, or one whose head was cut short
                os.ftruncate(file, 0)
                _write_all(file, salt_of(self._key))
                keep_names(path.parent)
        except OSError:
            os.close(file)
            raise
        self._file, self._number, self._size = file, number, max(size, _HEAD)

    def _end_file(self) -> None:
        if self._file >= 0:
            os.close(self._file)
            self._file = -1


def _write_all(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


# ------------------------------------------------------------------------------------------------------------- reading


class Found:
    """What the black box of a store holds, from one of its files to another. `spoilt` counts the places that cannot be read."""

    def __init__(self, store: Path, key: bytes, first: int = 0, last: int | None = None) -> None:
        self._store, self._key = store, key
        self._numbers = [number for number in numbers(store) if first <= number <= (number if last is None else last)]
        self.spoilt = 0

    def __iter__(self) -> Iterator[str]:
        """The envelopes as they were sent, in their order."""
        seal = Seal(self._key)
        for number in self._numbers:
            yield from self._in_file(file_of(self._store, number), seal)

    def _in_file(self, path: Path, seal: Seal) -> Iterator[str]:
        with path.open("rb") as file:
            head = file.read(_HEAD)
            if head.startswith(KIND) and _differs(head, salt_of(self._key)) > SLIPS:
                return  # another store's that was here before, with a key of its own
            file.seek(_HEAD if head == salt_of(self._key) else 0)  # where the head is spoilt, the first mark is looked for
            for frame in seal.frames(file):
                if frame.content is None:
                    self.spoilt += 1
                else:
                    yield from json.loads(frame.content)


def _differs(head: bytes, salt: bytes) -> int:
    """In how many bits they do."""
    return (int.from_bytes(head, "big") ^ int.from_bytes(salt, "big")).bit_count()


def file_of(store: Path, number: int) -> Path:
    """The n-th file of a store's black box."""
    return store.with_name(f"{store.name}.box-{number:06}")


def numbers(store: Path) -> list[int]:
    """The numbers of the files that there are, oldest first."""
    head = f"{store.name}.box-"
    ends = (one.name.removeprefix(head) for one in store.parent.iterdir() if one.name.startswith(head))
    return sorted(int(end) for end in ends if end.isdigit())


def _last(store: Path) -> int:
    return max(numbers(store), default=0)


def last_stamp(store: Path, key: bytes) -> int:
    """The stamp of the last command in the black box; 0 where it holds none."""
    for number in reversed(numbers(store)):
        last = 0
        for text in Found(store, key, number, number):
            last = max(last, int(json.loads(text)["stamp"]))
        if last:
            return last
    return 0


def remove_before(store: Path, needed: int, most: int = MOST, held: int = 0) -> int:
    """Removes the files below the number `needed`, and those below `held` as long as all take more than `most` bytes."""
    there = numbers(store)
    size = sum(file_of(store, number).stat().st_size for number in there)
    gone = 0
    for number in there:
        if number >= needed and (number >= held or size <= most):
            break
        path = file_of(store, number)
        size -= path.stat().st_size
        path.unlink()
        gone += 1
    return gone
