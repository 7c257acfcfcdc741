"""What a job costs the workshop: the parts it used, the hours on the clock, and overhead on those."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import select
from sqlalchemy.orm import Session

from app.kernel.money import Money, half_up
from app.kernel.types import SCALE, Quantity
from app.labor.finding import HOUR, in_hours, worked
from app.stock.model import StockLine
from app.work_orders.model import WorkOrder
from app.work_orders.rates import OVERHEAD, rate_now, set_to


@dataclass(frozen=True)
class Cost:
    """The cost of a job: material is the sum of quantity × cost, labor that of hours × rate, overhead per cent of labor.

    `unknown` counts the used parts of which nobody has written what they cost: the material is that much too low.
    """

    material: Money
    labor: Money
    overhead: Money
    hours: Quantity
    unknown: int = 0

    @property
    def total(self) -> Money:
        return self.material + self.labor + self.overhead


def reckoned(material: Iterable[Money], clocked: int, rate: Money, percent: int, unknown: int = 0) -> Cost:
    """The cost of some material, of milliseconds on the clock at a rate per hour, and of overhead on these; each half up."""
    labor = Money(half_up(rate.minor * clocked, HOUR))
    overhead = Money(half_up(labor.minor * percent, 100))
    return Cost(sum(material, Money(0)), labor, overhead, in_hours(clocked), unknown)


@dataclass
class _Part:
    """What went to the job of one part, what that cost, and what came back of it."""

    out: int = 0
    cost: int = 0  # in minor units for a thousandth
    back: int = 0
    known: bool = True

    def take(self, line: StockLine) -> None:
        """A reversal stands for the movement it takes back, by its sign."""
        quantity = -line.quantity.thousandths
        if line.kind == "issue" or (line.kind == "reverse" and quantity < 0):
            self.out += quantity
            self.cost += quantity * (line.cost.minor if line.cost is not None else 0)
            self.known = self.known and line.cost is not None
        elif line.kind in ("return", "reverse"):
            self.back -= quantity

    @property
    def used(self) -> int:
        return self.out - self.back

    @property
    def money(self) -> Money:
        """What is still there costs what it cost when it was taken, on the average of this job."""
        return Money(half_up(self.cost * self.used, self.out * SCALE)) if self.used > 0 and self.out else Money(0)


def material(lines: Iterable[StockLine]) -> tuple[list[Money], int]:
    """What each part that is used cost, and of how many of them that is not known."""
    found: dict[UUID, _Part] = {}
    for line in lines:
        found.setdefault(line.part_id, _Part()).take(line)
    there = [one for one in found.values() if one.used > 0]
    return [one.money for one in there], sum(not one.known for one in there)


def cost(session: Session, order: WorkOrder) -> Cost:
    """What a job has cost so far."""
    booked = session.scalars(select(StockLine).where(StockLine.source_id == order.id).order_by(StockLine.stamp, StockLine.id))
    spent, unknown = material(booked)
    percent = int(str(set_to(session, order.org_id, OVERHEAD)))
    return reckoned(spent, worked(session, order.id), rate_now(session, order.org_id), percent, unknown)
