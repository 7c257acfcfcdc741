"""Handing parts out to a job, taking them back, and undoing a slip of the hand."""

from __future__ import annotations

from dataclasses import dataclass
from uuid import UUID

from sqlalchemy import bindparam, func, select

from app.kernel.commands import Authority, Command
from app.kernel.ids import derived_id
from app.kernel.problems import Problem
from app.kernel.types import Quantity
from app.kernel.words import _
from app.kernel.work import Work
from app.parts.model import Part
from app.parts.rules import more_than_nothing, whole_pieces
from app.parts_issue.claims import claimed_twice
from app.parts_issue.rules import (
    came_back,
    cancelled,
    closed,
    far_over_plan,
    many_unplanned,
    more_than_issued,
    other_movement,
    over_plan,
    set_aside,
    spoken_for,
)
from app.places.model import SET_ASIDE, Bin
from app.stock.balances import RESERVED_BY_OTHERS, in_warehouse, on_hand, used
from app.stock.commands import mirror, policy_of, post, reversible
from app.stock.lots import booked_of, gone_already, named, single
from app.stock.model import Lot, Reservation, StockLine
from app.stock.rules import short
from app.work_orders.commands import ON_TOP, plan_less, plan_more
from app.work_orders.model import PartLine, WorkOrder


@dataclass(frozen=True, kw_only=True)
class IssuePart(Command):
    """A person took parts out of a bin for a work order."""

    label = _("Part issued")
    about = {"part": "part", "lot": "lot", "order": "work_order"}
    needs = "parts_issue.issue"
    authority = Authority.FACT  # it happened: the hub may question it, never refuse it
    order: UUID
    part: UUID
    bin: UUID
    quantity: Quantity = Quantity(1)
    lot: UUID | None = None
    reason: str = ""
    supplement: bool = False  # what is taken beyond the plan is added to the job

    def undone_by(self, command_id: UUID) -> Command:
        planned = derived_id(command_id, "part_line", ON_TOP) if self.supplement else None
        return UndoIssue(line=derived_id(command_id, "stock_line", "issue"), planned=planned)


@dataclass(frozen=True, kw_only=True)
class ReturnPart(Command):
    """A person brought parts back from a work order: good ones to their bin, damaged ones to quarantine."""

    label = _("Part brought back")
    about = {"part": "part", "lot": "lot", "order": "work_order"}
    needs = "parts_issue.return"
    authority = Authority.FACT
    order: UUID
    part: UUID
    bin: UUID
    quantity: Quantity = Quantity(1)
    lot: UUID | None = None
    damaged: bool = False
    reason: str = ""

    def undone_by(self, command_id: UUID) -> Command:
        return UndoReturn(line=derived_id(command_id, "stock_line", "return"))


@dataclass(frozen=True, kw_only=True)
class UndoIssue(Command):
    """Takes an issue back as if it had not been: the mirror line, once."""

    label = _("Issue taken back")
    about = {"line": "stock_line"}
    needs = "parts_issue.issue"
    authority = Authority.FACT
    line: UUID
    planned: UUID | None = None  # the line that was added to the job with it
    reason: str = ""


@dataclass(frozen=True, kw_only=True)
class UndoReturn(Command):
    """Takes a return back as if it had not been: the mirror line, once."""

    label = _("Return taken back")
    about = {"line": "stock_line"}
    needs = "parts_issue.return"
    authority = Authority.FACT
    line: UUID
    reason: str = ""


def issue_part(do: IssuePart, work: Work) -> None:
    order, part, bin = work.get(WorkOrder, do.order), work.get(Part, do.part), work.get(Bin, do.bin)
    work.check(closed(order), more_than_nothing(do.quantity), whole_pieces(part, do.quantity), single(part, do.quantity))
    lot = named(work, part, do.lot)
    taken = used(work.session, order.id, part.id)
    planned, others = _wanted(work, order, part, bin)
    issued = taken[0] - taken[1] + do.quantity
    may = work.may("parts_issue.over", bin.warehouse_id)
    work.check(
        set_aside(bin),
        far_over_plan(issued, planned, part.title, may=may)
        if planned
        else many_unplanned(issued, int(work.setting("parts_issue.unplanned_limit")), part.title, may=may),
    )
    work.check(
        None if do.supplement else over_plan(issued, planned, part.title),
        _not_there(do, work, part, bin, lot),
        _spoken_for(do, work, order, part, bin, others) if others else None,
    )
    if do.supplement:
        _add_to_the_plan(work, order, part, min(do.quantity, issued - planned))
    post(work, part, bin, -do.quantity, kind="issue", source=order.id, reason=do.reason, lot=lot.code if lot else "")


def _add_to_the_plan(work: Work, order: WorkOrder, part: Part, beyond: Quantity) -> None:
    """What the person saw beyond the plan, whatever is planned by the time that it comes in elsewhere."""
    drawn = Quantity.of_thousandths(work.draw("beyond", lambda: beyond.thousandths))
    if drawn > Quantity(0):
        plan_more(work, order, part, drawn)


def _not_there(do: IssuePart, work: Work, part: Part, bin: Bin, lot: Lot | None) -> Problem | None:
    """What is taken but not booked. A serial number that is gone says it all: one finding, not two."""
    gone = gone_already(part, lot, booked_of(work.session, lot), do.quantity) if lot is not None else None
    if gone is not None and lot is not None and part.tracking == "serial":
        return claimed_twice(gone, work, lot)
    return short(do.quantity, on_hand(work.session, part.id, bin), policy_of(work, bin), part.title, bin.title) or gone


_PLANNED = select(func.sum(PartLine.planned)).where(  # two terminals may each have planned the part
    PartLine.order_id == bindparam("order"), PartLine.part_id == bindparam("part"), PartLine.retired.is_(False)
)
_WANTED = select(
    _PLANNED.scalar_subquery(), RESERVED_BY_OTHERS.scalar_subquery()
)  # built once, and one question: every scan asks


def _wanted(work: Work, order: WorkOrder, part: Part, bin: Bin) -> tuple[Quantity, Quantity]:
    """What the job has planned of a part, and what other jobs have reserved of it in the warehouse."""
    asked = {"order": order.id, "part": part.id, "warehouse": bin.warehouse_id, "source": order.id}
    planned, others = work.session.execute(_WANTED, asked).one()
    return planned or Quantity(0), others or Quantity(0)


def _spoken_for(do: IssuePart, work: Work, order: WorkOrder, part: Part, bin: Bin, others: Quantity) -> Problem | None:
    """What of the quantity others have reserved; it is asked only where something is."""
    left = in_warehouse(work.session, part.id, bin.warehouse_id) - do.quantity
    holder = work.session.scalar(_HOLDER, {"order": order.id, "part": part.id, "warehouse": bin.warehouse_id})
    return spoken_for(do.quantity, left, others, part.title, holder or "–")


_HOLDER = (
    select(WorkOrder.number)
    .join(Reservation, Reservation.source_id == WorkOrder.id)
    .where(
        Reservation.part_id == bindparam("part"),
        Reservation.warehouse_id == bindparam("warehouse"),
        Reservation.source_id != bindparam("order"),
        Reservation.state == "active",
    )
    .order_by(Reservation.quantity.desc(), WorkOrder.number)
    .limit(1)
)


def return_part(do: ReturnPart, work: Work) -> None:
    order, part, bin = work.get(WorkOrder, do.order), work.get(Part, do.part, even_retired=True), work.get(Bin, do.bin)
    issued, returned = used(work.session, order.id, part.id)
    work.check(
        more_than_nothing(do.quantity),
        whole_pieces(part, do.quantity),
        more_than_issued(returned + do.quantity, issued, part.title),
        damaged_goes_apart(bin) if do.damaged else None,
    )
    lot = named(work, part, do.lot)
    reason = do.reason or ("damaged" if do.damaged else "")
    post(work, part, bin, do.quantity, kind="return", source=order.id, reason=reason, lot=lot.code if lot else "")


def damaged_goes_apart(bin: Bin) -> Problem | None:
    if bin.kind in SET_ASIDE:
        return None
    return Problem(
        "parts_issue.damaged",
        _("Damaged parts do not go back into {bin}."),
        field="bin",
        hint=_("Scan a quarantine bin."),
        values={"bin": bin.title},
    )


def undo_issue(do: UndoIssue, work: Work) -> None:
    line = work.get(StockLine, do.line)
    order = _job(work, line, "issue")
    if order is None or not reversible(work, line):
        return
    work.check(closed(order))
    issued, returned = used(work.session, order.id, line.part_id)
    if work.check(came_back(returned, issued + line.quantity)):
        mirror(work, line, do.reason or "undone")
        if do.planned is not None:
            plan_less(work, order, do.planned, line)


def undo_return(do: UndoReturn, work: Work) -> None:
    line = work.get(StockLine, do.line)
    order = _job(work, line, "return")
    if order is not None and reversible(work, line):
        work.check(cancelled(order))
        mirror(work, line, do.reason or "undone")


def _job(work: Work, line: StockLine, kind: str) -> WorkOrder | None:
    """The job that a line of this kind belongs to; None for any other movement, which is not undone here."""
    if line.kind != kind or line.source_id is None:
        work.check(other_movement(kind))
        return None
    work.hold(line.source_id)
    return work.get(WorkOrder, line.source_id)
