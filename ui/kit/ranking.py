"""Ranking: how well what somebody typed fits the words of something they can do; nothing of the screen is in it."""

from __future__ import annotations

from collections.abc import Sequence

from app.kernel.search import split

WORDS, NEAR = 2, 5
"""Up to WORDS the typed letters begin the words that are seen; NEAR forgives one slip of a finger."""
_LEAST = 4  # letters below which a slip could be any other word


def fit(sought: str, title: str, more: str = "") -> int | None:
    """0 for the very words, and more the worse it fits; None where it does not. `more` are quiet words beside the title."""
    wanted, words = split(sought), split(title)
    plain, typed = " ".join(words), " ".join(wanted)
    if not wanted or plain == typed:
        return 0
    if plain.startswith(typed):
        return 1
    if _begun(wanted, words):
        return WORDS
    if _begun(wanted, [*words, *split(more)]):
        return 3
    if "".join(word[0] for word in words).startswith("".join(wanted)):
        return 4
    return NEAR if all(any(_slipped(one, word) for word in words) for one in wanted) else None


def _begun(wanted: Sequence[str], words: Sequence[str]) -> bool:
    """Whether each typed word begins some word."""
    return all(any(word.startswith(one) for word in words) for one in wanted)


def _slipped(typed: str, word: str) -> bool:
    """Whether the beginning of a word is one slip away from what was typed."""
    if word.startswith(typed):
        return True
    sizes = range(len(typed) - 1, len(typed) + 2)
    return len(typed) >= _LEAST and any(_apart_by_one(typed, word[:size]) for size in sizes)


def _apart_by_one(one: str, other: str) -> bool:
    """One letter more, one less, another one, or two in each other's place."""
    place = next((place for place, (left, right) in enumerate(zip(one, other, strict=False)) if left != right), len(other))
    mine, theirs = one[place:], other[place:]
    swapped = len(mine) > 1 and mine[1::-1] + mine[2:] == theirs
    return swapped or mine[1:] == theirs[1:] or mine == theirs[1:] or mine[1:] == theirs
