"""Worth: what each line of a job says that it costs, and the one event of a sum that changes, whichever command changes it."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.events import Event
from app.kernel.money import Money
from app.kernel.types import Quantity
from app.kernel.work import Work
from app.work_orders.bill import PLANNING
from app.work_orders.model import ChargeLine, PartLine, ServiceLine, WorkOrder
from app.work_orders.rates import rate_now

NONE = Quantity(0)


@dataclass(frozen=True)
class Worth:
    """What a line says, before tax is reckoned: `price` in minor units of one piece of a part, or of all of the work or charge.

    `of` is what its `amount` is added up under: the part, wherever on the job it is planned, or the line itself.
    """

    of: UUID
    price: int
    amount: int
    made_at: datetime


Worths = Mapping[UUID, Worth]
"""What the lines of a job say, by their ids."""


@dataclass(frozen=True, kw_only=True)
class SumChanges(Event):
    """What the lines of a job say that it costs is another now; nobody has looked yet whether it may be."""

    order: WorkOrder
    before: Worths
    after: Worths
    reason: str


@contextmanager
def sum_changes(work: Work, order: WorkOrder, reason: str) -> Iterator[None]:
    """Around whatever changes what a job costs; until the customer has said yes to a sum nobody need be told."""
    if order.agreed_at is None:
        yield
        return
    before = worths(work.session, order)
    yield
    after = worths(work.session, order)
    if after != before:
        work.emit(SumChanges(order=order, before=before, after=after, reason=reason))


def worths(session: Session, order: WorkOrder) -> dict[UUID, Worth]:
    """What the lines of a job say. A part that is not planned, or not any more, still has its price: what is used of it costs
    that."""
    return {line.id: said for line in _lines(session, order) if (said := _worth(session, order, line)) is not None}


def _lines(session: Session, order: WorkOrder) -> Iterator[PartLine | ServiceLine | ChargeLine]:
    yield from session.scalars(select(PartLine).where(PartLine.order_id == order.id).order_by(PartLine.id))
    yield from session.scalars(select(ServiceLine).where(ServiceLine.order_id == order.id).order_by(ServiceLine.id))
    yield from session.scalars(select(ChargeLine).where(ChargeLine.order_id == order.id).order_by(ChargeLine.id))


def _worth(session: Session, order: WorkOrder, line: PartLine | ServiceLine | ChargeLine) -> Worth | None:
    if isinstance(line, PartLine):
        planned = order.state in PLANNING and not (line.retired or line.optional)
        price = line.price or Money(0)
        return Worth(line.part_id, price.minor, price.times(line.planned if planned else NONE).minor, line.made_at)
    if line.retired:
        return None
    whole = line.amount if isinstance(line, ChargeLine) else _of_work(session, line)
    return Worth(line.id, whole.minor, whole.minor, line.made_at)


def _of_work(session: Session, line: ServiceLine) -> Money:
    if line.price is not None:
        return line.price
    rate = line.rate if line.rate is not None else rate_now(session, line.org_id)
    return rate.times(line.hours)
