"""Numbers of versions: the job's number and which version it is, given once; two terminals without a line may give the same."""

from __future__ import annotations

from app.kernel.work import Work
from app.quotes.model import Quote
from app.quotes.rules import versions
from app.work_orders.model import WorkOrder


def number_of(order: WorkOrder, version: int) -> str:
    return f"{order.number}-Q{version}"


def given(work: Work, order: WorkOrder) -> int:
    """The next version; where another terminal has given the same number meanwhile, the one behind all there are."""
    known = versions(work.session, order.id)
    behind = max((one.version for one in known), default=0) + 1
    wanted = int(work.draw("version", lambda: behind))
    own = work.new_id(Quote)
    return behind if any(one.version == wanted and one.id != own for one in known) else wanted


def exchange(one: Quote, other: Quote) -> None:
    """Each gets the other's number."""
    one.version, other.version = other.version, one.version
    one.number, other.number = other.number, one.number
