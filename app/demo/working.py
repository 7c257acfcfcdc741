"""Working at the demo workshop: the procedure that a job is done by, and its steps ticked off, each bolt at its torque."""

from __future__ import annotations

from uuid import UUID

from sqlalchemy import select

from app.demo.catalogue import MODELS
from app.demo.procedures import KINDS
from app.demo.stage import Stage
from app.kernel.access import Actor
from app.work_orders.model import OrderStep
from app.work_orders.steps import RecordStep

ALL_BUT_THE_LAST, THE_LAST = slice(None, -1), slice(-1, None)


def procedure_for(stage: Stage, title: str, model: str) -> UUID | None:
    """How this work is done on this model, where the workshop has written it down."""
    kind = next((one.code for one in KINDS if one.name == title), None)
    suffix = next(code for code, bike in MODELS if bike == model)
    return stage.ident("procedure", f"{kind}-{suffix}") if kind is not None else None


def tick_off(stage: Stage, order: UUID, mechanic: Actor, steps: slice) -> None:
    """Some of the steps in their order; what is tightened is tightened to the very torque."""
    wanted = select(OrderStep).where(OrderStep.order_id == order, OrderStep.retired.is_(False))
    with stage.session() as session:
        found = session.scalars(wanted.order_by(OrderStep.service_id, OrderStep.place)).all()
    for step in found[steps]:
        stage.do(RecordStep(step=step.id, measured=step.torque), mechanic)
