"""Today at the demo workshop: a drawer that is open, a quote that waits for its customer, and two mechanics on the clock."""

from __future__ import annotations

from collections.abc import Sequence
from uuid import UUID

from app.demo.folk import ADVISER, CASHIER, MECHANICS
from app.demo.stage import Stage
from app.kernel.money import Money
from app.labor.commands import ClockOn, TakeBreak
from app.payments.drawers import OpenDrawer
from app.quotes.commands import PublishQuote

FLOAT = Money(20_000)  # what lies in the drawer in the morning
DIAGNOSED, BEGUN, UNDER_WAY = 3, 5, 6  # of the jobs that are here, by how far they are


def open_up(stage: Stage, jobs: Sequence[UUID]) -> None:
    """What is done before the first customer comes; `jobs` are those that were left yesterday, in the order of their steps."""
    stage.at(0, 7)
    stage.do(OpenDrawer(site=stage.ident("site", "M"), began_with=FLOAT), stage.actor(CASHIER))
    stage.do(PublishQuote(order=jobs[DIAGNOSED]), stage.actor(ADVISER))
    for mechanic, job in zip(MECHANICS[1:], (jobs[BEGUN], jobs[UNDER_WAY]), strict=False):
        stage.do(ClockOn(person=stage.ident("person", mechanic), order=job), stage.actor(mechanic))
    resting = MECHANICS[-1]
    stage.do(TakeBreak(person=stage.ident("person", resting)), stage.actor(resting))
