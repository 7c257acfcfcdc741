"""State machines as data: buttons, grants, gates and the drawing in the handbook read the same moves."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from app.kernel.entity import Entity
from app.kernel.problems import Contest, Problem
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

    @property
    def forward(self) -> bool:
        """Whether it is a step onward; what goes back or ends it otherwise wants a reason."""
        return not self.reason

    def leaves(self, state: str) -> bool:
        return state == self.sources if isinstance(self.sources, str) else state in self.sources


@dataclass(frozen=True)
class Met:
    """What became of a move that was made without knowing of others: the state that stands, and the one that was lost."""

    state: str
    lost: str = ""


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

    @property
    def ends(self) -> frozenset[str]:
        """The states that no move leaves; none where a thing goes round and round."""
        return frozenset(state for state in self.states if not self.open_moves(state))

    def held(self, name: str, gates: tuple[Gate, ...]) -> Machine:
        """The same machine with further gates before a move; ValueError where there is no such move."""
        if self.move(name) is None:
            raise ValueError(f"{self.entity.__tablename__} has no move {name}")
        moves = (replace(one, gates=one.gates + gates) if one.name == name else one for one in self.moves)
        return replace(self, moves=tuple(moves))

    def move(self, name: str) -> Move | None:
        return next((move for move in self.moves if move.name == name), None)

    def open_moves(self, state: str) -> tuple[Move, ...]:
        return tuple(move for move in self.moves if move.leaves(state))

    def onward(self, state: str) -> set[str]:
        """The states that steps onward lead to from here."""
        found, ahead = set[str](), [state]
        while ahead:
            here = ahead.pop()
            fresh = {move.target for move in self.open_moves(here) if move.forward} - found
            found |= fresh
            ahead.extend(fresh)
        return found

    def meet(self, now: str, move: Move, later: Sequence[tuple[str, str]] = ()) -> Met:
        """A move that comes in late, among those that others made: as if all had been made in the order of their stamps.

        `later` are the changes of state (before, after) that were made after it but are here already. A legal move is made,
        one to where the record is already is nothing, and of two moves onward the one that leads furthest stands. Whatever
        cannot stand beside the other is lost, and somebody decides.
        """
        state = self._joined(later[0][0] if later else now, move)
        if state is None:
            return Met(now, move.target)
        for before, target in later:
            onto = self._followed(state, before, target, onward=move.forward and target in self.onward(before))
            if onto is None:
                return Met(state, now)
            state = onto
        return Met(state)

    def _joined(self, state: str, move: Move) -> str | None:
        if state == move.target or move.leaves(state):
            return move.target
        return self._furthest(state, move.target) if move.forward else None

    def _followed(self, state: str, before: str, target: str, *, onward: bool) -> str | None:
        """Where a later change of state leads from here, if it still does: by the step that it was, and not by another one that
        happens to lead there too. What was no single step was made of steps onward."""
        there = [move for move in self.moves if move.target == target]
        taken = [move for move in there if move.leaves(before)] or [move for move in there if move.forward]
        if state in (before, target) or any(move.leaves(state) for move in taken):
            return target
        return self._furthest(state, target) if onward else None

    def _furthest(self, one: str, other: str) -> str | None:
        if other in self.onward(one):
            return other
        return one if one in self.onward(other) else None

    def illegal(self, row: Entity, target: str, contest: Contest | None = None) -> Problem:
        state = getattr(row, self.field)
        targets = ", ".join(one.target for one in self.open_moves(state)) or "–"
        return Problem(
            "state.illegal",
            _("{row} is {state}: it cannot become {target} from there."),
            hint=_("From {state} it can become: {targets}."),
            values={"row": row.title, "state": state, "target": target, "targets": targets},
            contest=contest,
        )
