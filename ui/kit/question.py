"""Question: what the screen must know before it can go on. It takes the task area; a touch, a number key or a scan answers it."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from app.kernel.meanings import Match, Meaning
from ui.kit.bench import Told

Answered = Callable[[Any, Told], None]


@dataclass(frozen=True)
class Tile:
    """One answer: what it is called, a few quiet words more, and what it stands for."""

    label: str
    value: Any
    note: str = ""
    icon: str = ""
    grave: bool = False  # must be held


@dataclass(frozen=True)
class Question:
    """A question with its answers. `kind` is `tiles`, `number` (a number pad), `find` (a search among `entity`), `text` or `pin`.

    `takes` turns a scan into an answer, or None when it does not answer; `answer` hears the answer, `leave` that there is none,
    and says what that means.
    """

    sentence: str
    answer: Answered
    advice: str = ""
    kind: str = "tiles"
    tiles: tuple[Tile, ...] = ()
    entity: str = ""
    takes: Callable[[Meaning], Any] = lambda _meaning: None
    leave: Callable[[Told], None] | None = None
    tone: str = "ask"
    decimals: bool = True  # whether the number pad has a point
    badges: tuple[str, ...] = ()  # the kinds of scan that are a badge to it: they answer it, are kept secret, and sign nobody in


def row_of(*entities: str) -> Callable[[Meaning], Match | None]:
    """Takes a scan that names a row of one of these entities."""

    def takes(meaning: Meaning) -> Match | None:
        return next((match for match in meaning.matches if match.entity in entities), None)

    return takes


def choose(
    sentence: str,
    matches: Sequence[Match],
    kinds: dict[str, str],
    answer: Answered,
    leave: Callable[[Told], None] | None = None,
) -> Question:
    """Asks which of several rows was meant; `kinds` are the words for the entities."""
    tiles = tuple(Tile(match.title, match, kinds.get(match.entity, "")) for match in matches)
    return Question(sentence, answer, tiles=tiles, leave=leave)
