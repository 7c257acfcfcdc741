"""Shots of the repair loop's own pages: one's own jobs, the hand-over, the payment and the customer's signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from sqlalchemy import select

from app.demo import Stage
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from ui.kit.declared import Place

if TYPE_CHECKING:
    from ui.shots import Camera


def shoot_loop(camera: Camera, stage: Stage) -> None:
    """Each of them, and the work goes on afterwards."""
    for name, place in _places(stage):
        camera.go(place, name)


def _places(stage: Stage) -> Iterator[tuple[str, Place]]:
    """A page is left out where no record of the demo is so far."""
    yield "my jobs", Place("mine")
    for name, kind, entity, state in (
        ("hand over", "hand_over", WorkOrder, "READY"),
        ("payment", "pay", WorkOrder, "DELIVERED"),
        ("signature", "sign", Quote, "published"),
    ):
        ident = _one(stage, entity, state)
        if ident is not None:
            yield name, Place(kind, id=ident)


def _one(stage: Stage, entity: type[WorkOrder] | type[Quote], state: str) -> UUID | None:
    """The oldest record that is in this state."""
    with stage.app.read(stage.host) as session:
        wanted = select(entity.id).where(entity.state == state, entity.retired.is_(False))
        return session.scalars(wanted.order_by(entity.id).limit(1)).first()
