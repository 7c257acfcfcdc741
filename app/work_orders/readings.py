"""What people ask about health checks: each reading as it came in and as it goes out, what changed since, and what it means."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any
from uuid import UUID

from sqlalchemy import BigInteger, ColumnElement, Select, String, cast, func, literal, null, select, type_coerce, union_all
from sqlalchemy.orm import InstrumentedAttribute

from app.kernel.entity import fields_of
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.types import Quantity, QuantityType
from app.kernel.words import _, say
from app.work_orders.health import LIMITS, change, light
from app.work_orders.model import HANDOVER, INTAKE, HealthRecord, WorkOrder

READINGS = ("odometer", *LIMITS)
THOUSAND = 1000  # whole numbers, as quantities keep them
COLUMNS = (
    Column("reading", _("Reading")),
    Column("before", _("Last time"), "quantity", empty=True),
    Column("intake", _("Came in"), "quantity", empty=True),
    Column("handover", _("Goes out"), "quantity", empty=True),
    Column("change", _("Change"), "quantity", empty=True),
    Column("verdict", _("What it means")),
    Column("tone", _("Light")),
)


def order_health(_asking: Asking, *, order: UUID) -> Ask:
    """A line for each reading that was taken on a job; `before` is the vehicle's last one from an earlier job."""
    each = union_all(*(_reading(place, name, order) for place, name in enumerate(READINGS))).subquery("readings")
    read = select(each).where(func.coalesce(each.c.intake, each.c.handover).is_not(None))
    reads = frozenset({"health_record", "work_order"})
    return Ask(read, COLUMNS, key=("place",), order="place", reads=reads, told=_told)


def _reading(place: int, name: str, order: UUID) -> Select[Any]:
    column: InstrumentedAttribute[Any] = getattr(HealthRecord, name)
    whole = fields_of(HealthRecord)[name].kind == "number"
    value: ColumnElement[Any] = type_coerce(column * THOUSAND if whole else column, QuantityType())
    taken = select(value).where(HealthRecord.retired.is_(False), column.is_not(None)).order_by(HealthRecord.id.desc()).limit(1)
    here = taken.where(HealthRecord.order_id == order)
    return select(
        literal(place).label("place"),
        literal(name).label("reading"),
        taken.where(HealthRecord.order_id.in_(_earlier(order))).scalar_subquery().label("before"),
        here.where(HealthRecord.kind == INTAKE).scalar_subquery().label("intake"),
        here.where(HealthRecord.kind == HANDOVER).scalar_subquery().label("handover"),
        type_coerce(cast(null(), BigInteger), QuantityType()).label("change"),
        literal("", String()).label("verdict"),
        literal("", String()).label("tone"),
    )


def _earlier(order: UUID) -> Select[Any]:
    """The jobs of the same vehicle before this one; ids go with the time."""
    vehicle = select(WorkOrder.vehicle_id).where(WorkOrder.id == order).scalar_subquery()
    return select(WorkOrder.id).where(WorkOrder.vehicle_id == vehicle, WorkOrder.id < order)


def _told(rows: list[Row]) -> list[Row]:
    return [_in_words(row) for row in rows]


def _in_words(row: Row) -> Row:
    taken: Sequence[Quantity] = [row[name] for name in ("before", "intake", "handover") if row[name] is not None]
    last, prior = taken[-1], taken[-2] if len(taken) > 1 else None
    found = light(row["reading"], last, prior)
    words = {"verdict": say(found.sentence) if found else "", "tone": found.tone if found else ""}
    return {**row, "reading": say(fields_of(HealthRecord)[row["reading"]].label), "change": change(last, prior), **words}


QUERIES = (
    Query(
        "order_health",
        order_health,
        "work_orders.read",
        _("What was read on a job's vehicle, with what changed and what it means."),
    ),
)
