"""Asked: how many cards wait for whoever is signed in, counted anew whenever one comes or goes."""

from __future__ import annotations

from PySide6.QtCore import QObject, Signal

from app.kernel.access import Actor
from app.kernel.events import Notice
from ui.kit.bench import Bench

READS = frozenset({"discrepancy"})


class Asked(QObject):
    """`counted` carries the number; None where nobody is signed in."""

    counted = Signal(object)

    def __init__(self, bench: Bench, parent: QObject) -> None:
        super().__init__(parent)
        self._bench = bench
        self._who: Actor | None = None
        bench.noticed.connect(self._noticed)

    def show_person(self, who: Actor | None) -> None:
        """Somebody came, or went."""
        self._who = who
        self.counted.emit(0 if who else None)
        self._count()

    def _noticed(self, notice: Notice) -> None:
        if notice.touches(READS):
            self._count()

    def _count(self) -> None:
        who, app = self._who, self._bench.app
        if who is not None and app.can(who, "kernel.read"):
            self._bench.read(self, lambda: app.count("attention", who), lambda number: self._tell(who, number))

    def _tell(self, who: Actor, number: int) -> None:
        if self._who is not None and self._who.id == who.id:
            self.counted.emit(number)
