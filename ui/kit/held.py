"""Held: photos of a record that is still to be made. They are kept at once, and put on it as soon as it is there."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from functools import partial

from PySide6.QtCore import QObject, Signal

from app.kernel import handing
from app.kernel.commands import Answer
from app.kernel.meanings import Match
from app.kernel.scan_log import Outcome
from app.kernel.standard import AttachFile
from ui.kit.bench import Bench, Shot, said_of

Kept = tuple[str, str, int]  # a photo's name, its hash and its size


class HeldPhotos(QObject):
    """`altered` says that there are more of them, or fewer."""

    altered = Signal()

    def __init__(self, bench: Bench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.kept: list[Kept] = []

    def take(self) -> None:
        """Lets somebody take or choose photos. What is too large or cannot be read is told."""
        if self._bench.photos is not None:
            self._bench.photos.take(self._read)

    def _read(self, shots: Sequence[Shot]) -> None:
        for shot in shots:
            self._bench.read(self, partial(_made_ready, shot.read), partial(self._keep, shot.name))

    def _keep(self, name: str, file: handing.Ready) -> None:
        """On the writer thread, so that a power cut does not take it."""
        org, writer = self._bench.actor.org_id, self._bench.app.writer

        def keep() -> Kept:
            with writer.sessions() as session:
                handing.keep(session, org, file)
                session.commit()
            return name, file.sha256, len(file.content)

        self._bench.runner.submit(keep, self._hold, self._bench.ways.failed, self)

    def _hold(self, kept: Kept) -> None:
        self.kept = [*(one for one in self.kept if one[1] != kept[1]), kept]
        self.altered.emit()

    def hold(self, kept: Sequence[Sequence[str | int]]) -> None:
        """These, as a draft brings them back."""
        self.kept = [(str(name), str(sha256), int(size)) for name, sha256, size in kept]
        self.altered.emit()

    def put_on(self, match: Match) -> None:
        """The record is there: each photo hangs on it. What goes wrong is told."""
        told = self._bench.ways.told

        def over(answer: Answer) -> None:
            if not answer.done:
                told(Outcome.ERROR, said_of(answer))

        for name, sha256, size in self.kept:
            command = AttachFile(entity=match.entity, id=match.id, name=name, sha256=sha256, size=size)
            self._bench.run(self._bench, command, over)
        self.hold(())


def _made_ready(read: Callable[[], bytes]) -> handing.Ready:
    return handing.ready(read())
