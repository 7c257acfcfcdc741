"""What is unique stays unique within its organisation; a clash between replicas is a finding, never a jam (law of replay 3)."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Any
from uuid import UUID

from sqlalchemy import func, select, union_all
from sqlalchemy.orm import Session

from app.kernel import locks
from app.kernel.capture import Change
from app.kernel.cards import side
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.many import among, among_given, on_hub
from app.kernel.problems import Contest, Problem
from app.kernel.registry import Registry
from app.kernel.rows import image
from app.kernel.words import _

CHUNK = 2000  # values looked up at once


@cache
def unique_fields(entity: type[Entity]) -> tuple[Field, ...]:
    return tuple(field for field in fields_of(entity).values() if field.unique)


def clashes(session: Session, changes: Iterable[Change]) -> list[Problem]:
    """What these flushed changes gave a second time: one question for each unique field that was filled in or changed."""
    wanted: dict[tuple[type[Entity], Field], list[Entity]] = {}
    for change in changes:
        entity = type(change.row)
        for field in unique_fields(entity):
            if _counts(change, field):
                wanted.setdefault((entity, field), []).append(change.row)
    return [problem for (entity, field), rows in wanted.items() for problem in _given_twice(session, entity, field, rows)]


def _counts(change: Change, field: Field) -> bool:
    """Whether a row claims a value that it did not hold before."""
    if change.row.retired or getattr(change.row, field.name) in (None, ""):
        return False
    return change.before is None or field.name in change.before or "retired" in change.before


def _given_twice(session: Session, entity: type[Entity], field: Field, rows: list[Entity]) -> Iterator[Problem]:
    """Two processes of the hub may be giving the same value at once: each waits for the other, and sees what it gave."""
    values = [getattr(row, field.name) for row in rows]
    locks.hold(session, set(map(str, values)), f"{rows[0].org_id}/{entity.__tablename__}.{field.name}")
    for start in range(0, len(rows), CHUNK):
        some = rows[start : start + CHUNK]
        twice = _held_twice(session, field, some, set(values[start : start + CHUNK]))
        if twice:
            yield from _clashes(session, field, [row for row in some if getattr(row, field.name) in twice], twice)


def _held_twice(session: Session, field: Field, rows: list[Entity], values: set[Any]) -> set[Any]:
    """Which of these values more records claim than the one that is looked at: for most there is nothing to fetch."""
    entity, org_id = type(rows[0]), rows[0].org_id
    column: Any = getattr(entity, field.name)
    ours = int(all(row.org_id == org_id for row in rows))
    claimed = select(column).where(entity.org_id == org_id, entity.retired.is_(False), among(session, column, values))
    return set(session.scalars(claimed.group_by(column).having(func.count() > ours)))


def _clashes(session: Session, field: Field, rows: list[Entity], values: set[Any]) -> Iterator[Problem]:
    entity = type(rows[0])
    column: Any = getattr(entity, field.name)
    here = entity.org_id == rows[0].org_id, entity.retired.is_(False)
    same = select(column, entity.id).where(*here, among(session, column, values)).order_by(entity.id)
    holders: dict[Any, list[UUID]] = {}
    for value, holder in session.execute(same):
        holders.setdefault(value, []).append(holder)
    for row in rows:
        other = next((one for one in holders.get(getattr(row, field.name), ()) if one != row.id), None)
        if other is not None:
            yield taken(field, getattr(row, field.name), session.get_one(entity, other), row)


def taken(field: Field, value: Any, other: Entity, row: Entity | None = None) -> Problem:
    """A value belongs to `other`; `row`, where it is there all the same, is named for whoever puts the two together."""
    both = {} if row is None else {"row": row.title, "row_id": row.id.hex, "other_id": other.id.hex}
    return Problem(
        "record.taken",
        _("{label} “{value}” is already used by {other}."),
        field=field.name,
        hint=_("Open that one, or choose another."),
        values={"label": field.label, "value": value, "other": other.title, **both},
        contest=None if row is None else _twins(field, value, other, row),
    )


def _twins(field: Field, value: Any, other: Entity, row: Entity) -> Contest:
    """Two records that claim one value; each side names its record."""
    plain = image(type(row), {field.name: value})[field.name]
    mine = {**side(plain, row.made_by, None, None), "row_id": row.id.hex, "title": row.title}
    theirs = {**side(plain, other.made_by, None, None), "row_id": other.id.hex, "title": other.title}
    return Contest(row.__tablename__, row.id, field.name, mine, theirs)


def of_another_kind(session: Session, registry: Registry, entity: type[Entity], idents: Iterable[UUID]) -> set[UUID]:
    """Which of these ids are those of other entities' rows: an id names one record, and search and the trail rely on it."""
    found: set[UUID] = set()
    ordered = list(dict.fromkeys(idents))
    if ordered and on_hub(session):
        return set(session.scalars(_of_others(tuple(registry.entities.values()), entity), {"given": ordered}))
    for start in range(0, len(ordered), CHUNK):
        some = ordered[start : start + CHUNK]
        others = (select(one.id).where(one.id.in_(some)) for one in registry.entities.values() if one is not entity)
        found |= set(session.scalars(union_all(*others)))
    return found


@cache
def _of_others(known: tuple[type[Entity], ...], entity: type[Entity]) -> Any:
    """The question of all tables but one, in which the ids stand once."""
    return union_all(*(select(one.id).where(among_given(one.id, hub=True)) for one in known if one is not entity))


def id_taken() -> Problem:
    return Problem(
        "record.id_taken", _("This id is that of another record."), field="id", hint=_("Leave it out, and a new one is given.")
    )
