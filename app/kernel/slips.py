"""Slips of a finger: the words that are one letter away from a word, as many as an index can be asked for."""

from __future__ import annotations

from collections.abc import Iterator

SURE = 4  # letters below which a slip could be any other word
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρσςτυφχψω", "абвгдежзийклмнопрстуфхцчшщъыьэюя")


def alphabet_of(word: str) -> str:
    """The letters that a word may be written with; those of a script that we do not know are its own."""
    return next((letters for letters in _ALPHABETS if word[:1] in letters), _ALPHABETS[0] if word.isascii() else word)


def slips(word: str) -> list[str]:
    """All words that are one letter more, one less, another one, or two in each other's place away from it."""
    found = set(_slips(word, alphabet_of(word)))
    return sorted(found - {word, ""})


def _slips(word: str, letters: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in letters:
            yield before + letter + after
            yield before + letter + after[1:]
