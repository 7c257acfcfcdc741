"""Shots of the repair loop's own pages: a job in work from all its sides, what is asked on it, the hand-over, the payment and
the customer's signature."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING
from uuid import UUID

from PySide6.QtWidgets import QTabWidget
from sqlalchemy import select

from app.demo import Stage
from app.quotes.model import Quote
from app.work_orders.model import WorkOrder
from ui.kit.declared import Place

if TYPE_CHECKING:
    from ui.shots import Camera

STATES = {"job in work": "IN_PROGRESS", "job ready": "READY", "job handed over": "DELIVERED"}
ASKED = ("order.diagnose", "order.hold", "order.price", "order.charge", "order.papers")  # on the page of a job


def shoot_loop(camera: Camera, stage: Stage) -> None:
    """Each of them, and the work goes on afterwards."""
    for name, place in _places(stage):
        camera.go(place, name)
    for name in ("job in work", "job ready", "job handed over"):
        job = _one(stage, WorkOrder, STATES[name])
        if job is not None:
            camera.go(Place("page", "work_order", job), name)
    _sides(camera, "job handed over")
    _questions(camera, stage)


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


def _sides(camera: Camera, name: str) -> None:
    """What stands behind each tab of the page that is open."""
    screen = camera.window.floor.screen
    tabs = screen.findChild(QTabWidget) if screen is not None else None
    if tabs is None:
        return
    for number in range(1, tabs.count()):
        tabs.setCurrentIndex(number)
        camera.shoot(f"{name} {number} {tabs.tabText(number)}")


def _questions(camera: Camera, stage: Stage) -> None:
    """What the buttons of a job's page ask first."""
    floor, job = camera.window.floor, _one(stage, WorkOrder, "QUOTED")
    for action in floor.bench.declared.on(WorkOrder):
        if job is not None and action.id in ASKED and action.begins is not None:
            floor.go(Place("page", "work_order", job))
            camera.wait()
            action.begins(floor.bench, floor.bench.app.meaning(_number(stage, job), floor.bench.actor).matches[0])
            camera.shoot(f"asked {action.id.partition('.')[2]}")
            floor.back()
            camera.window.strip.hide()


def _number(stage: Stage, job: UUID) -> str:
    with stage.app.read(stage.host) as session:
        return session.get_one(WorkOrder, job).number


def _one(stage: Stage, entity: type[WorkOrder] | type[Quote], state: str) -> UUID | None:
    """The oldest record that is in this state."""
    with stage.app.read(stage.host) as session:
        wanted = select(entity.id).where(entity.state == state, entity.retired.is_(False))
        return session.scalars(wanted.order_by(entity.id).limit(1)).first()
