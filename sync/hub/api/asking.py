"""Lists over HTTP: any query and any entity's rows, page after page, filtered and sorted by what stands in the address."""

from __future__ import annotations

import dataclasses
import re
from collections.abc import Callable, Iterator, Mapping
from functools import partial
from typing import Any

from app.kernel import queries
from app.kernel.catalogue import arguments_of
from app.kernel.entity import Entity, fields_of
from app.kernel.problems import Problem, Refused
from app.kernel.queries import Ask, Column, Filter, Query
from app.kernel.registry import Registry
from app.kernel.strict import shown
from app.kernel.words import _
from sync.hub.api.operations import Call, Operation, Parameter, Reply, Schema

MOST = 500  # rows in one page
OPS = {"eq": "=", "ne": "!=", "lt": "<", "le": "<=", "gt": ">", "ge": ">=", "has": "has", "in": "in"}
YES = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}
_NAME = re.compile(r"([a-z][a-z0-9_]*)(?:\[([a-z]+)\])?", re.ASCII)
PAGING = (
    Parameter("limit", f"Rows in this page, 1 to {MOST}.", {"type": "integer", "minimum": 1, "maximum": MOST, "default": 50}),
    Parameter("after", "The key that the page before gave as `next`."),
    Parameter("sort", "The column to sort by; with a leading minus downwards."),
    Parameter("fields", "The columns that are wanted, with commas between them."),
    Parameter("total", "Whether to count all rows too.", {"type": "boolean", "default": False}),
)
FILTERING = (
    "Filters are `column=value`, or `column[op]=value` with eq, ne, lt, le, gt, ge, has (a piece of text), in (values with "
    "commas between them) and empty (true or false)."
)
ROWS: Schema = {
    "type": "object",
    "required": ["rows", "next"],
    "properties": {
        "rows": {"type": "array", "items": {"type": "object"}},
        "next": {"type": ["string", "null"], "description": "the key of the next page; null after the last one"},
        "total": {"type": "integer", "description": "how many rows there are, where it was asked"},
    },
}
Widens = Callable[[Ask], Ask]


def operations(registry: Registry) -> Iterator[Operation]:
    """Every declared query."""
    for name, query in sorted(registry.queries.items()):
        arguments = arguments_of(query)
        own = tuple(
            Parameter(one, "What is asked about.", schema, required=one in arguments["required"])
            for one, schema in arguments["properties"].items()
        )
        yield Operation(
            "GET",
            f"/queries/{name}",
            f"ask_{name}",
            f"{query.sentence} {FILTERING}",
            "queries",
            partial(ask_query, query),
            grant=query.needs,
            takes=(*own, *PAGING),
            gives=ROWS,
        )


def ask_query(query: Query, call: Call) -> Reply:
    """A page of a declared query."""
    given = dict(call.query)
    known = query.arguments()
    arguments = {name: value for name, value in given.items() if name in known}
    return page(call, query.name, arguments)


def page(call: Call, name: str, arguments: Mapping[str, Any] | None = None, widens: Widens = lambda ask: ask) -> Reply:
    """A page of what is called so, as its address says."""
    arguments = arguments or {}
    said = _said(call, arguments)
    app = call.api.hub.app
    with app.read(call.actor) as session:
        ask = widens(app.asked(session, name, call.actor, dict(arguments)))
        filters = list(_filters(ask, said))
        limit = _limit(said.get("limit", "50"))
        found = queries.page(session, ask, after=said.get("after"), limit=limit, sort=said.get("sort", ""), filters=filters)
        body: dict[str, Any] = {"rows": list(_rows(ask, found.rows, said.get("fields", ""))), "next": found.next}
        if _flag("total", said.get("total", "false")):
            body["total"] = queries.count(session, ask, filters)
    return Reply(body)


def with_links(entity: type[Entity], registry: Registry) -> Widens:
    """An entity's plain list tells links by their titles; here their ids stand beside them, and when each row was made."""
    links = [field for field in fields_of(entity).values() if field.kind == "link" and field.target in registry.entities]
    named = {f"{field.name.removesuffix('_id')}_id": field for field in links}  # a title has the name without the ending
    columns = (*(Column(name, field.label, "link", empty=not field.required) for name, field in named.items()), MADE)
    parts = [*(getattr(entity, field.name).label(name) for name, field in named.items()), entity.made_at.label(MADE.name)]

    def widen(ask: Ask) -> Ask:
        return dataclasses.replace(ask, statement=ask.statement.add_columns(*parts), columns=(*ask.columns, *columns))

    return widen


MADE = Column("made_at", _("Made"), "moment")


def _said(call: Call, arguments: Mapping[str, Any]) -> dict[str, str]:
    """What the address says beside a query's own arguments, each thing once."""
    rest = [(name, value) for name, value in call.query if name not in arguments]
    said = dict(rest)
    if len(said) < len(rest):
        raise Refused(_unclear("?", _("Say each thing once.")))
    return said


def _rows(ask: Ask, rows: list[dict[str, Any]], wanted: str) -> Iterator[dict[str, Any]]:
    names = [name for name in wanted.split(",") if name]
    for name in names:
        if name not in ask.key:
            ask.column(name)  # refuses one that is not there
    for row in rows:
        yield {name: shown(row[name]) for name in names or row}


def _filters(ask: Ask, said: Mapping[str, str]) -> Iterator[Filter]:
    paging = {one.name for one in PAGING}
    for name, value in said.items():
        if name in paging:
            continue
        found = _NAME.fullmatch(name)
        if found is None:
            raise Refused(_unclear(name, _("Filters are column=value or column[op]=value.")))
        yield _filter(ask.column(found[1]), found[2] or "eq", value)


def _filter(column: Column, op: str, value: str) -> Filter:
    if op == "empty":
        return Filter(column.name, "=" if _flag(column.name, value) else "!=", None)
    if op not in OPS:
        raise Refused(_unclear(op, _("A filter compares by eq, ne, lt, le, gt, ge, has, in or empty.")))
    if op == "in":
        return Filter(column.name, "in", [_read(column, one) for one in value.split(",")])
    return Filter(column.name, OPS[op], value if op == "has" else _read(column, value))


def _read(column: Column, value: str) -> Any:
    """A value of the address as plain data, which the query itself reads further."""
    if column.kind == "flag":
        return _flag(column.name, value)
    if column.kind not in ("number", "money"):
        return value
    try:
        return int(value)
    except ValueError:
        raise Refused(_unclear(column.name, _("Give a whole number."))) from None


def _flag(name: str, value: str) -> bool:
    if value not in YES:
        raise Refused(_unclear(name, _("Give true or false.")))
    return YES[value]


def _limit(value: str) -> int:
    if not (value.isascii() and value.isdigit() and 1 <= int(value[:6]) <= MOST):
        raise Refused(_unclear("limit", _("Give a number of rows, at most 500.")))
    return int(value)


def _unclear(name: str, hint: str) -> Problem:
    return Problem(
        "api.parameter",
        _("“{name}” in the address cannot be understood."),
        field=name[:60],
        hint=hint,
        values={"name": name[:60]},
    )
