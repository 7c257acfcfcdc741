"""Draws a label once, as the dots that the printer will burn; every output is these dots in another wrapper."""

from __future__ import annotations

from collections.abc import Mapping
from typing import NamedTuple

from PIL import Image

from printing import lettering, symbols
from printing.fields import checked
from printing.lettering import Room
from printing.letters import plain
from printing.printers import Printer
from printing.symbols import Asked
from printing.template import Area, Code, Element, Line, Template, Text, fill

PAPER = 255  # Pillow keeps a dot of one bit in a byte, and inverts it as a byte: 1 would stay white
POINTS_PER_MM = 72 / 25.4


def draw(template: Template, values: Mapping[str, str], printer: Printer) -> tuple[Image.Image, tuple[Asked, ...]]:
    """The label in black (0) and white (255), one pixel a dot, and the codes that a scanner must find on it."""
    known = checked(template, values)
    label = place(Area(0, 0, template.width, template.height), printer)
    picture = Image.new("1", (label.right, label.bottom), PAPER)
    asked: list[Asked] = []
    for element in template.elements:
        spot = place(element.area, printer)
        ink = None if _absent(element, known) else _ink(element, known, spot.room, printer)
        if ink is None:
            continue
        picture.paste(0, (spot.left, spot.top), ink)
        if isinstance(element, Code):
            asked.append(_asked(element, known))
    return picture, tuple(asked)


class _Place(NamedTuple):
    """A rectangle in dots."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def room(self) -> Room:
        return Room(self.right - self.left, self.bottom - self.top)


def place(area: Area, printer: Printer) -> _Place:
    """The area in dots; areas that do not touch on paper do not touch in dots."""
    left, top, right, bottom = (round(edge * printer.per_mm / 10) for edge in (area.left, area.top, area.right, area.bottom))
    return _Place(left, top, right, bottom)


def _absent(element: Element, known: Mapping[str, str]) -> bool:
    """Whether this label goes without the element: by a field that is empty, or by one that is filled."""
    return bool(element.when and not known[element.when]) or bool(element.unless and known[element.unless])


def _ink(element: Element, known: Mapping[str, str], room: Room, printer: Printer) -> Image.Image | None:
    """The element's ink, white on black, as large as its area; None when there is nothing to draw."""
    match element:
        case Line():
            return Image.new("1", room, PAPER)
        case Text():
            words = plain(fill(element.say, known))
            return lettering.ink(element, words, room, printer.per_mm / POINTS_PER_MM) if words else None
        case Code():
            text = _asked(element, known).text
            return symbols.symbol(element, text, room, printer) if text else None


def _asked(code: Code, known: Mapping[str, str]) -> Asked:
    return Asked(code.kind, symbols.written(code.kind, fill(code.of, known)))
