"""The small language of the maps: which of our records is which of Odoo's, field by field, as plain data."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.entity import Entity
from app.kernel.ids import derived_id
from app.kernel.problems import Problem

MODULE = "fettle"  # under which our external ids stand in Odoo
Value = str | int | float | bool | None


class Stuck(Exception):
    """A record cannot go as it stands. `kind` is retry, mapping or human, as in `errors.Verdict`."""

    def __init__(self, kind: str, problem: Problem) -> None:
        super().__init__(problem.sentence)
        self.kind = kind
        self.problem = problem


class Known(Protocol):
    """What a map may ask while it writes a record in Odoo's words."""

    @property
    def session(self) -> Session: ...

    @property
    def org_id(self) -> UUID: ...

    def number(self, entity: str, ident: UUID) -> int:
        """Odoo's id of a row of ours; Stuck where it is not there."""
        ...

    def maybe(self, entity: str, ident: UUID | None) -> int | None:
        """The same, and None where it is not there."""
        ...

    def matched(self, kind: str, ours: str) -> int:
        """Odoo's id of what somebody matched, such as a unit; Stuck where nobody did."""
        ...

    def place(self, name: str, warehouse: UUID | None = None) -> int:
        """Odoo's id of a place of its company or of one of our warehouses there, such as `wip`; Stuck where it has none."""
        ...


@dataclass(frozen=True)
class Link:
    """A field that names another record: the one that the row which our column names is there."""

    entity: str
    column: str


@dataclass(frozen=True)
class Same:
    """A field that is the same in every record."""

    value: Value


Made = Callable[[Any, Known], Value]
Source = str | Link | Same | Made
"""Where a field's value comes from: a column by its name, a linked row, a fixed value, or what a function makes of the row."""


@dataclass(frozen=True)
class Match:
    """How a record that Odoo has already is found: all these fields of it equal what is ours; the first one is asked by."""

    fields: Mapping[str, Source]
    domain: tuple[Any, ...] = ()  # among which records of Odoo's


@dataclass(frozen=True)
class Step:
    """One button of a document's life: pressing `method` leads from one of the states `frm` to `to`."""

    method: str
    frm: tuple[str, ...]
    to: str


@dataclass(frozen=True)
class Life:
    """The buttons of a document; where several ways lead somewhere, the one that begins with the earlier button."""

    steps: tuple[Step, ...]

    def way(self, now: str, to: str) -> tuple[Step, ...] | None:
        """The buttons from one state to another in their order; None where no way leads there."""
        if now == to:
            return ()
        for step in self.steps:
            if now in step.frm and (rest := self._onward(step, to)) is not None:
                return (step, *rest)
        return None

    def _onward(self, step: Step, to: str) -> tuple[Step, ...] | None:
        return () if step.to == to else (self.way(step.to, to) if step.to not in step.frm else None)


@dataclass(frozen=True)
class Out:
    """One kind of record on its way to Odoo. `master` says that we go on writing it there; otherwise it is only made where Odoo
    has none. `children` are entities whose changes change this record, by the column that names it; `follows` are those that it
    names itself. `skips` leaves rows out. A `send` of its own takes the place of making one record of each row."""

    entity: type[Entity]
    model: str
    kind: str  # of its external ids
    fields: Mapping[str, Source] = field(default_factory=dict)
    matches: tuple[Match, ...] = ()
    master: bool = True
    by_need: bool = False  # it goes once something else names it, and not by itself
    linked: bool = True  # whether people see where it stands in Odoo
    children: tuple[tuple[type[Entity], str], ...] = ()
    follows: tuple[tuple[type[Entity], str], ...] = ()
    skips: Callable[[Any], bool] = lambda _row: False
    needs: Callable[[Any, Session], Iterator[tuple[str, UUID]]] | None = None  # beside what its links name
    send: Callable[[Any], None] | None = None

    @property
    def name(self) -> str:
        return str(self.entity.__tablename__)

    def external(self, ident: UUID) -> str:
        """The external id of a row: a second load of it updates the same record."""
        return f"{MODULE}.{self.kind}_{ident.hex}"

    def needed(self, row: Any, session: Session) -> Iterator[tuple[str, UUID]]:
        """Which other rows must be in Odoo first."""
        for source in self.fields.values():
            if isinstance(source, Link) and getattr(row, source.column) is not None:
                yield source.entity, getattr(row, source.column)
        if self.needs is not None:
            yield from self.needs(row, session)

    def cells(self, row: Any, known: Known) -> dict[str, Value]:
        """A row in Odoo's words; Stuck where something that it names is not known there."""
        return {named(name, source): value_of(source, row, known) for name, source in self.fields.items()}


def named(name: str, source: Source) -> str:
    """The column of Odoo's importer for a field: another record is named by its number."""
    return f"{name}/.id" if isinstance(source, Link) else name


def value_of(source: Source, row: Any, known: Known) -> Value:
    """What a source says of a row; Stuck where it names something that Odoo does not have."""
    match source:
        case str():
            value: Value = getattr(row, source)
            return value
        case Same():
            return source.value
        case Link():
            ident = getattr(row, source.column)
            return known.number(source.entity, ident) if ident is not None else None
        case _:
            return source(row, known)


@dataclass(frozen=True)
class In:
    """One kind of record on its way from Odoo: which of its fields are read, among which records, and what `take` makes of it."""

    model: str
    entity: type[Entity]
    fields: tuple[str, ...]
    take: Callable[..., Any]
    domain: tuple[Any, ...] = ()

    @property
    def name(self) -> str:
        return str(self.entity.__tablename__)

    def ident(self, org_id: UUID, number: int) -> UUID:
        """The id of the row that Odoo's record is here: the same, however often it comes."""
        return derived_id(org_id, self.entity.__tablename__, f"{self.model}:{number}")
