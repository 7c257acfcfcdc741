"""Putting together what was written down twice: everything that hangs on the one hangs on the other from then on."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar
from uuid import UUID

from sqlalchemy import select

from app.kernel.commands import Command
from app.kernel.entity import Entity, fields_of
from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.parties.model import Customer, Vehicle

E = TypeVar("E", bound=Entity)


@dataclass(frozen=True, kw_only=True)
class MergeCustomers(Command):
    """Two customers are one: vehicles, jobs and whatever else hangs on `other` goes to `customer`, which stays."""

    label = _("Customers put together")
    about = {"customer": "customer", "other": "customer"}
    needs = "parties.merge"
    customer: UUID
    other: UUID


@dataclass(frozen=True, kw_only=True)
class MergeVehicles(Command):
    """Two vehicles are one: jobs and whatever else hangs on `other` goes to `vehicle`, which stays."""

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
    other.retired = True
    for table, column in _links_to(work, entity):
        for row in work.session.scalars(select(table).where(column == other.id).order_by(table.id)):
            setattr(row, column.key, kept.id)


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
