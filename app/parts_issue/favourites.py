"""What a search for parts offers first on a job: what other jobs on that model took."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session, aliased

from app.parties.model import Vehicle
from app.stock.model import Usage
from app.work_orders.model import WorkOrder

JOBS = 500  # newest jobs that are looked through for the model
TAKEN = 200  # parts of theirs that are offered


def fits_the_model(session: Session, org_id: UUID, near: UUID | None) -> Sequence[UUID]:
    """The parts that jobs on vehicles of the same make and model took, those of the newest jobs first."""
    here = session.get(WorkOrder, near) if near is not None else None
    vehicle = session.get(Vehicle, here.vehicle_id) if here is not None and here.vehicle_id is not None else None
    if vehicle is None:
        return []
    newest = select(WorkOrder).where(WorkOrder.org_id == org_id).order_by(WorkOrder.id.desc()).limit(JOBS).subquery()
    job = aliased(WorkOrder, newest)
    taken = (
        select(Usage.part_id)
        .join(job, Usage.source_id == job.id)
        .join(Vehicle, Vehicle.id == job.vehicle_id)
        .where(Vehicle.make == vehicle.make, Vehicle.model == vehicle.model)
        .order_by(job.id.desc(), Usage.part_id)
        .limit(TAKEN)
    )
    return list(dict.fromkeys(session.scalars(taken)))
