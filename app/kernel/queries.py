"""Reading: an `Ask` is a select with named columns that pages by key, filters and sorts by data, and is never a write."""

from __future__ import annotations

import inspect
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from dataclasses import field as given_by
from datetime import UTC, date, datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Integer, Select, String, Subquery, cast, event, func, literal, null, select, tuple_
from sqlalchemy.orm import ORMExecuteState, Session

from app.kernel import page_keys
from app.kernel.access import Actor
from app.kernel.entity import Entity, fields_of
from app.kernel.filling import KINDS
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.shapes import PLAIN
from app.kernel.sight import criteria
from app.kernel.types import Quantity, moment
from app.kernel.words import _

Row = dict[str, Any]
MOST = 1000  # rows in one page


@dataclass(frozen=True)
class Column:
    """A named column of an Ask: its label for people and the kind of its values."""

    name: str
    label: str
    kind: str = "text"
    empty: bool = False  # may hold nothing


@dataclass(frozen=True)
class Filter:
    """A condition as data: field, one of `= != < <= > >= has in`, and a value."""

    field: str
    op: str
    value: Any


@dataclass(frozen=True)
class Ask:
    """What a screen, a report or another program asks. The select labels its columns; `key` names those that tell rows apart."""

    statement: Select[*tuple[Any, ...]]
    columns: tuple[Column, ...]
    order: str = "id"  # a leading minus sorts downwards
    reads: frozenset[str] = frozenset()
    key: tuple[str, ...] = ("id",)
    needs: str = ""  # the grant it is asked with: what lies in store rooms is seen where that is held
    told: Callable[[list[Row]], list[Row]] | None = None  # puts the words of a page's rows together for people
    led: Mapping[str, Select[*tuple[Any, ...]]] = given_by(default_factory=dict)  # the same rows, read along a column's own index
    counted: Select[*tuple[Any, ...]] | None = None  # as many rows, with fewer tables
    found: Select[*tuple[Any, ...]] | None = None  # these rows, and perhaps others, to look one up in by its key

    def column(self, name: str) -> Column:
        found = next((column for column in self.columns if column.name == name), None)
        if found is None:
            raise Refused(
                Problem(
                    "ask.no_column",
                    _("There is no column “{name}”."),
                    field=name[:60],
                    hint=_("There are: {names}."),
                    values={"name": name[:60], "names": ", ".join(column.name for column in self.columns)},
                )
            )
        return found


@dataclass(frozen=True)
class Page:
    """Some rows in order, and the key after which the next page begins; no key after the last page."""

    rows: list[Row]
    next: str | None


class ReadSession(Session):
    """A session that sees only what its actor may see, and refuses every write."""


def reader(engine: Any, actor: Actor, registry: Registry) -> ReadSession:
    """A read session in the name of an actor."""
    info = {"actor": actor, "registry": registry, "orgs": {actor.org_id}}
    return ReadSession(engine, autoflush=False, info=info)


@event.listens_for(ReadSession, "do_orm_execute")
def _within_scope(state: ORMExecuteState) -> None:
    if not state.is_select:
        raise TypeError("a query does not write")
    info, needs = state.session.info, state.execution_options.get("needs", "")
    state.statement = state.statement.options(*criteria(info["actor"], info["registry"], needs))


@event.listens_for(ReadSession, "before_flush")
def _never_write(session: Session, _context: Any, _instances: Any) -> None:
    if session.new or session.dirty or session.deleted:
        raise TypeError("a query does not write")


@dataclass(frozen=True)
class Asking:
    """What a query's builder may use: who asks and when, and, read-only, the store."""

    session: Session
    actor: Actor
    registry: Registry
    now: datetime = given_by(default_factory=lambda: datetime.now(UTC))


@dataclass(frozen=True)
class Query:
    """A declared question: its name, the grant to ask it, one sentence, and the function that builds its Ask."""

    name: str
    build: Callable[..., Ask]
    needs: str
    sentence: str

    def arguments(self) -> dict[str, inspect.Parameter]:
        found = dict(inspect.signature(self.build, eval_str=True).parameters)
        found.pop(next(iter(found)))
        return found

    def ask(self, asking: Asking, given: dict[str, Any]) -> Ask:
        """Builds the Ask; arguments may be text, as the command line gives them."""
        known = self.arguments()
        wrong = [_no_argument(self.name, name, known) for name in given if name not in known]
        wrong += [_missing(self.name, name) for name, one in known.items() if one.default is one.empty and name not in given]
        if wrong:
            raise Refused(*wrong)
        return self.build(asking, **{name: _argument(known[name], value) for name, value in given.items()})


def _no_argument(query: str, name: str, known: Mapping[str, object]) -> Problem:
    return Problem(
        "ask.no_argument",
        _("“{query}” takes no “{name}”."),
        field=name[:60],
        hint=_("It takes: {names}."),
        values={"query": query, "name": name[:60], "names": ", ".join(known) or "–"},
    )


def _missing(query: str, name: str) -> Problem:
    return Problem(
        "ask.missing",
        _("“{query}” needs to know “{name}”."),
        field=name,
        hint=_("Write {name}= and its value."),
        values={"query": query, "name": name},
    )


_YES_OR_NO = {"true": True, "1": True, "yes": True, "false": False, "0": False, "no": False}


def _argument(parameter: inspect.Parameter, value: Any) -> Any:
    kind = parameter.annotation
    if not isinstance(value, str) or kind is str:
        return value
    try:
        if kind is bool:
            return _YES_OR_NO[value.casefold()]
        return UUID(value) if "UUID" in str(kind) else int(value)
    except (KeyError, ValueError):
        raise Refused(
            Problem(
                "ask.unreadable",
                _("“{value}” does not fit “{name}”."),
                field=parameter.name,
                hint=_("Write {kind}."),
                values={"value": value[:60], "name": parameter.name, "kind": _words_of(kind)},
            )
        ) from None


def _words_of(kind: Any) -> str:
    if kind is bool:
        return "true / false"
    return "an id (UUID)" if "UUID" in str(kind) else "a whole number"


def page(
    session: Session, ask: Ask, *, after: str | None = None, limit: int = 50, sort: str = "", filters: Sequence[Filter] = ()
) -> Page:
    """One page of an Ask, after the key that the page before it gave."""
    order = sort or ask.order
    name, down = order.lstrip("-"), order.startswith("-")
    source = ask.led.get(name, ask.statement).subquery("ask")
    if name not in ask.key:
        ask.column(name)  # refuses one that is not there
    names = tuple(dict.fromkeys((name, *ask.key)))
    keys = [key_of(source.c[one], ask, one) for one in names]
    wanted = select(source).where(*_conditions(ask, source, filters))
    if after:
        wanted = wanted.where(_beyond(keys, page_keys.opened(after, names), down=down))
    limit = max(1, min(limit, MOST))
    ordered = wanted.order_by(*(key.desc() if down else key for key in keys)).limit(limit + 1)
    rows = [dict(row) for row in session.execute(ordered, execution_options={"needs": ask.needs}).mappings()]
    more = len(rows) > limit
    return Page(told(ask, rows[:limit]), end_of(ask, order, rows[limit - 1]) if more else None)


def end_of(ask: Ask, order: str, row: Row) -> str:
    """The key after which a page begins that follows a row, as it was read."""
    names = tuple(dict.fromkeys((order.lstrip("-"), *ask.key)))
    return page_keys.sealed(names, [_filled(ask, one, row[one]) for one in names])


def told(ask: Ask, rows: list[Row]) -> list[Row]:
    """The words of some rows, put together for people."""
    return ask.told(rows) if ask.told else rows


def narrowed(
    ask: Ask, statement: Select[*tuple[Any, ...]], filters: Sequence[Filter]
) -> tuple[Subquery, list[ColumnElement[bool]]]:
    """The rows of an Ask as a table to select from, and what those must meet that pass the filters."""
    source = statement.subquery("ask")
    return source, _conditions(ask, source, filters)


def count(session: Session, ask: Ask, filters: Sequence[Filter] = ()) -> int:
    """The true number of rows."""
    source = (ask.statement if ask.counted is None or filters else ask.counted).subquery("ask")
    wanted = select(func.count()).select_from(source).where(*_conditions(ask, source, filters))
    return session.scalar(wanted, execution_options={"needs": ask.needs}) or 0


def rows(session: Session, ask: Ask, filters: Sequence[Filter] = (), sort: str = "") -> Iterator[Row]:
    """Every row in order, page after page, for exports and reports."""
    after: str | None = None
    while True:
        one = page(session, ask, after=after, limit=MOST, sort=sort, filters=filters)
        yield from one.rows
        after = one.next
        if after is None:
            return


def key_of(column: ColumnElement[Any], ask: Ask, name: str) -> ColumnElement[Any]:
    """What rows are ordered by; nothing counts as the smallest there is, and no as less than yes."""
    if name in ask.key:
        return column
    if ask.column(name).kind == "flag":
        column = cast(column, Integer)
    if not ask.column(name).empty:
        return column
    return func.coalesce(column, literal(_filled(ask, name, None), column.type))


def _filled(ask: Ask, name: str, value: Any) -> Any:
    if value is not None or name in ask.key:
        return int(value) if isinstance(value, bool) else value
    smallest: dict[str, Any] = {
        "number": -(1 << 62),
        "quantity": Quantity.of_thousandths(-(1 << 62)),
        "money": Money(-(1 << 52)),
        "moment": moment(-(1 << 42)),
        "day": date.min,
        "flag": 0,
        "link": UUID(int=0),
    }
    return smallest.get(ask.column(name).kind, "")


def _beyond(keys: Sequence[ColumnElement[Any]], last: Sequence[Any], *, down: bool) -> ColumnElement[bool]:
    """Lexicographically after (or, sorted downwards, before) the last row's key."""
    seen = tuple_(*(literal(value, key.type) for key, value in zip(keys, last, strict=True)))
    return tuple_(*keys) < seen if down else tuple_(*keys) > seen


WORDY = ("text", "choice")  # the kinds of columns in which a piece of text can be sought
_OPS: dict[str, Callable[[Any, Any], ColumnElement[bool]]] = {
    "=": lambda column, value: column == value,
    "!=": lambda column, value: column != value,
    "<": lambda column, value: column < value,
    "<=": lambda column, value: column <= value,
    ">": lambda column, value: column > value,
    ">=": lambda column, value: column >= value,
    "has": lambda column, value: column.icontains(str(value), autoescape=True),
    "in": lambda column, value: column.in_(value),
}


def _conditions(ask: Ask, source: Any, filters: Sequence[Filter]) -> list[ColumnElement[bool]]:
    found = []
    for one in filters:
        ask.column(one.field)
        if one.op not in _OPS:
            raise Refused(
                Problem(
                    "ask.no_operator",
                    _("“{op}” compares nothing."),
                    hint=_("Use one of {ops}."),
                    values={"op": one.op[:10], "ops": " ".join(_OPS)},
                )
            )
        found.append(_OPS[one.op](source.c[one.field], _wanted(ask.column(one.field), one)))
    return found


def _wanted(column: Column, one: Filter) -> Any:
    """A filter's value as its column keeps it; Refused where it does not fit."""
    if one.op == "in":
        if not isinstance(one.value, list | tuple | set | frozenset):
            raise Refused(_no_value(column, one.value))
        return [_fitting(column, value) for value in one.value]
    if one.op == "has":
        if not isinstance(one.value, str) or column.kind not in WORDY:
            raise Refused(_no_value(column, one.value))
        return _fitting(column, one.value)
    return None if one.value is None and one.op in ("=", "!=") else _fitting(column, one.value)


def _fitting(column: Column, value: Any) -> Any:
    kind = KINDS.get(column.kind)
    if kind is None or value is None:
        raise Refused(_no_value(column, value))
    if isinstance(value, kind) and not isinstance(value, bool | int | str):
        return value
    return PLAIN[kind][0](value, column.name)


def _no_value(column: Column, value: Any) -> Problem:
    return Problem(
        "ask.unreadable",
        _("“{value}” does not fit “{name}”."),
        field=column.name,
        hint=_("Compare it with what the column shows; “in” takes a list."),
        values={"value": str(value)[:60], "name": column.name},
    )


def list_of(registry: Registry, entity: type[Entity], names: Sequence[str] = (), actor: Actor | None = None) -> Ask:
    """The plain list of an entity: its declared fields, links by the title of what they point to, retired rows left out.

    Titles of what the actor may not read stay empty.
    """
    declared = fields_of(entity)
    chosen = [
        declared[name]
        for name in (names or declared)
        if not declared[name].secret and declared[name].kind not in ("data", "extras")
    ]
    parts: list[Any] = [entity.id.label("id")]
    columns = []
    for field in chosen:
        column = getattr(entity, field.name)
        if field.kind == "link" and field.target in registry.entities:
            target = registry.entities[field.target]
            seen = actor is None or actor.can(registry.grant_of(target, "read"))
            title = _title_of(target, column) if seen else cast(null(), String)
            parts.append(title.label(field.name.removesuffix("_id")))
            columns.append(Column(field.name.removesuffix("_id"), field.label, "text", empty=True))
        else:
            parts.append(column.label(field.name))
            columns.append(Column(field.name, field.label, field.kind, empty=not field.required))
    first = next((column.name for column in columns if column.name in entity.__about__.title), "id")
    first = "-id" if registry.is_ledger(entity) else first  # ids go with the time
    reads = frozenset({entity.__tablename__} | {field.target for field in chosen if field.target})
    return Ask(select(*parts).where(entity.retired.is_(False)), tuple(columns), order=first, reads=reads)


def _title_of(target: type[Entity], link: Any) -> Any:
    title = getattr(target, target.__about__.title[0])
    return select(title).where(target.id == link).correlate_except(target).scalar_subquery()
