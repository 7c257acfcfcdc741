"""State machines as data: buttons, grants, gates and the drawing in the handbook read the same moves."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from app.kernel.entity import Entity
from app.kernel.problems import Problem
from app.kernel.words import _

if TYPE_CHECKING:
    from app.kernel.work import Work

Gate = Callable[[Any, "Work"], Problem | None]


@dataclass(frozen=True)
class Move:
    """A legal step. Its gates say what is still unmet; `label` is the verb on its button."""

    name: str
    sources: str | tuple[str, ...]
    target: str
    needs: str
    label: str = ""
    gates: tuple[Gate, ...] = ()
    reason: bool = False  # the person must say why

    def leaves(self, state: str) -> bool:
        return state == self.sources if isinstance(self.sources, str) else state in self.sources


@dataclass(frozen=True)
class Machine:
    """The states of an entity's `field`, where it starts, and every move there is."""

    entity: type[Entity]
    start: str
    moves: tuple[Move, ...]
    field: str = "state"

    @property
    def states(self) -> tuple[str, ...]:
        found = dict.fromkeys([self.start])
        for move in self.moves:
            found |= dict.fromkeys([move.sources] if isinstance(move.sources, str) else move.sources)
            found[move.target] = None
        return tuple(found)

    def move(self, name: str) -> Move | None:
        return next((move for move in self.moves if move.name == name), None)

    def open_moves(self, state: str) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.leaves(state))

    def illegal(self, row: Entity, move: Move) -> Problem:
        state = getattr(row, self.field)
        targets = ", ".join(one.target for one in self.open_moves(state)) or "–"
        return Problem(
            "state.illegal",
            _("{row} is {state}: it cannot become {target} from there."),
            hint=_("From {state} it can become: {targets}."),
            values={"row": row.title, "state": state, "target": move.target, "targets": targets},
        )
