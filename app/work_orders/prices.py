"""Prices: what a line of a job costs, changed on the line itself; whoever holds quotes may object."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from uuid import UUID

from app.kernel.commands import Command
from app.kernel.money import Money
from app.kernel.problems import Problem, Refused
from app.kernel.words import _
from app.kernel.work import Work
from app.work_orders.model import ChargeLine, PartLine, ServiceLine, WorkOrder
from app.work_orders.rules import is_open
from app.work_orders.worth import sum_changes

PRICED: Mapping[str, tuple[type[PartLine] | type[ServiceLine] | type[ChargeLine], str]] = {
    "part_line": (PartLine, "price"),
    "service_line": (ServiceLine, "price"),
    "charge_line": (ChargeLine, "amount"),
}
"""The lines that have a price, and the field it stands in."""
KINDS = {"part": "part_line", "service": "service_line", "charge": "charge_line"}
"""The entity behind each kind of line of a bill."""


@dataclass(frozen=True, kw_only=True)
class SetPrice(Command):
    """Sets the price of one part, the fixed price of a service, or the amount of a charge on a job.

    Without a price a service costs its hours again. `was` is a list of the one price before, so that it can be undone.
    """

    label = _("Price changed")
    about = {"line": "record"}
    needs = "work_orders.price"
    entity: str
    line: UUID
    price: Money | None = None
    reason: str = ""
    was: tuple[Money | None, ...] = ()

    def undone_by(self, command_id: UUID) -> Command | None:
        if not self.was:
            return None
        return SetPrice(entity=self.entity, line=self.line, price=self.was[0], reason=self.reason, was=(self.price,))


def set_price(do: SetPrice, work: Work) -> None:
    entity, field = _priced(do.entity)
    line = work.get(entity, do.line)
    work.hold(line.order_id)
    order = work.get(WorkOrder, line.order_id)
    work.check(is_open(order), price_counts(do.entity, do.price))
    with sum_changes(work, order, do.reason):
        setattr(line, field, do.price)


def _priced(name: str) -> tuple[type[PartLine] | type[ServiceLine] | type[ChargeLine], str]:
    if name not in PRICED:
        raise Refused(
            Problem(
                "work_orders.no_price",
                _("“{name}” is not a line that has a price."),
                field="entity",
                hint=_("Choose from: {names}."),
                values={"name": name[:40], "names": ", ".join(PRICED)},
            )
        )
    return PRICED[name]


def price_counts(entity: str, price: Money | None) -> Problem | None:
    """A charge may be a minus, such as a discount; it is always said. Nothing else costs less than nothing."""
    if price is None and entity == "charge_line":
        return Problem("work_orders.no_amount", _("The charge has no amount."), field="price", hint=_("Write how much it is."))
    if price is None or price.minor >= 0 or entity == "charge_line":
        return None
    return Problem(
        "work_orders.price",
        _("Nothing costs less than nothing."),
        field="price",
        hint=_("Write a price, or add a charge with a minus."),
    )
