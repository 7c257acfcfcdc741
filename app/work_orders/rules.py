"""The gates of a job and what it must hold; each gate says what is unmet and what to do."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import Session

from app.access.model import Person
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.stock.model import Usage
from app.work_orders.model import HANDOVER, Delivery, HealthRecord, ServiceLine, WorkOrder

TAKES_PARTS = ("CHECKIN", "DIAGNOSING", "QUOTED", "IN_PROGRESS", "READY")
MOST_KM = 9_999_999
OPEN = ("DRAFT", *TAKES_PARTS)
_SAID = {"DRAFT": _("still a draft"), "DELIVERED": _("handed over"), "CLOSED": _("closed"), "CANCELLED": _("cancelled")}


def _has(work: Work, entity: Any, order: UUID, *such: ColumnElement[bool]) -> bool:
    wanted = select(entity.id).where(entity.order_id == order, entity.retired.is_(False), *such)
    return work.session.scalars(wanted.limit(1)).first() is not None


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


def after_agreement(order: WorkOrder) -> Problem | None:
    """What comes on top of the agreed quote is told to the customer by somebody."""
    if order.agreed_at is None:
        return None
    return Problem(
        "work_orders.after_agreement",
        _("The customer agreed to {order} before this came on top."),
        blocks=False,
        hint=_("Tell them what it adds, and record how they agreed."),
        values={"order": order.number},
    )


def is_the_last_yes(order: WorkOrder, said: datetime) -> Problem | None:
    """Only the yes that counts now is taken back."""
    if order.agreed_at == said:
        return None
    return Problem(
        "work_orders.another_yes",
        _("This is not the last word of the customer on {order}."),
        hint=_("Record how they agreed now, or quote the job again."),
        values={"order": order.number},
    )


def no_such_yes() -> Problem:
    return Problem(
        "work_orders.no_such_yes",
        _("What was recorded there is not known here any more."),
        hint=_("Record how the customer agreed now, or quote the job again."),
    )


def is_checked(order: WorkOrder, work: Work) -> Problem | None:
    """The readings before it is handed over: those of when it came in are none."""
    if _has(work, HealthRecord, order.id, HealthRecord.kind == HANDOVER):
        return None
    return Problem(
        "work_orders.no_health",
        _("{order} has no health check."),
        field="health",
        hint=_("Write down the readings first."),
        values={"order": order.number},
    )


def not_finished_on(record: HealthRecord, order: WorkOrder, work: Work) -> Problem | None:
    """What a job was finished on is replaced, and not taken away from under it."""
    other = HealthRecord.kind == HANDOVER, HealthRecord.id != record.id
    if order.state != "READY" or record.kind != HANDOVER or _has(work, HealthRecord, order.id, *other):
        return None
    return Problem(
        "work_orders.finished_on_it",
        _("{order} was finished with this health check."),
        field="record",
        hint=_("Write down the right readings as another one; then this one can be taken back."),
        values={"order": order.number},
    )


def is_explained(order: WorkOrder, work: Work) -> Problem | None:
    """Nobody gets their vehicle back without hearing what was done, and what it costs."""
    told = checklist(work.session, order.id)
    if told is not None and told.explained:
        return None
    return Problem(
        "work_orders.no_delivery",
        _("{order} has no delivery checklist."),
        field="delivery",
        hint=_("Explain the work, ask how they pay, and write it down."),
        values={"order": order.number},
    )


def checklist(session: Session, order: UUID) -> Delivery | None:
    """The delivery checklist of a job, where it was gone through and not taken back."""
    told = session.get(Delivery, derived_id(order, Delivery.__tablename__))
    return told if told is not None and not told.retired else None


def explains(explained: bool) -> Problem | None:
    if explained:
        return None
    return Problem(
        "work_orders.not_explained",
        _("The work was not explained to the customer."),
        field="explained",
        hint=_("Go through it with them, then mark it."),
    )


def not_less_than_nothing(amount: Money) -> Problem | None:
    if amount >= Money(0):
        return None
    return Problem(
        "work_orders.delivery_amount",
        _("Nobody pays {amount} at the hand-over."),
        field="amount",
        hint=_("Write what is to pay; 0 when nothing is."),
        values={"amount": amount},
    )


def needs_a_manager(order: WorkOrder, work: Work) -> Problem | None:
    """Cancelling after stock or money moved is for who may do it, or for who has one sign it off."""
    if work.may("work_orders.cancel_late"):
        return None
    return Problem(
        "work_orders.cancel_late",
        _("Parts or money moved on {order} already: a manager cancels it."),
        field="manager",
        hint=_("Ask a manager to scan their badge."),
        values={"order": order.number},
    )


def stock_was_taken(order: WorkOrder, work: Work) -> Problem | None:
    taken = select(Usage.issued).where(Usage.source_id == order.id, Usage.issued > Quantity(0)).limit(1)
    return needs_a_manager(order, work) if work.session.scalar(taken) is not None else None


def in_words(state: str) -> str:
    """A state as a sentence says it: “is cancelled”, in the reader's language."""
    return _SAID.get(state, state)


def is_open(order: WorkOrder) -> Problem | None:
    """The lock: nothing changes on a closed, delivered or cancelled job."""
    return None if order.state in OPEN else locked(order)


def takes_money(order: WorkOrder, *, after_all: bool = False) -> Problem | None:
    """A job is paid until it is closed. `after_all` is what was taken elsewhere while it was closed here, or is still owed
    because an online payment, on which it was closed, never came."""
    if order.state in (*OPEN, "DELIVERED") or (after_all and order.state == "CLOSED"):
        return None
    return locked(order)


def locked(order: WorkOrder) -> Problem:
    return Problem(
        "work_orders.locked",
        _("{order} is {state}: nothing on it can change."),
        hint=_("Open a new order for further work."),
        values={"order": order.number, "state": in_words(order.state)},
    )


def still_open(order: WorkOrder, work: Work) -> Problem | None:
    """The lock, for whoever saves the record by its form. What comes in late was written before the job was locked."""
    return None if work.overtaken(order) else is_open(order)


def still_says_what(order: WorkOrder, _work: Work) -> Problem | None:
    return says_what(order.what or "")


def still_counts(order: WorkOrder, _work: Work) -> Problem | None:
    return odometer_counts(order.odometer)


def says_what(what: str) -> Problem | None:
    if what.strip():
        return None
    return Problem(
        "work_orders.what",
        _("The order does not say what is wrong."),
        field="what",
        hint=_("Write a few words, for example: front brake."),
    )


def odometer_counts(now: int | None) -> Problem | None:
    if now is None or 0 <= now <= MOST_KM:
        return None
    return Problem(
        "work_orders.odometer_range",
        _("No odometer shows {now} km."),
        field="odometer",
        hint=_("Read it again, without the decimals."),
        values={"now": now},
    )


def something_read(readings: Iterable[object]) -> Problem | None:
    """A health check without a single reading or word is none."""
    if any(reading not in (None, "") for reading in readings):
        return None
    return Problem(
        "work_orders.nothing_read",
        _("The health check is empty."),
        field="odometer",
        hint=_("Write at least one reading, or a note."),
    )


def works_here(person: Person | None) -> Problem | None:
    """A job is given to somebody who can do it."""
    if person is None or person.status == "active":
        return None
    return Problem(
        "work_orders.not_active",
        _("{name} does not work here at the moment."),
        field="person",
        hint=_("Give the job to somebody else."),
        values={"name": person.name},
    )


def rate_counts(rate: Money | None) -> Problem | None:
    if rate is None or rate.minor >= 0:
        return None
    return Problem(
        "work_orders.rate", _("An hour never costs less than nothing."), field="rate", hint=_("Write the hourly rate.")
    )


def nothing_is_out(order: WorkOrder, work: Work) -> Problem | None:
    """What was issued to a job comes back before it is cancelled."""
    out = work.session.scalar(
        select(Part.name)
        .join(Usage, Usage.part_id == Part.id)
        .where(Usage.source_id == order.id, Usage.issued > Usage.returned)
        .order_by(Part.name)
        .limit(1)
    )
    if out is None:
        return None
    return Problem(
        "work_orders.parts_out",
        _("{part} is still on {order}."),
        field="parts",
        hint=_("Return its parts first, then cancel it."),
        values={"part": out, "order": order.number},
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
