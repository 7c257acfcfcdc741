"""What has been fetched of a store, kept beside it under passing names: sealed before it meets the disk, and counted there."""

from __future__ import annotations

import json
import os
from collections import deque
from collections.abc import Iterator
from concurrent.futures import Executor, Future
from hashlib import sha256
from pathlib import Path
from typing import ClassVar

import zstandard
from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

from app.kernel.files import keep_names
from app.kernel.problems import Trouble
from app.kernel.store import salt_of
from app.kernel.words import _
from sync.snapshots import PAGE, PIECE, Manifest
from sync.terminal.sealing import Sealer

TOGETHER = 16  # pieces after which the disk is waited for, and what is there is counted
AHEAD = 2  # pieces that are being sealed while the next one comes
AT_ONCE = 1 << 20  # bytes of pages that are sealed in one call
NONCE = 12


class Stage:
    """A file under a passing name, and a note beside it that says of what it is a part, and how many pieces are safe.

    What was begun is gone on with as long as the hub has it, though there be a newer one: the feed brings the rest.
    """

    HELPERS: ClassVar[int] = max(2, min(4, os.cpu_count() or 1))

    def __init__(self, file: Path, manifest: Manifest) -> None:
        self._note = _note_of(file)
        self._manifest = manifest
        begun, done = _noted(self._note)
        self.done = self._written = done if begun == manifest and file.exists() else 0
        if not self.done:
            clear_journals(file)
        self._counting: Future[None] | None = None
        self.file = os.open(file, os.O_RDWR | os.O_CREAT | getattr(os, "O_BINARY", 0), 0o600)

    @staticmethod
    def place(store: Path) -> Path:
        """Where a store stands until it is whole; the store's own creation uses the same name."""
        return store.with_name(store.name + ".new")

    @staticmethod
    def begin(store: Path, key: bytes) -> None:
        """A file of nothing but the salt, by which the key is found again."""
        Stage.clear(store)
        with os.fdopen(os.open(Stage.place(store), os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(salt_of(key))
            file.flush()
            os.fsync(file.fileno())
        keep_names(store.parent)

    @staticmethod
    def clear(store: Path) -> None:
        """Takes away what was fetched, and what it was made with."""
        for left in store.parent.glob(store.name + ".new*"):
            left.unlink(missing_ok=True)

    @staticmethod
    def begun(store: Path) -> Manifest | None:
        """The snapshot of which an earlier try has fetched a part; None where there was none."""
        places = [place for place in (Spool.path(store), Stage.place(store)) if place.exists()]
        return _noted(_note_of(places[0]))[0] if places else None

    def count(self, done: int) -> None:
        """Waits for the disk, then counts."""
        os.fsync(self.file)
        passing = self._note.with_name(self._note.name + ".next")
        passing.write_text(json.dumps({"manifest": self._manifest.as_json(), "done": done}), encoding="utf-8")
        passing.replace(self._note)
        self.done = done

    def _keep(self, helpers: Executor) -> None:
        """Has a helper wait for the disk and count, whenever enough has been written since."""
        if self._written - self.done >= TOGETHER and (self._counting is None or self._counting.done()):
            self._settle()
            self._counting = helpers.submit(self.count, self._written)

    def _settle(self) -> None:
        """Waits for the helper that counts; what went wrong with the disk is heard here."""
        if self._counting is not None:
            counting, self._counting = self._counting, None
            counting.result()

    def close(self) -> None:
        """What was written is counted, so that it is not fetched again."""
        try:
            self._settle()
            if self._written > self.done:
                self.count(self._written)
        finally:
            os.close(self.file)


class Pages(Stage):
    """The pages of a ready file: sealed by helpers while the next piece comes, written at their place."""

    def __init__(self, store: Path, key: bytes, manifest: Manifest) -> None:
        super().__init__(Stage.place(store), manifest)
        self._sealer = Sealer(key)
        self._pieces = manifest.pieces
        self._sealing: deque[tuple[int, Future[list[bytes]]]] = deque()

    def put(self, number: int, helpers: Executor, packed: bytes) -> None:
        self._sealing.append((number, helpers.submit(self._sealed, number, packed)))
        while len(self._sealing) > AHEAD:
            self._write()
            self._keep(helpers)

    def finish(self) -> None:
        """Every page is here and on the disk."""
        while self._sealing:
            self._write()
        self._settle()
        os.ftruncate(self.file, sum(piece.plain for piece in self._pieces))
        self.count(self._written)

    def close(self) -> None:
        """What is sealed but not written is fetched again next time."""
        for _number, one in self._sealing:
            one.cancel()
        super().close()

    def _sealed(self, number: int, packed: bytes) -> list[bytes]:
        """The pages of a piece, some at a time: that takes a third of the memory."""
        plain = memoryview(_unpacked(packed, self._pieces[number].plain))
        first = number * (PIECE // PAGE) + 1
        return [self._sealer.seal(plain[at : at + AT_ONCE], first + at // PAGE) for at in range(0, len(plain), AT_ONCE)]

    def _write(self) -> None:
        number, sealed = self._sealing.popleft()
        os.lseek(self.file, number * PIECE, os.SEEK_SET)
        for some in sealed.result():
            _write(self.file, some)
        self._written = number + 1


class Spool(Stage):
    """Pieces of columns, one after the other, each sealed as it came."""

    def __init__(self, store: Path, key: bytes, manifest: Manifest) -> None:
        super().__init__(self.path(store), manifest)
        self._box = _box(key)
        self._label = manifest.name.encode()
        self._pieces = manifest.pieces

    @staticmethod
    def path(store: Path) -> Path:
        return store.with_name(store.name + ".new.pieces")

    def put(self, number: int, helpers: Executor, packed: bytes) -> None:
        nonce = os.urandom(NONCE)
        sealed = nonce + self._box.encrypt(nonce, packed, self._label + number.to_bytes(4, "big"))
        os.lseek(self.file, self._place(number), os.SEEK_SET)
        _write(self.file, sealed)
        self._written = number + 1
        self._keep(helpers)

    def finish(self) -> None:
        self._settle()
        self.count(self._written)

    def plain(self) -> Iterator[bytes]:
        """The unpacked pieces, in their order."""
        for number, piece in enumerate(self._pieces):
            os.lseek(self.file, self._place(number), os.SEEK_SET)
            sealed = os.read(self.file, _length(piece.size))
            try:
                packed = self._box.decrypt(sealed[:NONCE], sealed[NONCE:], self._label + number.to_bytes(4, "big"))
            except InvalidTag as error:
                raise spoilt() from error
            yield _unpacked(packed, piece.plain)

    def _place(self, number: int) -> int:
        return sum(_length(piece.size) for piece in self._pieces[:number])


def _note_of(file: Path) -> Path:
    return file.with_name(file.name + ".note")


def _noted(note: Path) -> tuple[Manifest | None, int]:
    """Of which snapshot a file holds a part, and how many pieces of it are safe on the disk."""
    try:
        told = json.loads(note.read_text("utf-8"))
        return Manifest.of_json(told["manifest"]), int(told["done"])
    except (OSError, ValueError, KeyError, TypeError, Trouble):
        return None, 0


def clear_journals(file: Path) -> None:
    """What an earlier try left beside a file must not be taken for this one's."""
    for end in ("-wal", "-shm", "-journal"):
        file.with_name(file.name + end).unlink(missing_ok=True)


def _length(packed: int) -> int:
    return NONCE + packed + 16  # and the mark of AES-GCM


def _box(key: bytes) -> AESGCM:
    """A key of its own: the store's seals pages, this one pieces."""
    return AESGCM(sha256(b"fettle pieces " + key).digest())


def _unpacked(packed: bytes, plain: int) -> bytes:
    """A piece unpacked; it may never grow beyond what the manifest says."""
    try:
        content = zstandard.ZstdDecompressor(max_window_size=1 << 27).decompress(packed, max_output_size=plain)
    except zstandard.ZstdError as error:
        raise spoilt() from error
    if len(content) != plain:
        raise spoilt()
    return content


def _write(file: int, content: bytes) -> None:
    view = memoryview(content)
    while view:
        view = view[os.write(file, view) :]


def spoilt() -> Trouble:
    message = _("What was fetched of the store cannot be read.")
    return Trouble("snapshot.spoilt", message, _("Fetch the store again; if it stays so, update this program and the hub."))
