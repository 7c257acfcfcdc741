"""The gates of a job and what it must hold; each gate says what is unmet and what to do."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.kernel.problems import Problem
from app.kernel.words import _
from app.kernel.work import Work
from app.work_orders.model import HealthRecord, ServiceLine, WorkOrder

TAKES_PARTS = ("CHECKIN", "DIAGNOSING", "QUOTED", "IN_PROGRESS", "READY")
OPEN = ("DRAFT", *TAKES_PARTS)


def _has(work: Work, entity: Any, order: UUID) -> bool:
    return (
        work.session.scalars(select(entity.id).where(entity.order_id == order, entity.retired.is_(False)).limit(1)).first()
        is not None
    )


def has_a_service(order: WorkOrder, work: Work) -> Problem | None:
    if _has(work, ServiceLine, order.id):
        return None
    return Problem(
        "work_orders.no_service",
        _("{order} has no service yet."),
        field="services",
        hint=_("Add at least one service to quote."),
        values={"order": order.number},
    )


def is_agreed(order: WorkOrder, _work: Work) -> Problem | None:
    if order.agreed_at is not None:
        return None
    return Problem(
        "work_orders.not_agreed",
        _("The customer has not agreed to the quote of {order}."),
        field="agreed_how",
        hint=_("Record how they agreed, or ask them first."),
        values={"order": order.number},
    )


def is_checked(order: WorkOrder, work: Work) -> Problem | None:
    if _has(work, HealthRecord, order.id):
        return None
    return Problem(
        "work_orders.no_health",
        _("{order} has no health check."),
        field="health",
        hint=_("Write down the readings first."),
        values={"order": order.number},
    )


def is_open(order: WorkOrder) -> Problem | None:
    """The lock: nothing changes on a closed, delivered or cancelled job."""
    if order.state in OPEN:
        return None
    return Problem(
        "work_orders.locked",
        _("{order} is {state}: nothing on it can change."),
        hint=_("Open a new order for further work."),
        values={"order": order.number, "state": order.state},
    )


def says_what(what: str) -> Problem | None:
    if what.strip():
        return None
    return Problem(
        "work_orders.what",
        _("The order does not say what is wrong."),
        field="what",
        hint=_("Write a few words, for example: front brake."),
    )


def odometer_rises(now: int | None, before: int | None) -> Problem | None:
    if now is None or before is None or now >= before:
        return None
    return Problem(
        "work_orders.odometer",
        _("The odometer showed {before} km last time, more than {now} km."),
        field="odometer",
        blocks=False,
        hint=_("Read it again; if it was replaced, write a note."),
        values={"before": before, "now": now},
    )
