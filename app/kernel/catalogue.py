"""What there is, for other programs: commands, queries and entities, each with its grant, one sentence and its JSON schema."""

from __future__ import annotations

import dataclasses
import inspect
from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

from app.kernel.commands import Command
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.problems import Problem
from app.kernel.shapes import schema_of, schema_of_type

if TYPE_CHECKING:
    from app.kernel.queries import Query
    from app.kernel.registry import Registry

Entry = dict[str, Any]


def first_sentence(text: str | None) -> str:
    """The first sentence of a docstring, on one line."""
    whole = " ".join(inspect.cleandoc(text or "").split("\n\n")[0].split())
    return whole.split(". ")[0].removesuffix(".") + "." if whole else ""


# -------------------------------------------------------------------------------------------------------------- commands


def commands(registry: Registry) -> Iterator[Entry]:
    for name, kind in sorted(registry.commands.items()):
        yield {
            "name": name,
            "grant": kind.needs or "depends on the record",
            "authority": kind.authority.value,
            "about": first_sentence(kind.__doc__),
            "schema": outward(kind),
        }


def has_own_id(kind: type[Command]) -> bool:
    """Whether a command has a field `id`. On the command line `id` is the command's own, so the field is called `row` there."""
    return any(field.name == "id" for field in dataclasses.fields(kind))


def inward(kind: type[Command], fields: dict[str, Any]) -> dict[str, Any]:
    """The fields of a line by the names that the command has for them."""
    return {"id" if name == "row" else name: value for name, value in fields.items()} if has_own_id(kind) else fields


def outward(kind: type[Command]) -> dict[str, Any]:
    """The schema of a line's fields, without `do` and `id`."""
    schema = schema_of(kind)
    if not has_own_id(kind):
        return schema
    named = {"row" if name == "id" else name: one for name, one in schema["properties"].items()}
    return {**schema, "properties": named, "required": ["row" if name == "id" else name for name in schema["required"]]}


def outward_problem(kind: type[Command], problem: Problem) -> Problem:
    """What is wrong with a line, by the names that its fields have there."""
    if not has_own_id(kind):
        return problem
    names = {"fields": ", ".join("row" if name == "id" else name for name in str(problem.values.get("fields", "")).split(", "))}
    if problem.field == "id":
        names["field"] = "row"
    values = {name: names.get(name, value) for name, value in problem.values.items()}
    return dataclasses.replace(problem, field=names.get("field", problem.field), values=values)


# --------------------------------------------------------------------------------------------------------------- queries


def queries(registry: Registry) -> Iterator[Entry]:
    for name, query in sorted(registry.queries.items()):
        yield {"name": name, "grant": query.needs, "about": query.sentence, "schema": arguments_of(query)}


def arguments_of(query: Query) -> dict[str, Any]:
    found = query.arguments()
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {name: schema_of_type(one.annotation) for name, one in found.items()},
        "required": [name for name, one in found.items() if one.default is inspect.Parameter.empty],
    }


# -------------------------------------------------------------------------------------------------------------- entities


def entities(registry: Registry) -> Iterator[Entry]:
    for name, entity in sorted(registry.entities.items()):
        about = entity.__about__
        yield {
            "name": name,
            "grant": f"{registry.grant_of(entity, 'read')}, {registry.grant_of(entity, 'edit')}",
            "about": first_sentence(entity.__doc__),
            "label": about.label,
            "scan": about.scan,
            "natural": list(about.natural),
            "sync": about.sync.value,
            "schema": fields_schema(entity),
        }


def fields_schema(entity: type[Entity]) -> dict[str, Any]:
    found = {name: field for name, field in fields_of(entity).items() if not field.secret}
    columns = entity.__table__.columns
    return {
        "type": "object",
        "properties": {name: field_schema(field) for name, field in found.items()},
        "required": [name for name, field in found.items() if field.required and columns[name].default is None],
    }


_KINDS: dict[str, dict[str, Any]] = {
    "text": {"type": "string"},
    "number": {"type": "integer"},
    "quantity": {"type": ["string", "number"], "description": "a quantity with at most three decimals"},
    "money": {"type": "integer", "description": "minor units"},
    "choice": {"type": "string"},
    "link": {"type": "string", "format": "uuid"},
    "day": {"type": "string", "format": "date"},
    "moment": {"type": "string", "format": "date-time"},
    "flag": {"type": "boolean"},
}


def field_schema(field: Field) -> dict[str, Any]:
    schema: dict[str, Any] = {"title": field.label, **_KINDS.get(field.kind, {})}
    if field.kind == "text":
        schema["maxLength"] = field.size
    if field.choices:
        schema["enum"] = [stored for stored, _label in field.choices]
    if field.target:
        schema["description"] = f"id of a {field.target}"
    return schema
