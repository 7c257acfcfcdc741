"""Saving many records by one command: imports, backlogs and other systems' records, looked up and captured set-wise."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any, cast
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.kernel.commands import MANY_ROWS, Command, encode
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.filling import Key, field_named, natural_key, read_value
from app.kernel.many import among
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.saving import Saved, dangling, links, made, put, refuse_ledger, without_secrets
from app.kernel.shapes import PLAIN
from app.kernel.unique import id_taken, of_another_kind, taken
from app.kernel.words import _
from app.kernel.work import Work

MANY = 2000
CHUNK = 2000  # values looked up at once
TOLD = 20  # rows of a refused try that its log keeps
_PLACED = re.compile(r"rows\[(\d+)\]\.?(.*)", re.DOTALL)
Values = dict[str, Any]


@dataclass(frozen=True, kw_only=True)
class SaveMany(Command):
    """Makes or changes up to 2,000 records of one entity: imports, backlogs and other systems' records."""

    label = _("Records taken in")
    about = MANY_ROWS
    entity: str
    rows: list[Any] = dataclass_field(default_factory=list)  # maps of field to value; found again by id or natural key

    def grant(self, registry: Registry) -> str:
        return registry.grant_of(registry.entity(self.entity), "edit")

    def told(self, registry: Registry) -> dict[str, Any]:
        first = [without_secrets(registry, self.entity, row) for row in self.rows[:TOLD] if isinstance(row, dict)]
        return {**encode(self), "rows": first, "count": len(self.rows)}


def save_many(do: SaveMany, work: Work) -> None:
    """All rows or none; when any is refused, the problems of every bad row are told at once, each at its place."""
    entity = work.registry.entity(do.entity)
    refuse_ledger(work.registry, entity)
    too_many(do.rows)
    batch = _Batch(work, entity)
    for place, plain in enumerate(do.rows):
        with batch.at(place):
            batch.read(place, plain)
    batch.find()
    batch.keep_unique()
    batch.keep_links()
    for place in list(batch.given):
        with batch.at(place):
            batch.fill(place)
    if batch.problems:
        raise Refused(*batch.problems)
    work.add_many(list(batch.fresh.values()))


def placed(problem: Problem, place: int) -> Problem:
    """The problem, said of one row of many."""
    return replace(problem, field=f"rows[{place}].{problem.field}".rstrip("."))


def place_of(field: str) -> tuple[int | None, str]:
    """Which row of many a problem's field speaks of, and the field in it; no row where it concerns the whole command."""
    found = _PLACED.fullmatch(field)
    return (int(found[1]), found[2]) if found else (None, field)


def chunks(values: Iterable[Any]) -> Iterator[list[Any]]:
    """Different values, as many at a time as one IN list takes."""
    wanted = list(dict.fromkeys(values))
    for start in range(0, len(wanted), CHUNK):
        yield wanted[start : start + CHUNK]


def by_natural_key(session: Session, entity: type[Entity], org_id: UUID, keys: Iterable[Key]) -> dict[Key, Entity]:
    """The records in use that these natural keys name."""
    names = entity.__about__.natural
    if not names:
        return {}
    found: dict[Key, Entity] = {}
    first = getattr(entity, names[0])
    for some in chunks(key[0] for key in keys):
        rows = session.scalars(
            select(entity).where(entity.org_id == org_id, among(session, first, some), entity.retired.is_(False))
        )
        found |= {tuple(getattr(row, name) for name in names): row for row in rows}
    return found


def by_id(session: Session, entity: type[Entity], idents: Iterable[UUID]) -> dict[UUID, Entity]:
    """The records with these ids, whoever owns them."""
    found: dict[UUID, Entity] = {}
    for some in chunks(idents):
        found |= {row.id: row for row in session.scalars(select(entity).where(among(session, entity.id, some)))}
    return found


class _Batch:
    """The rows of one SaveMany on their way into the store; what is wrong with a row takes it out, and is kept."""

    def __init__(self, work: Work, entity: type[Entity]) -> None:
        self.work = work
        self.entity = entity
        self.problems: list[Problem] = []
        self.given: dict[int, Values] = {}
        self.fresh: dict[int, Entity] = {}
        self._idents: dict[int, UUID] = {}
        self._there: dict[int, Entity] = {}

    @contextmanager
    def at(self, place: int) -> Iterator[None]:
        """Work on one row: what refuses it or is noted of it is said at its place."""
        noted = len(self.work.findings)
        try:
            yield
        except Refused as refused:
            self.problems.extend(placed(problem, place) for problem in refused.problems)
            self.given.pop(place, None)
        self.work.findings[noted:] = [placed(problem, place) for problem in self.work.findings[noted:]]

    def read(self, place: int, plain: Any) -> None:
        if not isinstance(plain, dict):
            raise Refused(_no_map(plain))
        given = {name: read_value(field_named(self.entity, name), value) for name, value in plain.items() if name != "id"}
        if plain.get("id") is not None:
            self._idents[place] = PLAIN[UUID][0](plain["id"], "id")
        self.given[place] = given

    def find(self) -> None:
        """Looks up, at once, which of the rows are there already; a row that comes twice in one command is refused."""
        keys = {place: key for place, given in self.given.items() if (key := natural_key(self.entity, given)) is not None}
        with self.work.session.no_autoflush:
            known = by_id(self.work.session, self.entity, self._idents.values())
            new = [ident for ident in self._idents.values() if ident not in known]
            others = of_another_kind(self.work.session, self.work.registry, self.entity, new)
            named = by_natural_key(self.work.session, self.entity, self.work.envelope.org_id, keys.values())
        first: dict[object, int] = {}
        for place in list(self.given):
            ident, key = self._idents.get(place), keys.get(place)
            row = known.get(ident) if ident else named.get(key or ())
            if row is not None:
                self._there[place] = row
            if ident in others:
                self._refuse(place, id_taken())
            if (name := ident or key) is not None and first.setdefault(name, place) != place:
                with self.at(place):
                    raise Refused(alike(self.entity, self.entity.__about__.natural))

    def keep_unique(self) -> None:
        """Holds the new values of unique fields against each other and against the store, with few questions."""
        for field in fields_of(self.entity).values():
            if field.unique:
                self._keep_unique(field)

    def _keep_unique(self, field: Field) -> None:
        wanted: dict[Any, int] = {}
        for place, given in list(self.given.items()):
            value = given.get(field.name)
            if value in (None, "") or (place in self._there and same(getattr(self._there[place], field.name), value)):
                continue
            if wanted.setdefault(value, place) != place:
                self._refuse(place, twice(field, value))
        for value, other in self._holders(field, wanted):
            if wanted[value] in self.given and self._id_at(wanted[value]) != other:
                self._refuse(wanted[value], taken(field, value, self.work.session.get_one(self.entity, other)))

    def _id_at(self, place: int) -> UUID:
        if place in self._there:
            return self._there[place].id
        return self._idents.get(place) or self.work.new_id(self.entity, str(place))

    def _holders(self, field: Field, wanted: Mapping[Any, int]) -> Iterator[tuple[Any, UUID]]:
        """Who has these values now, as (value, id)."""
        column = cast("ColumnElement[Any]", getattr(self.entity, field.name))
        here = self.entity.org_id == self.work.envelope.org_id, self.entity.retired.is_(False)
        with self.work.session.no_autoflush:
            for some in chunks(wanted):
                holding = select(column, self.entity.id).where(*here, among(self.work.session, column, some))
                found = self.work.session.execute(holding)
                yield from ((value, ident) for value, ident in found)

    def _refuse(self, place: int, problem: Problem) -> None:
        with self.at(place):
            self.work.check(problem)

    def keep_links(self) -> None:
        """Holds the new links against what is known, with one question for each field."""
        for field, target in links(self.work, self.entity):
            wanted = {place: given[field.name] for place, given in self.given.items() if given.get(field.name) is not None}
            self.work.reads.update(wanted.values())
            with self.work.session.no_autoflush:
                known = by_id(self.work.session, target, wanted.values())
            for place, ident in wanted.items():
                if ident not in self._idents.values():  # a record of this very command
                    problem = dangling(self.work, field, target, known.get(ident))
                    if problem is not None:
                        self._refuse(place, problem)

    def fill(self, place: int) -> None:
        """Makes or changes the record; one that is the same already is left alone."""
        row, given = self._there.get(place), self.given[place]
        if row is None:
            row = made(self.entity, self.work, given, self._idents.get(place), slot=str(place))
            self._hold_rules(row, fresh=True)
            self.fresh[place] = row
            return
        self.work.get(self.entity, row.id)
        was = {name: getattr(row, name) for name, value in given.items() if not same(getattr(row, name), value)}
        try:
            for name in was:
                put(self.work, row, field_named(self.entity, name), given[name])
            if was:
                self._hold_rules(row, fresh=False)
        except Refused:
            for name, value in was.items():  # the rows after it are judged without it
                setattr(row, name, value)
            raise

    def _hold_rules(self, row: Entity, *, fresh: bool) -> None:
        for rule in self.work.registry.rules.get(self.entity, ()):
            self.work.check(rule(row, self.work))
        self.work.emit(Saved(row=row, fresh=fresh))


def same(current: Any, wanted: Any) -> bool:
    """Whether a field would stay as it is; no text and empty text are the same."""
    return current == wanted or (current in (None, "") and wanted in (None, ""))


def alike(entity: type[Entity], natural: Sequence[str]) -> Problem:
    """Two rows of one command stand for one record."""
    labels = ", ".join(fields_of(entity)[name].label for name in natural) or "id"
    return Problem(
        "record.twice",
        _("This record comes twice: both rows have the same {labels}."),
        field=natural[0] if natural else "id",
        hint=_("Keep one of the two rows."),
        values={"labels": labels},
    )


def twice(field: Field, value: Any) -> Problem:
    """Two records of one command want one code."""
    return Problem(
        "record.taken_twice",
        _("{label} “{value}” comes twice."),
        field=field.name,
        hint=_("Give each record its own, or leave it empty on one of them."),
        values={"label": field.label, "value": value},
    )


def _no_map(plain: Any) -> Problem:
    return Problem(
        "record.no_map",
        _("“{value}” is not a record."),
        hint=_("Give each record as an object of its fields."),
        values={"value": str(plain)[:40]},
    )


def too_many(rows: Sequence[object]) -> None:
    """Refused where there are more rows than one command takes."""
    if len(rows) > MANY:
        raise Refused(
            Problem(
                "record.too_many",
                _("{count} records are too many for one command."),
                hint=_("Send at most {most} at a time."),
                values={"count": len(rows), "most": MANY},
            )
        )
