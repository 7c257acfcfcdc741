"""The shape of a label template: what stands where on a label, and which fields it asks for.

Sizes and places are tenths of a millimetre from the label's top left corner. A template names the fields it takes and may ask
only for those, by `{field}`; nothing in it is ever run.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

PLACE = re.compile(r"\{([a-z][a-z0-9_]*)\}")
LINEAR_KINDS = ("code128", "retail")
MATRIX_KINDS = ("datamatrix", "qr")


@dataclass(frozen=True)
class Area:
    """A rectangle on the label, in tenths of a millimetre."""

    left: int
    top: int
    width: int
    height: int

    @property
    def right(self) -> int:
        return self.left + self.width

    @property
    def bottom(self) -> int:
        return self.top + self.height

    def touches(self, other: Area) -> bool:
        across = self.left < other.right and other.left < self.right
        return across and self.top < other.bottom and other.top < self.bottom


@dataclass(frozen=True, kw_only=True)
class Text:
    """Words in an area, as large as fits between two sizes in points; then broken, then cut with … if that is allowed."""

    say: str
    area: Area
    points: tuple[int, int]
    weight: str = "regular"
    align: str = "left"
    stand: str = "middle"
    lines: int = 1
    cut: bool = False
    when: str = ""
    unless: str = ""


@dataclass(frozen=True, kw_only=True)
class Code:
    """A barcode in an area that holds its quiet zones too; `dots` a module at 203 dpi, the most that fits.

    With `spare` the label goes without it when it does not fit; otherwise the label is refused.
    """

    kind: str
    of: str
    area: Area
    dots: tuple[int, int]
    align: str = "center"
    spare: bool = False
    when: str = ""
    unless: str = ""

    @property
    def linear(self) -> bool:
        return self.kind in LINEAR_KINDS


@dataclass(frozen=True, kw_only=True)
class Line:
    """A black rectangle."""

    area: Area
    when: str = ""
    unless: str = ""


Element = Text | Code | Line
"""Stands on the label `when` that field is filled, and `unless` that one is; without them, always."""


@dataclass(frozen=True, kw_only=True)
class Template:
    """One kind of label: its size, the fields it needs and may have, and its elements."""

    name: str
    title: str
    version: int
    width: int
    height: int
    needs: tuple[str, ...]
    may: tuple[str, ...]
    elements: tuple[Element, ...]


def shown(element: Element) -> str:
    """How a template's author knows the element again."""
    match element:
        case Text(say=words) | Code(of=words):
            return words
        case Line(area=area):
            return f"a line at {area.left}, {area.top}"


def asked(element: Element) -> list[str]:
    """The fields that the element shows or depends on."""
    words = [] if isinstance(element, Line) else PLACE.findall(shown(element))
    return [*words, *(field for field in (element.when, element.unless) if field)]


def fill(words: str, values: Mapping[str, str]) -> str:
    """The words with every `{field}` replaced once; what a value holds is never looked at again."""
    return PLACE.sub(lambda place: values.get(place[1], ""), words)
