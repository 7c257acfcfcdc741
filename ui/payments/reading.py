"""Reading: what a job costs, what was paid of it, and what stands against paying it now."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.figures import spoken
from app.kernel.money import Money
from app.kernel.problems import Problem
from app.parties.model import Customer, Vehicle
from app.payments.page import chosen, page_of_job
from app.payments.rules import is_confirmed, still_owes
from app.payments.sums import NOTHING, Owed, owed
from app.quotes.rules import active
from app.work_orders.model import METHODS, WorkOrder
from app.work_orders.rules import checklist, takes_money
from ui.kit.bench import Bench

READS = frozenset(
    {"work_order", "payment", "quote", "delivery", "part_line", "service_line", "charge_line", "stock_line", "tax_code"}
)


@dataclass(frozen=True)
class Bought:
    """A job as it is paid: its number, whose it is, its sums, what stands against a payment, and how they said they would;
    `asked` is the payment that the customer is to make online, `online` whether there is a provider to make it at."""

    id: UUID
    number: str
    whose: str
    state: str
    sums: Owed
    against: Problem | None = None
    quote: UUID | None = None
    method: str = METHODS[0][0]
    asked: UUID | None = None
    online: bool = False


def bought(bench: Bench, ident: UUID) -> Bought | None:
    """What a reader thread finds of a job; nothing where it is not here any more."""
    with bench.app.read(bench.actor) as session:
        order = session.get(WorkOrder, ident)
        if order is None:
            return None
        sums, quote = owed(session, order), active(session, ident)
        told = checklist(session, ident)
        customer = session.get(Customer, order.customer_id) if order.customer_id else None
        vehicle = session.get(Vehicle, order.vehicle_id) if order.vehicle_id else None
        whose = " · ".join(one.title for one in (customer, vehicle) if one is not None)
        return Bought(
            ident,
            order.number,
            whose,
            order.state,
            sums,
            is_confirmed(quote) or takes_money(order, after_all=sums.left > NOTHING) or still_owes(order, sums),
            quote.id if quote is not None else None,
            told.method if told is not None else METHODS[0][0],
            page.payment if (page := page_of_job(session, bench.app.registry, ident)) is not None else None,
            chosen(session, bench.app.registry, order.org_id) is not None,
        )


def figures(bench: Bench, amount: Money) -> str:
    """An amount as people read it, with the workshop's currency."""
    return spoken(amount.text(bench.currency))
