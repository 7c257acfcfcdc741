"""Seeker: a search among several kinds of records for whoever may not be there yet: Enter says what was typed."""

from __future__ import annotations

from collections.abc import Callable

from PySide6.QtCore import Signal

from app.kernel.meanings import Match
from ui.kit.bench import Bench
from ui.kit.picker import MOST, Picker


class Seeker(Picker):
    """`picked` carries the record of a row that was touched or walked to, `entered` the text."""

    entered = Signal(str)

    def __init__(self, bench: Bench, entities: tuple[str, ...], hint: str) -> None:
        super().__init__(bench)
        self._entities = entities
        self.box.setPlaceholderText(hint)
        self.box.setAccessibleName(hint)
        self.box.returnPressed.disconnect(self.list.pick)
        self.box.returnPressed.connect(self._enter)

    @property
    def text(self) -> str:
        return self.box.text().strip()

    def clear(self) -> None:
        """Nothing is sought."""
        self.box.clear()
        self.list.show_rows(())

    def _enter(self) -> None:
        if self.list.walked:
            self.list.pick()
        elif self.text:
            self.entered.emit(self.text)

    def _find(self) -> Callable[[], list[Match]]:
        sought, app, actor = self.text, self._bench.app, self._bench.actor
        entities = self._entities

        def find() -> list[Match]:
            return [match for entity in entities for match in app.find(sought, actor, entity, MOST // len(entities))]

        return find
