"""What else a job costs its customer: a fee, a deposit, or with a minus something taken off."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.commands import Authority, Command
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.problems import Problem
from app.kernel.words import _, say
from app.kernel.work import Work
from app.taxes.rules import tax_of
from app.work_orders.model import ChargeLine, WorkOrder
from app.work_orders.rules import after_agreement, is_open, says_what
from app.work_orders.worth import sum_changes


@dataclass(frozen=True, kw_only=True)
class AddCharge(Command):
    """Puts a charge on a job's bill; with a minus it takes something off."""

    label = _("Charge added")
    about = {"what": "", "order": "work_order"}
    needs = "work_orders.charge"
    authority = Authority.FACT
    order: UUID
    what: str
    amount: Money
    tax_code: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return RemoveCharge(charge=derived_id(command_id, "charge_line"), reason=say(_("Taken back")))


@dataclass(frozen=True, kw_only=True)
class RemoveCharge(Command):
    """Takes a charge off a job's bill again; whether it was a fee or a discount, the sum changes by it."""

    label = _("Charge taken off")
    about = {"charge": "charge_line"}
    needs = "work_orders.charge"
    authority = Authority.FACT
    charge: UUID
    reason: str = ""


def add_charge(do: AddCharge, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    work.check(is_open(order), says_what(do.what), charges_something(do.amount))
    work.check(after_agreement(order) if do.amount.minor > 0 else None)
    line = ChargeLine(order_id=order.id, what=do.what.strip(), amount=do.amount, tax_id=tax_of(work, do.tax_code))
    with sum_changes(work, order, do.what):
        work.add(line)


def remove_charge(do: RemoveCharge, work: Work) -> None:
    line = work.get(ChargeLine, do.charge, even_retired=True)
    order = work.get(WorkOrder, line.order_id)
    work.check(is_open(order))
    with sum_changes(work, order, do.reason):
        line.retired = True


def charges_something(amount: Money) -> Problem | None:
    if amount:
        return None
    return Problem(
        "work_orders.no_charge",
        _("A charge of nothing changes no bill."),
        field="amount",
        hint=_("Write the amount; with a minus it is taken off."),
    )
