"""Several: rows that somebody picks out of a list, by touches, keys or scans, to do one thing with all of them."""

from __future__ import annotations

from collections.abc import Iterable
from uuid import UUID

from PySide6.QtCore import QObject, Signal

MOST = 5_000  # rows that are picked in one go


class Several(QObject):
    """The rows that are picked, in the order in which they were; they stay so wherever the list is scrolled to.

    `altered`: others are picked, or picking has begun or is over.
    """

    altered = Signal()

    def __init__(self, parent: QObject) -> None:
        super().__init__(parent)
        self.on = False  # whether a touch picks a row, and does not open it
        self._picked: dict[UUID, None] = {}
        self.last: UUID | None = None  # from which a whole stretch is picked

    def __len__(self) -> int:
        return len(self._picked)

    def __contains__(self, ident: object) -> bool:
        return ident in self._picked

    @property
    def idents(self) -> tuple[UUID, ...]:
        return tuple(self._picked)

    def begin(self) -> None:
        """From now on a touch picks."""
        self.on = True
        self.altered.emit()

    def end(self) -> None:
        """Nothing is picked any more."""
        self.on, self.last = False, None
        self._picked.clear()
        self.altered.emit()

    def turn(self, ident: UUID) -> None:
        """A row is picked, or not any more."""
        if ident in self._picked:
            del self._picked[ident]
        else:
            self._picked[ident] = None
        self.on, self.last = True, ident
        self.altered.emit()

    def add(self, idents: Iterable[UUID]) -> None:
        """All of these are picked too."""
        self._picked |= dict.fromkeys(idents)
        self.on = True
        self.altered.emit()

    def clear(self) -> None:
        """None is picked; it goes on."""
        if self._picked:
            self._picked.clear()
            self.last = None
            self.altered.emit()
