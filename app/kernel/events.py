"""What a capability tells the others inside the transaction, and the one notice that screens get after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that has just become so. Reactions to it commit, or fail, together with its cause."""


@dataclass(frozen=True)
class Notice:
    """These rows of these entities changed; `None` for rows means many: read all anew."""

    rows: dict[str, frozenset[UUID] | None]
    command: str = ""

    def touches(self, entities: Iterable[str]) -> bool:
        return not self.rows.keys().isdisjoint(entities)


class Notices:
    """Hands each notice to every listener, on the thread that committed; a listener only passes it on."""

    def __init__(self) -> None:
        self._listeners: list[Callable[[Notice], None]] = []

    def listen(self, listener: Callable[[Notice], None]) -> Callable[[], None]:
        """Adds a listener and returns the call that removes it."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener)

    def tell(self, notice: Notice) -> None:
        for listener in tuple(self._listeners):
            listener(notice)
