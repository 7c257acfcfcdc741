"""The letters that labels are printed with: the bundled Inter, measured in whole dots, and which words it can show."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple, TypeVar

from PIL import ImageFont

from app.kernel.problems import Problem, Refused
from app.kernel.words import _

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FILES = {"regular": "Inter-Regular.ttf", "semibold": "Inter-SemiBold.ttf"}
DOTS = "1"  # Pillow's name for letters of whole dots; in greys they would have other widths
LEADING = 1.22  # from one line to the next, in letter heights
NOWHERE = "\U0010ffff"  # a code point that no font draws: its picture is the box for a missing letter
INVISIBLE = "Cf"  # Unicode's category of joiners, marks of direction and the like, which leave no ink

Measure = TypeVar("Measure")


class Ink(NamedTuple):
    """Edges in dots; up is negative."""

    left: int
    top: int
    right: int
    bottom: int


class _Once(dict[str, Measure]):
    """Measures each letter once: FreeType takes longer to measure a letter than to draw it."""

    def __init__(self, measure: Callable[[str], Measure]) -> None:
        super().__init__()
        self._measure = measure

    def __missing__(self, letter: str) -> Measure:
        self[letter] = found = self._measure(letter)
        return found


class Face:
    """Inter in one weight and height (dots to the em), laid out by the plain engine, which is the same on every machine."""

    def __init__(self, weight: str, height: int) -> None:
        self.font = ImageFont.truetype(str(FOLDER / FILES[weight]), height, layout_engine=ImageFont.Layout.BASIC)
        self.height = height
        self.pitch = round(height * LEADING)
        self._steps = _Once(self._step)
        self._inks = _Once(self._ink)

    def length(self, words: str) -> float:
        """Dots from the first letter's start to the last one's end; letters are not kerned, so their steps add up."""
        return sum(map(self._steps.__getitem__, words))

    def left(self, line: str) -> int:
        """Dots from the line's start to its ink."""
        return self._inks[line[0]].left

    def width(self, line: str) -> int:
        """Dots of ink, from the first letter's to the last one's, and one to spare: letters that overhang differ by it."""
        return int(self.length(line[:-1])) + self._inks[line[-1]].right - self._inks[line[0]].left + 1

    def rise(self, line: str) -> int:
        """Dots of ink above the baseline."""
        return -min(self._inks[letter].top for letter in line)

    def drop(self, line: str) -> int:
        """Dots of ink below the baseline."""
        return max(self._inks[letter].bottom for letter in line)

    def _step(self, letter: str) -> float:
        return self.font.getlength(letter, mode=DOTS)

    def _ink(self, letter: str) -> Ink:
        dots, (left, top) = self.font.getmask2(letter, mode=DOTS, anchor="ls")
        box = dots.getbbox() or (0, 0, 0, 0)
        return Ink(left + box[0], top + box[1], left + box[2], top + box[3])


@lru_cache(maxsize=512)
def face(weight: str, height: int) -> Face:
    """That face, loaded once."""
    return Face(weight, height)


@lru_cache(maxsize=4096)
def drawable(letter: str) -> bool:
    """Whether Inter has this letter."""
    return letter.isspace() or _shape(letter) != _shape(NOWHERE)


def _shape(letter: str) -> bytes:
    return bytes(face("regular", 16).font.getmask(letter, mode=DOTS))


def plain(words: str) -> str:
    """The words as they can be printed: composed, without invisible marks, white space as single spaces.

    Refused for a letter that Inter lacks, rather than to print an empty box.
    """
    seen = "".join(letter for letter in unicodedata.normalize("NFC", words) if unicodedata.category(letter) != INVISIBLE)
    single = " ".join(seen.split())
    for letter in single:
        if not drawable(letter):
            raise Refused(
                Problem(
                    "printing.letter",
                    _("The label cannot show the letter {letter} ({point}): its font does not have it."),
                    hint=_("Write it in Latin, Greek or Cyrillic letters."),
                    values={"letter": letter, "point": f"U+{ord(letter):04X}"},
                )
            )
    return single
