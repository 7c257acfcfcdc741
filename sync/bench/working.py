"""Somebody who scans at a bench's terminal: parts out of a bin, on to a job."""

from __future__ import annotations

import time
from itertools import count
from uuid import UUID

from app.assemble import App
from app.kernel.access import system
from app.kernel.commands import Answer, Command
from app.kernel.types import Quantity
from app.parts_issue.commands import IssuePart
from app.stock.commands import ReceiveStock
from app.work_orders.commands import CreateOrder, PlanPart
from sync.bench.hall import ORG, Hall, hall_bin, part_id

PLANNED = 10


class Working:
    """A job at the hall's first site, with some parts that lie in its first bin."""

    def __init__(self, app: App, hub: Hall, order: UUID | None = None) -> None:
        """With the order of another copy of the same store, nothing is made."""
        self.app = app
        self._turns = count()
        self._bin = hall_bin(0)
        self.order = order or self._furnished(hub)

    def scan(self) -> float:
        """One part goes to the job; the milliseconds until that is on the disk."""
        do = IssuePart(order=self.order, part=part_id(next(self._turns) % PLANNED), bin=self._bin, quantity=Quantity(1))
        begun = time.perf_counter()
        self._done(do)
        return (time.perf_counter() - begun) * 1000

    def _furnished(self, hub: Hall) -> UUID:
        order = self._done(CreateOrder(site=hub.sites[0], what="Bench")).row("work_order")
        for number in range(PLANNED):
            self._done(ReceiveStock(part=part_id(number), bin=self._bin, quantity=Quantity(9_000)))
            self._done(PlanPart(order=order, part=part_id(number), quantity=Quantity(9_000)))
        return order

    def _done(self, do: Command) -> Answer:
        return self.app.run(do, system(ORG)).or_refused()
