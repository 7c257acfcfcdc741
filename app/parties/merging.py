"""Putting together what was written down twice: everything that hangs on the one hangs on the other from then on."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel import search
from app.kernel.attached import HANGING, Attachment, Note
from app.kernel.commands import Command
from app.kernel.entity import WHO, Entity, fields_of
from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.model import Customer, Vehicle

E = TypeVar("E", Customer, Vehicle)
_ID = re.compile("[0-9a-f]{32}")


@dataclass(frozen=True, kw_only=True)
class MergeCustomers(Command):
    """Two customers are one: vehicles, jobs, notes and whatever else hangs on `other` goes to `customer`, which stays."""

    label = _("Customers put together")
    about = {"customer": "customer", "other": "customer"}
    needs = "parties.merge"
    customer: UUID
    other: UUID


@dataclass(frozen=True, kw_only=True)
class MergeVehicles(Command):
    """Two vehicles are one: jobs, notes and whatever else hangs on `other` goes to `vehicle`, which stays."""

    label = _("Vehicles put together")
    about = {"vehicle": "vehicle", "other": "vehicle"}
    needs = "parties.merge"
    vehicle: UUID
    other: UUID


def merge_customers(do: MergeCustomers, work: Work) -> None:
    _put_together(work, Customer, do.customer, do.other)


def merge_vehicles(do: MergeVehicles, work: Work) -> None:
    _put_together(work, Vehicle, do.vehicle, do.other)


def _put_together(work: Work, entity: type[E], stays: UUID, goes: UUID) -> None:
    """What the one that stays lacks it takes over; each row that changes is in the audit's chain like any other."""
    kept, other = work.get(entity, stays), work.get(entity, goes)
    work.check(_two(kept, other))
    for field in fields_of(entity).values():
        if not field.by_command and field.kind != "extras" and getattr(kept, field.name) in (None, ""):
            setattr(kept, field.name, getattr(other, field.name))
    kept.extra = {**(kept.extra or {}), search.ALSO: _also(kept, other)}
    other.retired = True
    for table, column in _links_to(work, entity):
        for row in work.session.scalars(select(table).where(column == other.id).order_by(table.id)):
            setattr(row, column.key, kept.id)
    for kind in HANGING:
        hung: Iterable[Note | Attachment] = work.session.scalars(select(kind).where(kind.row_id == other.id).order_by(kind.id))
        for one in hung:
            one.row_id = kept.id


def _also(kept: Customer | Vehicle, other: Customer | Vehicle) -> dict[str, dict[str, str]]:
    """What the one that stays is found by from now on, too: the other one's name and numbers, and of those before it."""
    who = {name: getattr(other, name) for name, field in fields_of(type(other)).items() if field.personal == WHO}
    told = {name: value for name, value in who.items() if value and value != getattr(kept, name)}
    return {**search.also_known(kept.extra), **search.also_known(other.extra), other.id.hex: told}


def put_into(session: Session, row: E) -> list[E]:
    """The records that were put together into this one, at any time."""
    idents, kind = {UUID(ident) for ident in search.also_known(row.extra) if _ID.fullmatch(ident)}, type(row)
    here = kind.org_id == row.org_id, kind.retired.is_(True)
    return list(session.scalars(select(kind).where(kind.id.in_(idents), *here).order_by(kind.id)))


def _links_to(work: Work, entity: type[Entity]) -> list[tuple[type[Entity], Any]]:
    """Every field of any entity that points to one of this kind."""
    return [
        (table, getattr(table, field.name))
        for name, table in sorted(work.registry.entities.items())
        for field in fields_of(table).values()
        if field.kind == "link" and field.target == entity.__tablename__
    ]


def _two(kept: Entity, other: Entity) -> Problem | None:
    if kept.id != other.id:
        return None
    return Problem(
        "parties.same",
        _("{title} is one record already."),
        field="other",
        hint=_("Choose the other one."),
        values={"title": kept.title},
    )
