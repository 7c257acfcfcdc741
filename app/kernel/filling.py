"""A record's fields from plain data: which there are, what fits each, and what finds a record again."""

from __future__ import annotations

import unicodedata
from collections.abc import Callable, Collection, Mapping
from datetime import date, datetime
from functools import cache, partial
from typing import Any
from uuid import UUID

from app.kernel.entity import Entity, Field, fields_of
from app.kernel.money import MOST, Money
from app.kernel.problems import Problem, Refused
from app.kernel.shapes import LONGEST, PLAIN
from app.kernel.types import Quantity, canonical
from app.kernel.words import _

LARGEST = 64 * 1024  # characters of JSON in one field of plain data
DEEPEST = 8  # lists and maps within each other there
_FILLERS = "\u115f\u1160\u2800\u3164\uffa0"  # letters and a sign that are drawn as nothing
KINDS: dict[str, Any] = {
    "text": str,
    "number": int,
    "quantity": Quantity,
    "choice": str,
    "link": UUID,
    "flag": bool,
    "money": Money,
    "day": date,
    "moment": datetime,
}


def field_named(entity: type[Entity], name: str) -> Field:
    """A declared field; Refused with the fields there are."""
    found = fields_of(entity).get(name)
    if found is None:
        raise Refused(
            Problem(
                "record.no_field",
                _("{entity} has no field “{field}”."),
                field=name[:60],
                hint=_("Its fields are: {names}."),
                values={"entity": entity.__about__.label, "field": name[:60], "names": ", ".join(fields_of(entity))},
            )
        )
    return found


def missing(field: Field) -> Problem:
    return Problem(
        "record.missing",
        _("{label} is not filled in."),
        field=field.name,
        hint=_("Fill it in and save again."),
        values={"label": field.label},
    )


def read_value(field: Field, value: Any) -> Any:
    """A field's value from plain data, held against its size and choices."""
    if field.kind == "text" and isinstance(value, str) and not seen(value):
        value = ""
    if value is None or value == "":
        if field.required and value is None:
            raise Refused(missing(field))
        return "" if field.kind in ("text", "choice") and field.required else None
    kind = KINDS.get(field.kind)
    read = PLAIN[kind][0](value, field.name) if kind else value
    if kind is None and (len(canonical(read)) > LARGEST or _depth(read) > DEEPEST):
        raise Refused(_too_large(field))
    if field.kind in ("text", "choice"):
        problem = too_long(field, read) or no_choice(field, read)
        if problem is not None:
            raise Refused(problem)
    return read


@cache
def readers(entity: type[Entity]) -> dict[str, Callable[[Any], Any]]:
    """What reads each field of an entity: as `read_value` does, and most of what people write without further questions."""
    return {name: _reader(field) for name, field in fields_of(entity).items()}


def _reader(field: Field) -> Callable[[Any], Any]:
    if field.kind in ("text", "choice"):
        return _reader_of_words(field, min(field.size, LONGEST), frozenset(word for word, _label in field.choices))
    return _reader_of_money(field) if field.kind == "money" else partial(read_value, field)


def _reader_of_words(field: Field, most: int, choices: frozenset[str]) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        plain = type(value) is str and "!" <= value[:1] <= "~" and value.isascii() and "\x00" not in value
        if plain and len(value) <= most and (not choices or value in choices):
            return value
        return read_value(field, value)

    return read


def _reader_of_money(field: Field) -> Callable[[Any], Any]:
    def read(value: Any) -> Any:
        return Money(value) if type(value) is int and -MOST <= value <= MOST else read_value(field, value)

    return read


def seen(text: str) -> bool:
    """Whether anything of a text can be seen: blanks, joiners and fillers are nothing to read."""
    return any(unicodedata.category(letter)[0] not in "ZC" and letter not in _FILLERS for letter in text)


def _depth(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list | tuple) else None
    return 0 if inner is None else 1 + max(map(_depth, inner), default=0)


def _too_large(field: Field) -> Problem:
    return Problem(
        "record.too_large",
        _("{label} holds too much."),
        field=field.name,
        hint=_("Keep it under {most} KB, and lists and maps at most {deepest} deep."),
        values={"label": field.label, "most": LARGEST // 1024, "deepest": DEEPEST},
    )


def too_long(field: Field, value: Any) -> Problem | None:
    if field.kind not in ("text", "choice") or len(value) <= field.size:
        return None
    return Problem(
        "record.too_long",
        _("{label} is longer than {most} characters."),
        field=field.name,
        hint=_("Shorten it."),
        values={"label": field.label, "most": field.size},
    )


def no_choice(field: Field, value: Any) -> Problem | None:
    if not field.choices or any(value == word for word, _label in field.choices) or not (value or field.required):
        return None
    return Problem(
        "record.choice",
        _("“{value}” is not one of the choices of {label}."),
        field=field.name,
        hint=_("Choose one of: {choices}."),
        values={"value": str(value)[:40], "label": field.label, "choices": ", ".join(word for word, _label in field.choices)},
    )


@cache
def _held(entity: type[Entity]) -> tuple[tuple[Field, bool, frozenset[str]], ...]:
    """The fields that a handler may fill in wrongly, each with whether it may be left to its default, and its choices."""
    columns = entity.__table__.columns
    held = [(field, not field.required or columns[name].default is not None) for name, field in fields_of(entity).items()]
    return tuple(
        (field, spare, frozenset(word for word, _label in field.choices))
        for field, spare in held
        if field.kind in ("text", "choice") or not spare
    )


def unfit(row: Entity, changed: Collection[str] | None = None) -> Problem | None:
    """What does not fit its field in a row that is about to be kept, or in the fields that were changed on it."""
    known = vars(row)
    for field, spare, choices in _held(type(row)):
        if changed is None or field.name in changed:
            value = known[field.name] if field.name in known else getattr(row, field.name)
            if type(value) is str and len(value) <= field.size and (not choices or value in choices):
                continue
            problem = (None if spare else missing(field)) if value is None else too_long(field, value) or no_choice(field, value)
            if problem is not None:
                return problem
    return None


Key = tuple[Any, ...]


def natural_key(entity: type[Entity], values: Mapping[str, Any]) -> Key | None:
    """What finds a record again when it comes a second time, from values that were read; None where its first part is empty."""
    names = entity.__about__.natural
    key = tuple(None if values.get(name) == "" else values.get(name) for name in names)
    return key if key and key[0] is not None else None
