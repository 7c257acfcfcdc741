"""Slips of a finger: the words that are one letter away from a word, as many as an index can be asked for."""

from __future__ import annotations

from collections.abc import Iterator

SURE = 4  # letters below which a slip could be any other word
FIRST = 3  # letters at a word's beginning, which are seldom wrong
MARKS = "0123456789æœøłđðþħŋ"  # what else stands in words of our scripts, without case and accents
_ALPHABETS = ("abcdefghijklmnopqrstuvwxyz", "αβγδεζηθικλμνξοπρσςτυφχψω", "абвгдежзийклмнопрстуфхцчшщъыьэюя")


def alphabet_of(word: str) -> str:
    """The letters of the script that a word is written in; none where it is one that we do not know."""
    if word[:1].isdigit():
        return _ALPHABETS[0]
    return next((letters for letters in _ALPHABETS if word[:1] in letters), "")


def slips(word: str) -> tuple[list[str], list[str]]:
    """All words that are one letter more, one less, another one, or two in each other's place away from it: those that begin
    with the same letters, and those that do not."""
    found = set(_slips(word, alphabet_of(word))) - {word, ""}
    late = {one for one in found if one[:FIRST] == word[:FIRST]}
    return sorted(late), sorted(found - late)


def _slips(word: str, letters: str) -> Iterator[str]:
    for place in range(len(word) + 1):
        before, after = word[:place], word[place:]
        yield before + after[1:]
        if len(after) > 1:
            yield before + after[1] + after[0] + after[2:]
        for letter in letters:
            yield before + letter + after
            yield before + letter + after[1:]
