"""Held: photos of a record that is still to be made. They are kept at once, and put on it as soon as it is there."""

from __future__ import annotations

from collections.abc import Sequence

from PySide6.QtCore import QObject, Signal

from app.kernel.meanings import Match
from ui.kit.bench import Bench
from ui.kit.photos import Kept, hang, take


class HeldPhotos(QObject):
    """`altered` says that there are more of them, or fewer."""

    altered = Signal()

    def __init__(self, bench: Bench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self.kept: list[Kept] = []

    def take(self) -> None:
        """Lets somebody take or choose photos, as for a record that is there."""
        take(self._bench, self, self._hold)

    def _hold(self, kept: Kept) -> None:
        self.kept = [*(one for one in self.kept if one[1] != kept[1]), kept]
        self.altered.emit()

    def hold(self, kept: Sequence[Sequence[str | int]]) -> None:
        """These, as a draft brings them back."""
        self.kept = [(str(name), str(sha256), int(size)) for name, sha256, size in kept]
        self.altered.emit()

    def put_on(self, match: Match) -> None:
        """The record is there: each photo hangs on it. What goes wrong is told."""
        for kept in self.kept:
            hang(self._bench, match, kept)
        self.hold(())
