"""What the rows of a file become: records by default; a capability may take those of its ledger in its own way."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.bulk import SaveMany, by_id, by_natural_key, chunks, same
from app.kernel.commands import Command
from app.kernel.entity import Entity, Field, fields_of
from app.kernel.filling import Key, natural_key, readers
from app.kernel.ids import new_id
from app.kernel.problems import Problem, Refused
from app.kernel.registry import Registry
from app.kernel.saving import refuse_ledger
from app.kernel.words import _

Values = dict[str, Any]  # fields as plain data; `id` where it is known
ID = Field(kind="link", label="Id", required=False, name="id")


@dataclass(frozen=True)
class Settled:
    """What a row of a file is about: a record, whether it is there already, and whether it would stay as it is."""

    id: UUID
    there: bool = False
    unchanged: bool = False


class Intake(Protocol):
    """Takes rows of values into the store by commands."""

    @property
    def entity(self) -> str: ...

    @property
    def fields(self) -> Mapping[str, Field]:
        """What a file may fill."""

    @property
    def needed(self) -> Sequence[str]:
        """The fields without which no new row can be taken."""

    @property
    def natural(self) -> Sequence[str]:
        """The fields by which rows are told apart."""

    @property
    def grant(self) -> str: ...

    def read(self, plain: Values) -> Values:
        """The values themselves, from plain data; Refused with everything that does not fit its field."""

    def key(self, read: Values) -> Key | None:
        """What makes two rows stand for one and the same; None where nothing does."""

    def group(self, read: Values) -> Key | None:
        """Rows of one group are taken as one, once the whole file is read; None where each row stands alone."""

    def merged(self, rows: Sequence[tuple[Values, Values]]) -> tuple[Values, Values, Problem | None]:
        """The rows of a group, each as (plain, read), as one; and what somebody should know of it."""

    def settle(self, session: Session, org_id: UUID, rows: Sequence[Values]) -> list[Settled]:
        """What each row, as it was read, is about: with few questions."""

    def command(self, rows: Sequence[Values]) -> Command:
        """The command that takes these rows of plain data, 2,000 at most."""


class RecordIntake:
    """Rows of a file as records, found again by their id or natural key."""

    def __init__(self, registry: Registry, entity: type[Entity]) -> None:
        """Refused where nobody writes records of this entity by hand."""
        refuse_ledger(registry, entity)
        self._entity = entity
        self._readers = readers(entity)
        self.entity = entity.__tablename__
        self.fields = {"id": ID} | {name: one for name, one in fields_of(entity).items() if not one.secret}
        self.natural = entity.__about__.natural
        self.needed = tuple(_needed(registry, entity))
        self.grant = registry.grant_of(entity, "edit")

    def read(self, plain: Values) -> Values:
        read: Values = {}
        problems: list[Problem] = []
        for name, value in plain.items():
            try:
                read[name] = UUID(value) if name == "id" else self._readers[name](value)
            except Refused as refused:
                problems += refused.problems
        if problems:
            raise Refused(*problems)
        return read

    def key(self, read: Values) -> Key | None:
        """Its id, else its natural key, else all that it says: two lines that say the same are one."""
        if "id" in read:
            return "id", read["id"]
        return natural_key(self._entity, read) or tuple(read.items())

    def group(self, read: Values) -> Key | None:
        return None

    def merged(self, rows: Sequence[tuple[Values, Values]]) -> tuple[Values, Values, Problem | None]:
        return (*rows[0], None)

    def settle(self, session: Session, org_id: UUID, rows: Sequence[Values]) -> list[Settled]:
        keys = [natural_key(self._entity, values) for values in rows]
        known = by_id(session, self._entity, [values["id"] for values in rows if "id" in values])
        named = by_natural_key(session, self._entity, org_id, [key for key in keys if key is not None])
        called = self._called(session, org_id, [values for values, key in zip(rows, keys, strict=True) if key is None])
        found = []
        for values, key in zip(rows, keys, strict=True):
            if "id" in values:
                row = known.get(values["id"])
            else:
                row = named.get(key) if key else _twin(called.get(self._title(values), ()), values)
            if row is None:
                found.append(Settled(values.get("id") or new_id()))
            else:
                found.append(Settled(row.id, True, _says_nothing_new(row, values)))
        return found

    def _title(self, values: Values) -> str:
        """What people call the record, where it is said in words."""
        title = self._entity.__about__.title[0]
        known = self.fields.get(title)
        return str(values.get(title) or "") if self.natural and known is not None and known.kind == "text" else ""

    def _called(self, session: Session, org_id: UUID, rows: Sequence[Values]) -> dict[str, list[Entity]]:
        """The records that are called like rows that no key names."""
        titles = [title for values in rows if "id" not in values and (title := self._title(values))]
        called: dict[str, list[Entity]] = {}
        for some in chunks(titles):
            column = getattr(self._entity, self._entity.__about__.title[0])
            here = self._entity.org_id == org_id, self._entity.retired.is_(False), column.in_(some)
            for row in session.scalars(select(self._entity).where(*here)):
                called.setdefault(getattr(row, column.key), []).append(row)
        return called

    def command(self, rows: Sequence[Values]) -> Command:
        return SaveMany(entity=self.entity, rows=list(rows))


def _twin(rows: Sequence[Entity], values: Values) -> Entity | None:
    """The record that is exactly so already."""
    return next((row for row in rows if _says_nothing_new(row, values)), None)


def _says_nothing_new(row: Entity, values: Values) -> bool:
    return all(name == "id" or same(getattr(row, name), value) for name, value in values.items())


def _needed(registry: Registry, entity: type[Entity]) -> Iterator[str]:
    """The fields that a new record must be given."""
    machine = registry.machines.get(entity)
    for name, one in fields_of(entity).items():
        if one.required and entity.__table__.columns[name].default is None and not (machine and machine.field == name):
            yield name


def intake_of(registry: Registry, name: str) -> Intake:
    """How rows are taken into an entity, named by its table or by what people call it."""
    entity = registry.entities.get(name) or _called(registry, name) or registry.entity(name)
    special = registry.intakes.get(entity)
    if special is not None:
        return special
    return RecordIntake(registry, entity)


def _called(registry: Registry, name: str) -> type[Entity] | None:
    """The entity that people call so, in one or in many."""
    for entity in registry.entities.values():
        if name.casefold() in (entity.__about__.label.casefold(), entity.__about__.plural.casefold(), f"{entity.__tablename__}s"):
            return entity
    return None


def may_take(can: bool, grant: str) -> None:
    """Refused, once for the whole file, where whoever imports may not edit such records."""
    if not can:
        raise Refused(
            Problem(
                "import.denied",
                _("You may not change these records, so nothing of the file was read."),
                hint=_("Ask a colleague who holds “{grant}” to import it."),
                values={"grant": grant},
            )
        )
