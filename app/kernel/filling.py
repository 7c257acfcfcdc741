"""A record's fields from plain data: which there are, what fits each, and what finds a record again."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from typing import Any
from uuid import UUID

from app.kernel.entity import Entity, Field, fields_of
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.shapes import PLAIN
from app.kernel.types import Quantity
from app.kernel.words import _

_KINDS: dict[str, Any] = {
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
    if value is None or value == "":
        if field.required and value is None:
            raise Refused(missing(field))
        return "" if field.kind in ("text", "choice") and field.required else None
    kind = _KINDS.get(field.kind)
    read = PLAIN[kind][0](value, field.name) if kind else value
    problem = too_long(field, read) or no_choice(field, read)
    if problem is not None:
        raise Refused(problem)
    return read


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
    if not field.choices or any(value == word for word, _label in field.choices):
        return None
    return Problem(
        "record.choice",
        _("“{value}” is not one of the choices of {label}."),
        field=field.name,
        hint=_("Choose one of: {choices}."),
        values={"value": str(value)[:40], "label": field.label, "choices": ", ".join(word for word, _label in field.choices)},
    )


Key = tuple[Any, ...]


def natural_key(entity: type[Entity], values: Mapping[str, Any]) -> Key | None:
    """What finds a record again when it comes a second time, from values that were read; None where its first part is empty."""
    names = entity.__about__.natural
    key = tuple(None if values.get(name) == "" else values.get(name) for name in names)
    return key if key and key[0] is not None else None
