"""Draws a label once, as the dots that the printer will burn; every output is these dots in another wrapper."""

from __future__ import annotations

import unicodedata
from collections.abc import Mapping

from PIL import Image

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing import lettering, symbols
from printing.lettering import Room
from printing.symbols import Asked, Printer
from printing.template import Area, Code, Element, Line, Template, Text, fill

PAPER = 1
MOST_LETTERS = 2000  # in one field; a longer value is a mistake, not a label's text
SPACES = "\t\n\r"
POINTS_PER_MM = 72 / 25.4


def draw(template: Template, values: Mapping[str, str], printer: Printer) -> tuple[Image.Image, tuple[Asked, ...]]:
    """The label in black (0) and white (1), one pixel a dot, and the codes that a scanner must find on it."""
    known = _checked(template, values)
    label = _place(Area(0, 0, template.width, template.height), printer)
    picture = Image.new("1", (label[2], label[3]), PAPER)
    asked: list[Asked] = []
    for element in template.elements:
        if _absent(element, known):
            continue
        left, top, right, bottom = _place(element.area, printer)
        room = Room(right - left, bottom - top)
        match element:
            case Line():
                picture.paste(0, (left, top, right, bottom))
            case Text():
                _letter(picture, (left, top), element, fill(element.say, known), room, printer)
            case Code():
                asked += _encode(
                    picture, (left, top), element, symbols.written(element.kind, fill(element.of, known)), room, printer
                )
    return picture, tuple(asked)


def _absent(element: Element, known: Mapping[str, str]) -> bool:
    """Whether this label has no such element: by a field that is empty, or by one that is filled."""
    return bool(element.when and not known[element.when]) or bool(element.unless and known[element.unless])


def _place(area: Area, printer: Printer) -> tuple[int, int, int, int]:
    """Left, top, right and bottom in dots; areas that do not touch on paper do not touch in dots."""
    left, top, right, bottom = (round(edge * printer.per_mm / 10) for edge in (area.left, area.top, area.right, area.bottom))
    return left, top, max(right, left + 1), max(bottom, top + 1)


def _letter(picture: Image.Image, at: tuple[int, int], text: Text, words: str, room: Room, printer: Printer) -> None:
    plain = lettering.plain(words)
    if plain:
        picture.paste(0, at, lettering.ink(text, plain, room, printer.per_mm / POINTS_PER_MM))


def _encode(picture: Image.Image, at: tuple[int, int], code: Code, text: str, room: Room, printer: Printer) -> list[Asked]:
    drawn = symbols.symbol(code, text, room, printer) if text else None
    if drawn is None:
        return []
    picture.paste(0, at, drawn)
    return [Asked(code.kind, text)]


def _checked(template: Template, values: Mapping[str, str]) -> dict[str, str]:
    """The values of the fields that the template takes, each fit to print; others are left aside."""
    known = {field: values.get(field, "") for field in (*template.needs, *template.may)}
    problems = [problem for field, value in known.items() if (problem := _wrong(template, field, value))]
    if problems:
        raise Refused(*problems)
    return known


def _wrong(template: Template, field: str, value: str) -> Problem | None:
    if field in template.needs and not value.strip():
        message = _("The label {template} needs {field}, which is empty.")
        return Problem(
            "printing.empty",
            message,
            hint=_("Fill it in, then print."),
            field=field,
            values={"template": template.title, "field": field},
        )
    if len(value) > MOST_LETTERS:
        message = _("{field} has {length} characters; a label takes at most {most}.")
        return Problem(
            "printing.too_long",
            message,
            hint=_("Shorten it."),
            field=field,
            values={"field": field, "length": len(value), "most": MOST_LETTERS},
        )
    for letter in value:
        if unicodedata.category(letter) in ("Cc", "Cs") and letter not in SPACES:
            message = _("{field} holds a character that cannot be printed ({point}).")
            hint = _("Type it again without the hidden character.")
            return Problem(
                "printing.control", message, hint=hint, field=field, values={"field": field, "point": f"U+{ord(letter):04X}"}
            )
    return None
