"""What old parts hear of: stock that goes to a job and comes back, their own steps, and somebody signing in."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from uuid import UUID

from sqlalchemy import select

from app.access.commands import SignedIn
from app.cores.commands import OWED, cores_of
from app.cores.deposits import charge, give_back, keep_site, take_off
from app.cores.model import NUMBERS, Core
from app.cores.rules import HERE, is_overdue
from app.kernel.codes import take
from app.kernel.events import only_of
from app.kernel.money import Money
from app.kernel.records import Discrepancy
from app.kernel.standard import Moved
from app.kernel.types import Quantity
from app.kernel.work import Mode, Work
from app.parties.erasing import CustomerErased
from app.parts.model import Part
from app.stock.commands import StockMoved
from app.stock.model import StockLine
from app.work_orders.model import WorkOrder

DAYS = "cores.days"
NONE = Quantity(0)
MOST_CARDS = 20  # told at once; the rest is told at the next sign-in


def follow_the_stock(event: StockMoved, work: Work) -> None:
    """A new part that goes to a job is owed an old one; what comes back, or never went, owes none."""
    line = event.line
    gone = line.kind == "issue" or (line.kind == "reverse" and line.quantity < NONE)
    back = line.kind == "return" or (line.kind == "reverse" and line.quantity > NONE)
    order = work.session.get(WorkOrder, line.source_id) if line.source_id is not None and (gone or back) else None
    if order is None:
        return
    if gone:
        _expect(work, line, order)
    else:
        _expect_no_more(work, line, order)


def _expect(work: Work, line: StockLine, order: WorkOrder) -> None:
    terms = _terms(work, line.part_id)
    if terms is None:
        return
    ident = work.new_id(Core, line.kind)
    work.own.add(ident)  # whoever hands parts out at one store room owes the whole workshop their old ones
    work.add(
        Core(
            id=ident,
            number=take(work, NUMBERS),
            site_id=order.site_id,
            order_id=order.id,
            part_id=line.part_id,
            quantity=abs(line.quantity),
            state="expected",
            deposit=None if terms["deposit"] is None else Money(terms["deposit"]),
            due=work.today + timedelta(days=int(terms["days"])),
        )
    )


def _terms(work: Work, part_id: UUID) -> dict[str, Any] | None:
    """The deposit and the days, as they stood when the part was handed out; None where no old one is owed."""
    name = f"core:{part_id.hex}"
    if work.mode is Mode.REPLAY:
        found: dict[str, Any] | None = work.envelope.drawn.get(name)
        return found
    part = work.get(Part, part_id, even_retired=True)
    if not part.core:
        return None
    deposit, days = part.deposit.minor if part.deposit else None, work.setting(DAYS)
    terms: dict[str, Any] = work.draw(name, lambda: {"deposit": deposit, "days": days})
    return terms


def _expect_no_more(work: Work, line: StockLine, order: WorkOrder) -> None:
    """The newest first, those that were not paid for before those that were. What is here already stays: it is the customer's."""
    left = line.quantity
    owed = cores_of(work, order, OWED, work.get(Part, line.part_id, even_retired=True))
    for core in sorted(reversed(owed), key=lambda one: OWED.index(one.state)):
        if left > NONE:
            taken = min(left, core.quantity)
            left -= taken
            work.own.add(core.id)
            _less(work, core, taken, order)


def _less(work: Work, core: Core, taken: Quantity, order: WorkOrder) -> None:
    if core.state == "charged":
        take_off(work, core, taken, order)
    if taken == core.quantity:
        core.retired = True
    else:
        core.quantity -= taken


@only_of(Core)
def settle_the_deposit(event: Moved, work: Work) -> None:
    """An old part that is charged goes on the bill; one that comes after all is taken off it again."""
    core = event.row
    if not isinstance(core, Core):
        return
    if core.state == "charged":
        charge(work, core)
        return
    keep_site(work, core)
    if core.state == "received" and event.before == "charged":
        give_back(work, core)


def remind_of_what_is_due(_event: SignedIn, work: Work) -> None:
    """Whoever signs in finds out which old parts are overdue; each is put before somebody once."""
    for ident in work.draw("cores:overdue", lambda: _overdue(work)):
        core = work.session.get(Core, UUID(ident))
        problem = is_overdue(core, work.session.get(Part, core.part_id), work.today) if core is not None else None
        if problem is not None:
            work.review(problem)


def _overdue(work: Work) -> list[str]:
    """Those of which nobody was told yet, the longest overdue first; only where somebody acts."""
    if work.mode is Mode.REPLAY:
        return []
    told = select(Discrepancy.row_id).where(
        Discrepancy.org_id == work.envelope.org_id, Discrepancy.code == "cores.overdue", Discrepancy.row_id.is_not(None)
    )
    late = select(Core.id).where(Core.org_id == work.envelope.org_id, Core.state.in_(HERE), Core.retired.is_(False))
    late = late.where(Core.due < work.today, Core.id.not_in(told)).order_by(Core.due, Core.id).limit(MOST_CARDS)
    return [ident.hex for ident in work.session.scalars(late)]


def erase_from_cores(event: CustomerErased, work: Work) -> None:
    """Old parts stay owed; what was noted and photographed of them goes with whoever brought them."""
    jobs = [row.id for row in event.rows if isinstance(row, WorkOrder)]
    event.rows.extend(work.session.scalars(select(Core).where(Core.order_id.in_(jobs)).order_by(Core.id)))
