"""Sets words into an area of a label: the size at which they fit, the lines, and the ink they make.

Words shrink to the smallest size that the template allows; then they may also be broken after - / _ and the like, then
anywhere; then, where the template allows it, the end is cut with …; else the label is refused. Nothing leaves its area.
"""

from __future__ import annotations

import re
from typing import NamedTuple

from PIL import Image, ImageDraw

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.letters import Face, face
from printing.template import Text

WHOLE, AT_SIGNS, ANYWHERE = re.compile(r".+"), re.compile(r"[^-/_.:+]*[-/_.:+]+|[^-/_.:+]+"), re.compile(r".")  # a word's pieces


class Room(NamedTuple):
    """Width and height in dots."""

    width: int
    height: int


def ink(text: Text, words: str, room: Room, per_point: float) -> Image.Image:
    """The words as a picture that fills the room, ink white on black, `per_point` dots to the point."""
    letters, lines = fit(text, words, room, per_point)
    picture = Image.new("1", room, 0)
    draw = ImageDraw.Draw(picture)
    baseline = _start(text.stand, room.height - _tall(letters, lines)) + letters.rise(lines[0])
    for line in lines:
        start = _start(text.align, room.width - letters.width(line)) - letters.left(line)
        draw.text((start, baseline), line, fill=255, font=letters.font, anchor="ls")
        baseline += letters.pitch
    return picture


def _start(side: str, spare: int) -> int:
    return {"left": 0, "top": 0, "right": spare, "bottom": spare}.get(side, spare // 2)


def fit(text: Text, words: str, room: Room, per_point: float) -> tuple[Face, list[str]]:
    """The letters and the lines: shrunk first, then with words broken, then cut."""
    least, most = (int(points * per_point) for points in text.points)
    sizes = range(least, most + 1)
    for breaks in (WHOLE, AT_SIGNS, ANYWHERE):
        fitted = _largest(text, words, room, sizes, breaks)
        if fitted:
            return fitted
    if text.cut:
        return _cut(text, words, room, face(text.weight, least))
    raise Refused(
        Problem(
            "printing.too_long",
            _("“{words}” is too long for this label."),
            hint=_("Shorten it, or use a larger label."),
            values={"words": words if len(words) <= 80 else f"{words[:79]}…"},
        )
    )


def _largest(text: Text, words: str, room: Room, sizes: range, breaks: re.Pattern[str]) -> tuple[Face, list[str]] | None:
    """The largest letters at which the words fit, and their lines; None when not even the smallest do."""
    best, low, high = None, 0, len(sizes) - 1
    middle = 0  # the smallest first: mostly it settles whether there is anything to look for
    while low <= high:
        letters = face(text.weight, sizes[middle])
        lines = _lines(letters, words, room.width, text.lines, breaks)
        if len(lines) <= text.lines and _stands(letters, lines, room):
            best, low = (letters, lines), middle + 1
        else:
            high = middle - 1
        middle = (low + high + 1) // 2
    return best


def _stands(letters: Face, lines: list[str], room: Room) -> bool:
    return _tall(letters, lines) <= room.height and all(letters.width(line) <= room.width for line in lines)


def _tall(letters: Face, lines: list[str]) -> int:
    """Dots from the top of the first line's ink to the bottom of the last one's."""
    return letters.rise(lines[0]) + letters.pitch * (len(lines) - 1) + max(0, letters.drop(lines[-1]))


def _lines(letters: Face, words: str, width: int, most: int, breaks: re.Pattern[str]) -> list[str]:
    """The words in lines no wider than `width`, no further than one line over `most`; an unbroken word may be wider."""
    lines: list[str] = []
    for word in words.split(" "):
        longer = f"{lines[-1]} {word}" if lines else word
        if letters.width(longer) <= width:
            lines[-1:] = [longer]
        else:
            lines += _broken(letters, word, width, most, breaks)
        if len(lines) > most:
            break
    return lines[: most + 1]


def _broken(letters: Face, word: str, width: int, most: int, breaks: re.Pattern[str]) -> list[str]:
    """One word in as few pieces as the places where it may be broken allow."""
    pieces: list[str] = []
    for piece in breaks.findall(word):
        longer = pieces[-1] + piece if pieces else piece
        if letters.width(longer) <= width:
            pieces[-1:] = [longer]
        else:
            pieces.append(piece)
        if len(pieces) > most:
            break
    return pieces


def _cut(text: Text, words: str, room: Room, letters: Face) -> tuple[Face, list[str]]:
    """As many lines as there is room for, the last one ending in …. A letter with a mark above may cost a line."""
    lines = _ended(letters, _lines(letters, words, room.width, text.lines, ANYWHERE)[: text.lines], room.width)
    while len(lines) > 1 and _tall(letters, lines) > room.height:
        lines = _ended(letters, lines[:-1], room.width)
    return letters, lines


def _ended(letters: Face, lines: list[str], width: int) -> list[str]:
    last = lines[-1]
    while last and letters.width(f"{last}…") > width:
        last = last[:-1].rstrip()
    return [*lines[:-1], f"{last}…"]
