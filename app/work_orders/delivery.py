"""Handing a vehicle over: the checklist of what was explained and how it is paid, and the step that it allows."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from app.kernel.commands import Authority, Command
from app.kernel.ids import derived_id
from app.kernel.money import Money
from app.kernel.standard import Transition, transition
from app.kernel.words import _
from app.kernel.work import Work
from app.work_orders.model import Delivery, WorkOrder
from app.work_orders.rules import checklist, explains, is_open, not_less_than_nothing


@dataclass(frozen=True, kw_only=True)
class CheckDelivery(Command):
    """Writes down the delivery checklist: the work was explained, how the customer pays, and how much they were told.

    With `hand_over` the vehicle is handed over by the same act, where nothing else stands against it.
    """

    label = _("Delivery checked")
    about = {"order": "work_order"}
    needs = "work_orders.deliver"
    authority = Authority.FACT
    personal = ("notes",)
    order: UUID
    explained: bool
    method: str
    amount: Money
    notes: str = ""
    hand_over: bool = False

    def undone_by(self, command_id: UUID) -> Command:
        return UndoDelivery(order=self.order, handed_over=self.hand_over)


@dataclass(frozen=True, kw_only=True)
class UndoDelivery(Command):
    """Takes a delivery checklist back and, where it handed the vehicle over, the hand-over: the job is ready as before.

    Clocks that it stopped stay stopped, and stock that it let go of stays free. A job that was paid and closed stays closed.
    """

    label = _("Delivery check taken back")
    about = {"order": "work_order"}
    needs = "work_orders.deliver"
    authority = Authority.FACT
    order: UUID
    handed_over: bool = False


def check_delivery(do: CheckDelivery, work: Work) -> None:
    """A job has one checklist, wherever it is gone through: whoever does it later says what counts."""
    order = work.get(WorkOrder, do.order)
    work.check(is_open(order), explains(do.explained), not_less_than_nothing(do.amount))
    ident = derived_id(order.id, Delivery.__tablename__)
    told = work.find(Delivery, ident) or Delivery(id=ident, order_id=order.id)
    told.explained, told.method, told.amount, told.notes = do.explained, do.method, do.amount, do.notes.strip()
    told.retired = False
    if told.org_id is None:
        work.add(told)
    if do.hand_over:
        work.session.flush()
        transition(Transition(entity=WorkOrder.__tablename__, id=order.id, move="deliver"), work)


def undo_delivery(do: UndoDelivery, work: Work) -> None:
    order = work.get(WorkOrder, do.order)
    gone = do.handed_over and order.state == "DELIVERED"
    if not work.check(None if gone else is_open(order)):
        return
    told = checklist(work.session, order.id)
    if told is not None:
        told.retired = True
    if gone:
        order.state = "READY"
