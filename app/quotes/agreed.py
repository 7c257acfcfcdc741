"""The agreed sum: what the customer said yes to does not change behind their back, whichever line of the job would change it."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from sqlalchemy.orm import Session

from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.quotes.model import Quote
from app.quotes.rules import agreed_version
from app.work_orders.model import PartLine, WorkOrder
from app.work_orders.worth import SumChanges, Worths

_LAST = 1 << 30  # behind every version


@dataclass(frozen=True)
class Agreed:
    """What the customer said yes to: the price of each line, and the amount of each part, work and charge, in minor units."""

    prices: Mapping[UUID, int]
    amounts: Mapping[UUID, int]


def hold_the_agreed_sum(event: SumChanges, work: Work) -> None:
    """What comes on top is a supplement, which holds the hand-over until the customer says yes to that too. That what they said
    yes to costs less, that a discount goes, or that a price changes by hand, takes whoever may do that, and a reason."""
    order = event.order
    if is_kept(agreed(work.session, order, event.before), event.before, event.after):
        return
    work.check(only_who_may(order, may=work.may("quotes.reprice", order.site_id)) or says_why(event.reason))


def agreed(session: Session, order: WorkOrder, before: Worths) -> Agreed:
    """By the version they signed; where they said yes in another way since, by what was on the job when they did."""
    quote = agreed_version(session, order.id, _LAST)
    if quote is not None and quote.decided_at is not None and order.agreed_at is not None and quote.decided_at >= order.agreed_at:
        return _as_signed(session, quote)
    there = {line: one for line, one in before.items() if order.agreed_at is not None and one.made_at <= order.agreed_at}
    return Agreed({line: one.price for line, one in there.items()}, _added_up(there))


def _as_signed(session: Session, quote: Quote) -> Agreed:
    prices, amounts = dict[UUID, int](), Counter[UUID]()
    for said in quote.lines or ():
        line, amount = UUID(said["id"]), Money(said["price"]).times(Quantity.parse(said["quantity"])).minor
        part = session.get(PartLine, line) if said["kind"] == "part" else None
        prices[line] = amount if said["kind"] == "service" else said["price"]
        amounts[line if part is None else part.part_id] += amount
    return Agreed(prices, amounts)


def _added_up(lines: Worths) -> Counter[UUID]:
    found = Counter[UUID]()
    for one in lines.values():
        found[one.of] += one.amount
    return found


def is_kept(yes: Agreed, before: Worths, after: Worths) -> bool:
    """Whether a change leaves alone what the customer said yes to. Back to that is free, and so is taking off what came later."""
    was, now = _added_up(before), _added_up(after)
    lower = any(now[of] < min(was[of], yes.amounts.get(of, 0)) for of in {*was, *now})
    return not lower and not any(_by_hand(yes, line, before, after) for line in before)


def _by_hand(yes: Agreed, line: UUID, before: Worths, after: Worths) -> bool:
    """Whether a line has another price than it had and than was agreed; one that is gone, only where it took something off."""
    was, now = before[line], after.get(line)
    if now is None:
        return was.price < 0 and line in yes.prices
    return now.price not in (was.price, yes.prices.get(line, was.price))


def only_who_may(order: WorkOrder, *, may: bool) -> Problem | None:
    if may:
        return None
    return Problem(
        "quotes.reprice",
        _("The customer agreed to the prices of {order} as they are."),
        field="price",
        hint=_("A manager signs the new price off with their badge."),
        values={"order": order.number},
    )


def says_why(reason: str) -> Problem | None:
    if reason.strip():
        return None
    return Problem(
        "quotes.reprice_why",
        _("The customer agreed to another price: it is not said why it changes."),
        field="reason",
        blocks=False,
        asks="reason",
        review=False,
        hint=_("Say why."),
    )
