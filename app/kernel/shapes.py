"""How a field of a command is written as plain data, read back, and described as JSON schema."""

from __future__ import annotations

import dataclasses
import enum
import math
import re
import types
import typing
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal
from functools import cache
from typing import Any
from uuid import UUID

from app.kernel.ids import unshort
from app.kernel.money import MOST, Money
from app.kernel.problems import Problem, Refused
from app.kernel.types import Quantity, millis, moment
from app.kernel.words import _

Reader = Callable[[Any, str], Any]
LONGEST = 8192  # characters in one text field (spec: limits of a push)
DEEPEST = 20  # lists and objects within each other


@dataclass(frozen=True)
class Shape:
    """One field: how to read plain data into it, its words for people and its JSON schema."""

    read: Reader
    words: str
    schema: dict[str, Any]
    required: bool
    default: Any = None


def _wrong(value: Any, name: str, words: str) -> Refused:
    shown = str(value)[:40]
    return Refused(
        Problem(
            "command.unreadable",
            _("“{value}” cannot be read as {kind}."),
            field=name,
            hint=_("Give “{field}” as {kind}."),
            values={"value": shown, "kind": words, "field": name},
        )
    )


def _read_id(value: Any, name: str) -> UUID:
    try:
        return unshort(value) if isinstance(value, str) and len(value) == 26 else UUID(value)
    except (ValueError, TypeError, AttributeError):
        raise _wrong(value, name, _("an id (UUID)")) from None


def _read_quantity(value: Any, name: str) -> Quantity:
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        raise _wrong(value, name, _("a quantity"))
    return Quantity.parse(value if isinstance(value, str) else format(Decimal(str(value)), "f"), name)


def _read_money(value: Any, name: str) -> Money:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > MOST:
        raise _wrong(value, name, _("an amount in minor units"))
    return Money(value)


def _read_int(value: Any, name: str) -> int:
    if isinstance(value, bool) or not isinstance(value, int) or abs(value) > 1 << 53:
        raise _wrong(value, name, _("a whole number"))
    return value


def _read_bool(value: Any, name: str) -> bool:
    if not isinstance(value, bool):
        raise _wrong(value, name, _("true or false"))
    return value


def _read_text(value: Any, name: str) -> str:
    if not isinstance(value, str):
        raise _wrong(value, name, _("text"))
    if len(value) > LONGEST or not is_plain(value):
        raise _not_kept(name)
    return value


def _not_kept(name: str) -> Refused:
    return Refused(
        Problem(
            "command.too_long",
            _("“{field}” is too long or holds a character that cannot be kept."),
            field=name,
            hint=_("Keep it under {most} characters."),
            values={"field": name, "most": LONGEST},
        )
    )


def is_plain(value: Any, depth: int = 0) -> bool:
    """Whether plain data can be written in both databases, and be read from them as it was: no zero byte, no half of a character,
    no number without an end."""
    known = _KEPT.get(type(value))
    if known is not None:
        return known(value)
    if isinstance(value, dict):
        return depth < DEEPEST and _are_texts(value) and _can_all_be_kept(value.values(), depth + 1)
    if isinstance(value, list | tuple):
        return depth < DEEPEST and _can_all_be_kept(value, depth + 1)
    return any(isinstance(value, kind) and test(value) for kind, test in _KEPT.items())


def _can_all_be_kept(values: Iterable[Any], depth: int) -> bool:
    """The texts among them are looked at together: a record has many, and hardly ever one that cannot be kept."""
    texts, others = list[str](), list[Any]()
    for one in values:
        (texts if type(one) is str else others).append(one)
    return _is_text("\n".join(texts)) and all([is_plain(one, depth) for one in others])


def _are_texts(names: Iterable[Any]) -> bool:
    try:
        return _is_text("\n".join(names))
    except TypeError:
        return False


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and "\x00" not in value and (value.isascii() or not _HALF(value))


def _stays(number: float) -> bool:
    """PostgreSQL keeps digits: a number so large would come back as a whole one, and less than nothing as nothing."""
    return math.isfinite(number) and abs(number) < _WHOLE and (number != 0 or math.copysign(1, number) > 0)


_WHOLE = 1e16  # from here on Python writes an exponent
_HALF = re.compile("[\ud800-\udfff]").search  # of a character
_KEPT: dict[type, Callable[[Any], bool]] = {
    str: _is_text,
    int: lambda value: abs(value) < 1 << 63,
    bool: lambda _value: True,
    types.NoneType: lambda _value: True,
    float: _stays,
}


def _read_day(value: Any, name: str) -> date:
    try:
        return date.fromisoformat(value)
    except (ValueError, TypeError):
        raise _wrong(value, name, _("a day such as 2026-11-20")) from None


def _read_time(value: Any, name: str) -> datetime:
    try:
        read = moment(value) if isinstance(value, int) else datetime.fromisoformat(value)
        millis(read)
    except (ValueError, TypeError, OverflowError, OSError):
        raise _wrong(value, name, _("a moment such as 2026-11-20T14:02:00Z")) from None
    return read


def _read_object(value: Any, name: str) -> Any:
    if not isinstance(value, dict):
        raise _wrong(value, name, _("an object"))
    return _read_any(value, name)


def _read_list(value: Any, name: str) -> Any:
    if not isinstance(value, list):
        raise _wrong(value, name, _("a list"))
    return _read_any(value, name)


def _read_any(value: Any, name: str) -> Any:
    if not is_plain(value):
        raise _not_kept(name)
    return value


PLAIN: dict[object, tuple[Reader, str, dict[str, Any]]] = {
    UUID: (_read_id, _("an id (UUID)"), {"type": "string", "format": "uuid"}),
    Quantity: (
        _read_quantity,
        _("a quantity"),
        {"type": ["string", "number"], "description": "a quantity with at most three decimals"},
    ),
    Money: (_read_money, _("an amount in minor units"), {"type": "integer", "description": "minor units"}),
    int: (_read_int, _("a whole number"), {"type": "integer"}),
    bool: (_read_bool, _("true or false"), {"type": "boolean"}),
    str: (_read_text, _("text"), {"type": "string", "maxLength": LONGEST}),
    date: (_read_day, _("a day"), {"type": "string", "format": "date"}),
    datetime: (_read_time, _("a moment"), {"type": "string", "format": "date-time"}),
    dict: (_read_object, _("an object"), {"type": "object"}),
    list: (_read_list, _("a list"), {"type": "array"}),
    Any: (_read_any, _("any value"), {}),
}


def _of_enum(kind: type[enum.Enum]) -> tuple[Reader, str, dict[str, Any]]:
    words = [str(member.value) for member in kind]

    def read(value: Any, name: str) -> enum.Enum:
        if value not in words:
            raise _wrong(value, name, "one of " + ", ".join(words))
        return kind(value)

    return read, "one of " + ", ".join(words), {"enum": words}


def _of_many(inner: tuple[Reader, str, dict[str, Any]]) -> tuple[Reader, str, dict[str, Any]]:
    def read(value: Any, name: str) -> tuple[Any, ...]:
        if not isinstance(value, list | tuple):
            raise _wrong(value, name, _("a list"))
        return tuple(inner[0](one, name) for one in value)

    return read, _("a list"), {"type": "array", "items": inner[2]}


def _of(hint: Any) -> tuple[Reader, str, dict[str, Any]]:
    origin = typing.get_origin(hint)
    if origin in (types.UnionType, typing.Union):
        inner = _of(next(part for part in typing.get_args(hint) if part is not type(None)))
        return (
            (lambda value, name: None if value is None else inner[0](value, name)),
            inner[1],
            {"anyOf": [inner[2], {"type": "null"}]},
        )
    if origin is tuple:
        return _of_many(_of(typing.get_args(hint)[0]))
    if isinstance(hint, type) and issubclass(hint, enum.Enum):
        return _of_enum(hint)
    return PLAIN[origin or hint]


@cache
def shape_of(command: type) -> dict[str, Shape]:
    """The shape of every field of a command class, from its annotations."""
    hints = typing.get_type_hints(command)
    found = {}
    for field in dataclasses.fields(command):
        read, words, schema = _of(hints[field.name])
        required = field.default is dataclasses.MISSING and field.default_factory is dataclasses.MISSING
        found[field.name] = Shape(read, words, schema, required, None if required else field.default)
    return found


def to_plain(value: Any) -> Any:
    """A field's value as plain data; what `Shape.read` reads back."""
    if isinstance(value, tuple | list):
        return [one if type(one) in _AS_IT_IS else to_plain(one) for one in value]
    if isinstance(value, dict):
        return {key: one if type(one) in _AS_IT_IS else to_plain(one) for key, one in value.items()}
    writer = _WRITERS.get(type(value)) or (_WRITERS[enum.Enum] if isinstance(value, enum.Enum) else None)
    return writer(value) if writer else value


_AS_IT_IS = frozenset({str, int, bool, float, type(None)})
_WRITERS: dict[type, Callable[[Any], Any]] = {
    UUID: lambda value: value.hex,
    Quantity: str,
    Money: lambda value: value.minor,
    datetime: millis,
    date: lambda value: value.isoformat(),
    enum.Enum: lambda value: value.value,
}


def schema_of_type(hint: Any) -> dict[str, Any]:
    """The JSON schema of one annotated type, such as a query's argument."""
    return _of(hint)[2]


def schema_of(command: type) -> dict[str, Any]:
    """The JSON schema (2020-12) of a command's fields."""
    shapes = shape_of(command)
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: shape.schema for name, shape in shapes.items()},
        "required": [name for name, shape in shapes.items() if shape.required],
    }
