"""Saving many records by one command: imports, backlogs and other systems' records, looked up and captured set-wise."""

from __future__ import annotations

import re
from collections.abc import Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from dataclasses import field as dataclass_field
from typing import Any
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.commands import MANY_ROWS, Command, encode
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.events import concerns
from app.kernel.filling import Key, field_named, natural_key, readers
from app.kernel.ids import derived_ids
from app.kernel.many import among
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.saving import Saved, dangling, links, made_at, put, refuse_ledger, without_secrets
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
    batch.each(enumerate(do.rows), batch.read)
    batch.find()
    batch.keep_unique()
    batch.keep_links()
    batch.each(list(batch.given.items()), batch.fill)
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
    rows = in_use(session, entity, org_id, names[0], (key[0] for key in keys))
    return {tuple(getattr(row, name) for name in names): row for row in rows}


def in_use(session: Session, entity: type[Entity], org_id: UUID, name: str, values: Iterable[Any]) -> list[Entity]:
    """The records in use whose field has one of these values."""
    found: list[Entity] = []
    field = getattr(entity, name)
    for some in chunks(values):
        found += session.scalars(
            select(entity).where(entity.org_id == org_id, among(session, field, some), entity.retired.is_(False))
        )
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
        self._named: list[Entity] = []
        self._readers = readers(entity)
        self._rules = work.registry.rules.get(entity, ())
        self._reactions = [one for one in work.registry.reactions.get(Saved, ()) if concerns(one, entity)]
        self._slots = derived_ids(work.envelope.id, entity.__tablename__)

    def each(self, rows: Iterable[tuple[int, Any]], does: Callable[[int, Any], object]) -> None:
        """Works on one row after the other: what refuses one or is noted of it is said at its place."""
        findings = self.work.findings
        for place, given in rows:
            noted = len(findings)
            try:
                does(place, given)
            except Refused as refused:
                self.problems.extend(placed(problem, place) for problem in refused.problems)
                self.given.pop(place, None)
            if len(findings) > noted:
                findings[noted:] = [placed(problem, place) for problem in findings[noted:]]

    def read(self, place: int, plain: Any) -> None:
        if not isinstance(plain, dict):
            raise Refused(_no_map(plain))
        given: Values = {}
        for name, value in plain.items():
            if name != "id":
                if name not in self._readers:
                    field_named(self.entity, name)  # says which fields there are
                given[name] = self._readers[name](value)
        if plain.get("id") is not None:
            self._idents[place] = PLAIN[UUID][0](plain["id"], "id")
        self.given[place] = given

    def find(self) -> None:
        """Looks up, at once, which of the rows are there already; a row that comes twice in one command is refused."""
        natural = self.entity.__about__.natural
        keys = {place: key for place, given in self.given.items() if (key := natural_key(self.entity, given)) is not None}
        with self.work.session.no_autoflush:
            known = by_id(self.work.session, self.entity, self._idents.values())
            new = [ident for ident in self._idents.values() if ident not in known]
            others = of_another_kind(self.work.session, self.work.registry, self.entity, new)
            if natural:
                self._named = self._in_use(natural[0], (key[0] for key in keys.values()))
        named = {tuple(getattr(row, name) for name in natural): row for row in self._named}
        first: dict[object, int] = {}
        for place in list(self.given):
            ident, key = self._idents.get(place), keys.get(place)
            row = known.get(ident) if ident else named.get(key or ())
            if row is not None:
                self._there[place] = row
            if ident in others:
                self._refuse(place, id_taken())
            if (name := ident or key) is not None and first.setdefault(name, place) != place:
                self._turn_away(place, alike(self.entity, natural))

    def _in_use(self, name: str, values: Iterable[Any]) -> list[Entity]:
        return in_use(self.work.session, self.entity, self.work.envelope.org_id, name, values)

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
            if wanted.get(value) in self.given and self._id_at(wanted[value]) != other:
                self._refuse(wanted[value], taken(field, value, self.work.session.get_one(self.entity, other)))

    def _id_at(self, place: int) -> UUID:
        return self._there[place].id if place in self._there else self._idents.get(place) or self._slots(str(place))

    def _holders(self, field: Field, wanted: Collection[Any]) -> Iterator[tuple[Any, UUID]]:
        """Who has these values now, as (value, id); where they are what records are found by, that has been asked already."""
        with self.work.session.no_autoflush:
            by_key = self.entity.__about__.natural == (field.name,)
            rows = self._named if by_key else self._in_use(field.name, wanted)
        yield from ((getattr(row, field.name), row.id) for row in rows)

    def _refuse(self, place: int, problem: Problem) -> None:
        self.each([(place, problem)], lambda _place, found: self.work.check(found))

    def _turn_away(self, place: int, problem: Problem) -> None:
        """Takes a row out, whatever the command is: nobody could tell which one was meant."""
        self.problems.append(placed(problem, place))
        self.given.pop(place, None)

    def keep_links(self) -> None:
        """Holds the new links against what is known, with one question for each field."""
        own = set(self._idents.values())  # records of this very command
        for field, target in links(self.work, self.entity):
            wanted = {place: given[field.name] for place, given in self.given.items() if given.get(field.name) is not None}
            self.work.reads.update(wanted.values())
            with self.work.session.no_autoflush:
                known = by_id(self.work.session, target, wanted.values())
            for place, ident in wanted.items():
                if ident not in own:
                    problem = dangling(self.work, field, target, known.get(ident))
                    if problem is not None:
                        self._refuse(place, problem)

    def fill(self, place: int, given: Values) -> None:
        """Makes or changes the record; one that is the same already is left alone."""
        row = self._there.get(place)
        if row is None:
            row = made_at(self.entity, self.work, given, self._idents.get(place) or self._slots(str(place)))
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
        for rule in self._rules:
            problem = rule(row, self.work)
            if problem is not None:
                self.work.check(problem)
        if self._reactions:
            event = Saved(row=row, fresh=fresh)
            for reaction in self._reactions:
                reaction(event, self.work)


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
