"""Letters on a label: the bundled Inter, the size at which words fit an area, and the ink they make.

Words shrink to the smallest size that the template allows; then they may also be broken after - / _ and the like, then
anywhere; then, where the template allows it, the end is cut with …; else the label is refused. Nothing leaves its area.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from pathlib import Path
from typing import NamedTuple

from PIL import Image, ImageDraw, ImageFont

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.template import Text

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "fonts"
FILES = {"regular": "Inter-Regular.ttf", "semibold": "Inter-SemiBold.ttf"}
LEADING = 1.22  # from one line to the next, in letter heights
WHOLE, AT_SIGNS, ANYWHERE = re.compile(r".+"), re.compile(r"[^-/_.:+]*[-/_.:+]+|[^-/_.:+]+"), re.compile(r".")  # a word's pieces
NOWHERE = "\U0010ffff"  # a code point that no font draws: its picture is the box for a missing letter
INVISIBLE = "Cf"  # Unicode's category of joiners, marks of direction and the like, which leave no ink


class Room(NamedTuple):
    """Width and height in dots."""

    width: int
    height: int


@lru_cache(maxsize=512)
def font(weight: str, height: int) -> ImageFont.FreeTypeFont:
    """Inter in that weight, `height` dots to the em; laid out by the plain engine, which is the same on every machine."""
    return ImageFont.truetype(str(FOLDER / FILES[weight]), height, layout_engine=ImageFont.Layout.BASIC)


@lru_cache(maxsize=4096)
def drawable(letter: str) -> bool:
    """Whether Inter has this letter."""
    return letter.isspace() or bytes(font("regular", 16).getmask(letter)) != _missing()


@lru_cache(maxsize=1)
def _missing() -> bytes:
    return bytes(font("regular", 16).getmask(NOWHERE))


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


def ink(text: Text, words: str, room: Room, per_point: float) -> Image.Image:
    """The words as a picture that fills the room, ink white on black, `per_point` dots to the point."""
    size, lines = _fit(text, words, room, per_point)
    picture = Image.new("1", room, 0)
    draw = ImageDraw.Draw(picture)
    face = font(text.weight, size)
    baseline = _rise(face, lines[0]) + _start(text.stand, room.height, _tall(face, lines, _pitch(size)))
    for line in lines:
        left, _top, right, _bottom = face.getbbox(line, anchor="ls")
        draw.text((_start(text.align, room.width, int(right - left)) - left, baseline), line, fill=1, font=face, anchor="ls")
        baseline += _pitch(size)
    return picture


def _start(align: str, room: int, taken: int) -> int:
    return {"left": 0, "top": 0, "right": room - taken, "bottom": room - taken}.get(align, (room - taken) // 2)


def _pitch(size: int) -> int:
    return round(size * LEADING)


def _rise(face: ImageFont.FreeTypeFont, line: str) -> int:
    """Dots from the top of the line's ink to its baseline."""
    return -int(face.getbbox(line, anchor="ls")[1])


def _wide(face: ImageFont.FreeTypeFont, line: str) -> int:
    left, _top, right, _bottom = face.getbbox(line, anchor="ls")
    return int(right - left)


def _fit(text: Text, words: str, room: Room, per_point: float) -> tuple[int, list[str]]:
    """The size in dots and the lines: shrunk first, then with words broken, then cut."""
    least, most = (max(1, int(points * per_point)) for points in text.points)
    for breaks in (WHOLE, AT_SIGNS, ANYWHERE):
        size = _largest(text, words, room, (least, most), breaks)
        if size:
            return size, _lines(font(text.weight, size), words, room.width, text.lines, breaks)
    if text.cut:
        return least, _cut(text, words, room, least)
    raise Refused(
        Problem(
            "printing.too_long",
            _("“{words}” is too long for this label."),
            hint=_("Shorten it, or use a larger label."),
            values={"words": words if len(words) <= 80 else f"{words[:79]}…"},
        )
    )


def _largest(text: Text, words: str, room: Room, span: tuple[int, int], breaks: re.Pattern[str]) -> int:
    """The largest size in the span at which the words fit, or 0."""
    low, high = span[0] - 1, span[1]
    while low < high:
        size = (low + high + 1) // 2
        face = font(text.weight, size)
        lines = _lines(face, words, room.width, text.lines, breaks)
        if len(lines) <= text.lines and _stands(face, lines, room, _pitch(size)):
            low = size
        else:
            high = size - 1
    return low if low >= span[0] else 0


def _stands(face: ImageFont.FreeTypeFont, lines: list[str], room: Room, pitch: int) -> bool:
    return _tall(face, lines, pitch) <= room.height and all(_wide(face, line) <= room.width for line in lines)


def _tall(face: ImageFont.FreeTypeFont, lines: list[str], pitch: int) -> int:
    """Dots from the top of the first line's ink to the bottom of the last one's."""
    drop = max(0, int(face.getbbox(lines[-1], anchor="ls")[3]))
    return _rise(face, lines[0]) + pitch * (len(lines) - 1) + drop


def _lines(face: ImageFont.FreeTypeFont, words: str, width: int, most: int, breaks: re.Pattern[str]) -> list[str]:
    """The words in lines no wider than `width`, no further than one line over `most`; an unbroken word may be wider."""
    lines = [""]
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}".strip()
        if _wide(face, longer) <= width:
            lines[-1] = longer
        else:
            lines += _broken(face, word, width, most, breaks)
        if len(lines) > most + 1:
            break
    return (lines if lines[0] else lines[1:])[: most + 1]


def _broken(face: ImageFont.FreeTypeFont, word: str, width: int, most: int, breaks: re.Pattern[str]) -> list[str]:
    """One word in as few pieces as the places where it may be broken allow."""
    pieces = [""]
    for piece in breaks.findall(word):
        if pieces[-1] and _wide(face, pieces[-1] + piece) > width:
            pieces.append(piece)
        else:
            pieces[-1] += piece
        if len(pieces) > most + 1:
            break
    return pieces


def _cut(text: Text, words: str, room: Room, size: int) -> list[str]:
    """As many lines as there is room for, the last one ending in …."""
    face = font(text.weight, size)
    count = max(1, min(text.lines, 1 + (room.height - size) // _pitch(size)))
    lines = _lines(face, words, room.width, count, ANYWHERE)
    last = lines[count - 1]
    while last and _wide(face, f"{last}…") > room.width:
        last = last[:-1].rstrip()
    return [*lines[: count - 1], f"{last}…"]
