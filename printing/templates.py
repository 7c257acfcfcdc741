"""Reads label templates from TOML and checks them whole, before anything is drawn with them."""

from __future__ import annotations

import re
import tomllib
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import MISSING, fields
from functools import lru_cache
from itertools import combinations
from pathlib import Path
from typing import Any

from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from printing.printers import PRINTERS, USUAL
from printing.template import (
    LINEAR_KINDS,
    MATRIX_KINDS,
    PLACE,
    Area,
    Code,
    Element,
    Line,
    Template,
    Text,
    asked,
    shown,
)

FOLDER = Path(__file__).resolve().parents[1] / "resources" / "labels"
FORMAT = 1  # of the template language; a template made for a later one is refused
THINNEST = 2  # tenths of a millimetre: at 203 dots an inch always at least one dot
LEAST_POINTS = 5  # smaller print is not legible at 203 dots an inch


def names() -> list[str]:
    """The names of the templates that there are."""
    return sorted(path.stem for path in FOLDER.glob("*.toml"))


@lru_cache(maxsize=64)
def load(name: str) -> Template:
    """The template of that name; Refused when there is none, or when it is not sound."""
    if name not in names():
        raise Refused(
            Problem(
                "printing.no_template",
                _("There is no label template {name}."),
                hint=_("Choose one of: {names}."),
                field="template",
                values={"name": name, "names": ", ".join(names())},
            )
        )
    return parse(name, (FOLDER / f"{name}.toml").read_text("utf-8"))


def parse(name: str, source: str) -> Template:
    """Reads and checks one template; every fault in it is Refused in a sentence that names the place."""
    try:
        table = tomllib.loads(source)
    except (tomllib.TOMLDecodeError, RecursionError) as error:
        raise unsound(name, _("The label template {name} is not valid TOML: {error}."), error=error) from error
    if table.get("format") != FORMAT:
        raise unsound(name, _("The label template {name} must say format = {format}."), format=FORMAT)
    head = _head(name, {key: value for key, value in table.items() if key not in _MAKERS and key != "format"})
    elements = tuple(element for key, make in _MAKERS.items() for element in _each(name, key, make, table.get(key, [])))
    template = Template(name=name, elements=elements, **head)
    _check(template)
    return template


def unsound(name: str, message: str, **values: object) -> Refused:
    """What is wrong with a template, as a refusal."""
    hint = _("Correct the template, or choose another one.")
    return Refused(Problem("printing.template", message, hint=hint, field="template", values={"name": name, **values}))


# ------------------------------------------------------------------------------------------------------ from TOML, checked


def _is_words(value: Any) -> str | None:
    return value if isinstance(value, str) and value.strip() else None


def _is_count(value: Any) -> int | None:
    return value if isinstance(value, int) and not isinstance(value, bool) and value >= 1 else None


def _is_flag(value: Any) -> bool | None:
    return value if isinstance(value, bool) else None


def _is_names(value: Any) -> tuple[str, ...] | None:
    good = isinstance(value, list) and all(isinstance(name, str) and PLACE.fullmatch("{" + name + "}") for name in value)
    return tuple(value) if good else None


def _is_numbers(value: Any, count: int) -> tuple[int, ...] | None:
    good = isinstance(value, list) and len(value) == count and all(type(number) is int and number >= 0 for number in value)
    return tuple(value) if good else None


def _is_span(value: Any) -> tuple[int, ...] | None:
    pair = _is_numbers(value, 2)
    return pair if pair and 1 <= pair[0] <= pair[1] else None


def _is_size(value: Any) -> tuple[int, ...] | None:
    pair = _is_numbers(value, 2)
    return pair if pair and all(50 <= side <= 3000 for side in pair) else None


def _is_area(value: Any) -> Area | None:
    four = _is_numbers(value, 4)
    return Area(*four) if four and min(four[2:]) >= THINNEST else None


def _one_of(*words: str) -> Callable[[Any], str | None]:
    return lambda value: value if value in words else None


_CHECKS: Mapping[str, Callable[[Any], Any]] = {
    "say": _is_words,
    "of": _is_words,
    "area": _is_area,
    "points": _is_span,
    "dots": _is_span,
    "lines": _is_count,
    "stroke": _is_count,
    "version": _is_count,
    "cut": _is_flag,
    "spare": _is_flag,
    "title": _is_words,
    "size": _is_size,
    "needs": _is_names,
    "may": _is_names,
    "weight": _one_of("regular", "semibold"),
    "align": _one_of("left", "center", "right"),
    "stand": _one_of("top", "middle", "bottom"),
    "when": _is_words,
    "unless": _is_words,
    "kind": _one_of(*MATRIX_KINDS, *LINEAR_KINDS),
}


def _values(name: str, where: str, table: Mapping[str, Any], known: Mapping[str, bool]) -> dict[str, Any]:
    """The table's values, checked; `known` are the keys that it may have, and whether it must."""
    for key in [*table, *known]:
        if key not in known:
            raise unsound(name, _("The label template {name} has an unknown word {key} in {where}."), key=key, where=where)
        if key not in table and known[key]:
            raise unsound(name, _("The label template {name} lacks {key} in {where}."), key=key, where=where)
    values = {key: _CHECKS[key](value) for key, value in table.items()}
    for key, value in values.items():
        if value is None:
            raise _wrong(name, where, key, table[key])
    return values


def _wrong(name: str, where: str, key: str, value: object) -> Refused:
    return unsound(name, _("The label template {name} has a wrong {key} in {where}: {value}."), key=key, where=where, value=value)


def _head(name: str, table: Mapping[str, Any]) -> dict[str, Any]:
    known = {"title": True, "version": True, "size": True, "needs": True, "may": False}
    values = _values(name, "the head", table, known)
    width, height = values.pop("size")
    return {"may": (), **values, "width": width, "height": height}


def _each(name: str, key: str, make: Callable[[str, str, Any], Iterator[Element]], tables: Any) -> Iterator[Element]:
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        raise unsound(name, _("The label template {name} must write {key} in double brackets: [[{key}]]."), key=key)
    for index, table in enumerate(tables, start=1):
        yield from make(name, f"{key} {index}", table)


def _known(made: type[Element]) -> dict[str, bool]:
    return {field.name: field.default is MISSING for field in fields(made) if field.name in _CHECKS}


def _text(name: str, where: str, table: Mapping[str, Any]) -> Iterator[Element]:
    yield Text(**_values(name, where, table, _known(Text)))


def _code(name: str, where: str, table: Mapping[str, Any]) -> Iterator[Element]:
    yield Code(**_values(name, where, table, _known(Code)))


def _line(name: str, where: str, table: Mapping[str, Any]) -> Iterator[Element]:
    yield Line(**_values(name, where, table, _known(Line)))


def _box(name: str, where: str, table: Mapping[str, Any]) -> Iterator[Element]:
    values = _values(name, where, table, {"area": True, "stroke": True})
    area, stroke = values["area"], values["stroke"]
    if not THINNEST <= stroke < min(area.width, area.height) // 2:
        raise _wrong(name, where, "stroke", stroke)
    yield Line(area=Area(area.left, area.top, area.width, stroke))
    yield Line(area=Area(area.left, area.bottom - stroke, area.width, stroke))
    yield Line(area=Area(area.left, area.top + stroke, stroke, area.height - 2 * stroke))
    yield Line(area=Area(area.right - stroke, area.top + stroke, stroke, area.height - 2 * stroke))


_MAKERS: Mapping[str, Callable[[str, str, Any], Iterator[Element]]] = {"text": _text, "code": _code, "line": _line, "box": _box}


# ------------------------------------------------------------------------------------------------- what no template may do


def _check(template: Template) -> None:
    label = Area(0, 0, template.width, template.height)
    for element in template.elements:
        _check_places(template, element)
        if not _inside(element.area, label):
            message = _("The label template {name} draws {element} outside the label.")
            raise unsound(template.name, message, element=shown(element))
        _check_legible(template, element)
    _check_apart(template.name, template.elements)


def _inside(area: Area, label: Area) -> bool:
    return area.right <= label.right and area.bottom <= label.bottom


def _check_places(template: Template, element: Element) -> None:
    for field in asked(element):
        if field not in (*template.needs, *template.may):
            raise unsound(template.name, _("The label template {name} asks for the unknown field {field}."), field=field)
    if re.search(r"[{}]", PLACE.sub("", shown(element))):
        message = _("The label template {name} has braces that are not a plain field name: {text}.")
        raise unsound(template.name, message, text=shown(element))


def _check_legible(template: Template, element: Element) -> None:
    if isinstance(element, Text) and element.points[0] < LEAST_POINTS:
        message = _("The label template {name} lets {element} shrink below {least} points.")
        raise unsound(template.name, message, element=shown(element), least=LEAST_POINTS)
    if isinstance(element, Code) and element.dots[0] < (least := PRINTERS[USUAL].least(element.linear)):
        message = _("The label template {name} draws {element} with fewer than {least} dots a module, which does not scan.")
        raise unsound(template.name, message, element=shown(element), least=least)


def _check_apart(name: str, elements: Sequence[Element]) -> None:
    for one, other in combinations(elements, 2):
        if one.area.touches(other.area) and not _never_both(one, other):
            raise unsound(
                name, _("The label template {name} lets {one} and {other} overlap."), one=shown(one), other=shown(other)
            )


def _never_both(one: Element, other: Element) -> bool:
    return bool(one.when and one.when == other.unless) or bool(one.unless and one.unless == other.when)
