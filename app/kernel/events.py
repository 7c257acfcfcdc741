"""What a capability tells the others inside the transaction, and the one notice that screens get after it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import TypeVar
from uuid import UUID

R = TypeVar("R", bound=Callable[..., None])
_ONLY_OF: dict[Callable[..., None], tuple[type, ...]] = {}


@dataclass(frozen=True, kw_only=True)
class Event:
    """Something that has just become so. Reactions to it commit, or fail, together with its cause."""


def only_of(*entities: type) -> Callable[[R], R]:
    """Marks a reaction that has nothing to say of rows of other entities: where thousands are saved it is not asked for each."""

    def marked(reaction: R) -> R:
        _ONLY_OF[reaction] = entities
        return reaction

    return marked


def concerns(reaction: Callable[..., None], entity: type) -> bool:
    """Whether a reaction to events on rows has something to say of this entity."""
    return issubclass(entity, _ONLY_OF.get(reaction, object))


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
