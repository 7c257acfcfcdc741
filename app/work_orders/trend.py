"""Trend: what was read on a vehicle, one health check after the other, for a curve as small as a word."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.types import Quantity
from app.work_orders.model import HealthRecord, WorkOrder
from app.work_orders.readings import READINGS

MOST = 24  # checks that a curve of this size can tell
Read = Quantity | int


def trend(session: Session, vehicle: UUID) -> Mapping[str, tuple[Read, ...]]:
    """Each reading that was ever taken of a vehicle, the oldest of the last checks first."""
    jobs = select(WorkOrder.id).where(WorkOrder.vehicle_id == vehicle)
    taken = select(HealthRecord).where(HealthRecord.order_id.in_(jobs), HealthRecord.retired.is_(False))
    checks = session.scalars(taken.order_by(HealthRecord.id.desc()).limit(MOST)).all()[::-1]
    found = {name: tuple(value for one in checks if (value := getattr(one, name)) is not None) for name in READINGS}
    return {name: values for name, values in found.items() if values}


def vehicle_of(session: Session, order: UUID) -> UUID | None:
    """The vehicle that a job is about."""
    return session.scalar(select(WorkOrder.vehicle_id).where(WorkOrder.id == order))
