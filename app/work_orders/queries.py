"""What people ask about jobs."""

from __future__ import annotations

from collections.abc import Mapping
from functools import lru_cache
from typing import Any
from uuid import UUID

from sqlalchemy import ColumnElement, Select, Subquery, case, func, literal, or_, select
from sqlalchemy.orm import Session

from app.access.model import Person
from app.kernel.access import Actor
from app.kernel.meanings import Finder, Match
from app.kernel.queries import Ask, Asking, Column, Query, Row
from app.kernel.scanning import Reading
from app.kernel.types import Quantity, QuantityType
from app.kernel.words import _, say
from app.parties.model import Customer, Vehicle
from app.parts.model import Part, PartBin
from app.places.model import Bin
from app.services.queries import with_range
from app.stock.model import Balance, Usage
from app.work_orders.model import OrderStep, PartLine, ServiceLine, WorkOrder
from app.work_orders.rules import OPEN

NONE = literal(Quantity(0), QuantityType())
TAKEN_FROM = ("pick", "bulk", "van")  # the kinds of bin that parts are taken from

OF_A_LINE = (
    Column("code", _("Code")),
    Column("name", _("Part")),
    Column("bin", _("Bin"), empty=True),
    Column("planned", _("Planned"), "quantity"),
    Column("issued", _("Issued"), "quantity"),
    Column("returned", _("Returned"), "quantity"),
    Column("unit", _("Unit")),
)


def work_orders(
    asking: Asking, *, mine: bool = False, open: bool = False, customer: UUID | None = None, vehicle: UUID | None = None
) -> Ask:
    """Jobs with their customer and vehicle; of one `customer` or `vehicle` only."""
    statement = (
        select(
            WorkOrder.id.label("id"),
            WorkOrder.number.label("number"),
            WorkOrder.what.label("what"),
            WorkOrder.state.label("state"),
            Customer.name.label("customer"),
            Vehicle.model.label("vehicle"),
            Vehicle.plate.label("plate"),
            WorkOrder.priority.label("priority"),
            WorkOrder.bay.label("bay"),
            WorkOrder.promised.label("promised"),
        )
        .outerjoin(Customer, Customer.id == WorkOrder.customer_id)
        .outerjoin(Vehicle, Vehicle.id == WorkOrder.vehicle_id)
        .where(WorkOrder.retired.is_(False))
    )
    if mine:
        statement = statement.where(WorkOrder.assignee_id == asking.actor.id)
    if open:
        statement = statement.where(WorkOrder.state.in_(OPEN))
    for column, ident in ((WorkOrder.customer_id, customer), (WorkOrder.vehicle_id, vehicle)):
        if ident is not None:
            statement = statement.where(column == ident)
    columns = (
        Column("number", _("Number")),
        Column("what", _("What")),
        Column("state", _("State"), "choice"),
        Column("customer", _("Customer"), empty=True),
        Column("vehicle", _("Vehicle"), empty=True),
        Column("plate", _("Plate"), empty=True),
        Column("priority", _("Priority"), "choice"),
        Column("bay", _("Bay"), empty=True),
        Column("promised", _("Promised"), "moment", empty=True),
    )
    return Ask(statement, columns, order="-number", reads=frozenset({"work_order", "customer", "vehicle"}))


def _plan(order: UUID) -> Subquery:
    """What is planned of each part, and what of it for certain: two terminals, or procedures, may each have planned some."""
    certain = func.sum(case((PartLine.optional, NONE), else_=PartLine.planned)).label("certain")
    lines = select(PartLine.part_id, func.sum(PartLine.planned).label("planned"), certain)
    return lines.where(PartLine.order_id == order, PartLine.retired.is_(False)).group_by(PartLine.part_id).subquery("plan")


def order_parts(_asking: Asking, *, order: UUID) -> Ask:
    """The parts planned on a job, what is still due first, then what may be needed: what was issued and came back, and the bin
    to walk to."""
    return lines_of(order)


@lru_cache(maxsize=64)
def lines_of(order: UUID) -> Ask:
    """Built once for a job: its screen asks it after every scan."""
    lines = _planned_lines(order).union_all(_unplanned_lines(order)).subquery("lines")
    whole = select(*lines.c, _bin_to_walk_to(order, lines.c.id).label("bin"), (lines.c.there + lines.c.code).label("turn"))
    reads = frozenset({"part_line", "stock_line", "part", "part_bin", "bin"})
    return Ask(whole, OF_A_LINE, key=("turn", "id"), order="turn", reads=reads, told=_marked)


def _planned_lines(order: UUID) -> Select[*tuple[Any, ...]]:
    issued, returned = func.coalesce(Usage.issued, NONE), func.coalesce(Usage.returned, NONE)
    plan = _plan(order)
    return (
        select(
            Part.id.label("id"),
            Part.code.label("code"),
            Part.name.label("name"),
            plan.c.planned.label("planned"),
            plan.c.certain.label("certain"),
            issued.label("issued"),
            returned.label("returned"),
            Part.unit.label("unit"),
            case((issued - returned < plan.c.certain, "0"), (issued - returned < plan.c.planned, "1"), else_="2").label("there"),
        )
        .select_from(plan)
        .join(Part, Part.id == plan.c.part_id)
        .outerjoin(Usage, (Usage.source_id == order) & (Usage.part_id == plan.c.part_id))
    )


def _unplanned_lines(order: UUID) -> Select[*tuple[Any, ...]]:
    planned = select(PartLine.part_id).where(PartLine.order_id == order, PartLine.retired.is_(False))
    columns = (
        Part.id,
        Part.code,
        Part.name,
        NONE.label("planned"),
        NONE.label("certain"),
        Usage.issued,
        Usage.returned,
        Part.unit,
    )
    taken = select(*columns, literal("2")).select_from(Usage).join(Part, Part.id == Usage.part_id)
    return taken.where(Usage.source_id == order, Usage.part_id.not_in(planned))


def _marked(rows: list[Row]) -> list[Row]:
    """Says of a part that it is taken only if it is needed."""
    return [
        {**row, "name": say(_("{part} (only if needed)"), part=row["name"])} if row["planned"] and not row["certain"] else row
        for row in rows
    ]


OF_A_STEP = (
    Column("what", _("Step")),
    Column("service", _("Service")),
    Column("range", _("Torque")),
    Column("tools", _("Tools")),
    Column("hazard", _("Danger")),
    Column("measured", _("Measured, Nm"), "quantity", empty=True),
    Column("by", _("Done by"), empty=True),
    Column("at", _("Done at"), "moment", empty=True),
    Column("reason", _("Reason")),
    Column("torque", _("Torque, Nm"), "quantity", empty=True),
    Column("tolerance", _("Tolerance, %"), "quantity", empty=True),
)


def order_steps(_asking: Asking, *, order: UUID) -> Ask:
    """The steps of the work on a job in their order: what is to be done, how tight, and who did it."""
    statement = (
        select(
            OrderStep.id.label("id"),
            OrderStep.what.label("what"),
            ServiceLine.what.label("service"),
            literal("").label("range"),
            func.coalesce(OrderStep.tools, "").label("tools"),
            func.coalesce(OrderStep.hazard, "").label("hazard"),
            OrderStep.measured.label("measured"),
            Person.name.label("by"),
            OrderStep.done_at.label("at"),
            func.coalesce(OrderStep.reason, "").label("reason"),
            OrderStep.torque.label("torque"),
            OrderStep.tolerance.label("tolerance"),
            OrderStep.made_at.label("made"),
            OrderStep.place.label("place"),
        )
        .join(ServiceLine, ServiceLine.id == OrderStep.service_id)
        .outerjoin(Person, Person.id == OrderStep.done_by)
        .where(OrderStep.order_id == order, OrderStep.retired.is_(False))
    )
    reads = frozenset({"order_step", "service_line"})
    return Ask(statement, OF_A_STEP, key=("made", "place", "id"), order="made", reads=reads, told=with_range)


def all_there(line: Mapping[str, Any]) -> bool:
    """Whether a line of `order_parts` has everything it plans."""
    return bool(line["planned"]) and line["issued"] - line["returned"] >= line["planned"]


def _bin_to_walk_to(order: UUID, part: ColumnElement[UUID]) -> ColumnElement[str]:
    """The code of the bin that the issue would propose: in the job's warehouse, the fixed one, then the fullest; then elsewhere.

    Each way is looked up by the part, and only when the one before found nothing: a job's lines are read after every scan.
    """
    near = Bin.warehouse_id == select(WorkOrder.warehouse_id).where(WorkOrder.id == order).scalar_subquery()
    usable = (Bin.retired.is_(False), Bin.kind.in_(TAKEN_FROM))
    fixed = select(Bin.code).join(PartBin, PartBin.bin_id == Bin.id).where(PartBin.part_id == part, PartBin.fixed, *usable)
    fixed = fixed.where(PartBin.retired.is_(False)).order_by(Bin.id)
    fullest = (
        select(Bin.code).join(Balance, Balance.bin_id == Bin.id).where(Balance.part_id == part, Balance.on_hand > NONE, *usable)
    )
    fullest = fullest.order_by(Balance.on_hand.desc(), Bin.id)
    ways = (fixed.where(near), fullest.where(near), fixed, fullest)
    return func.coalesce(*(way.limit(1).correlate_except(Bin, Balance, PartBin, WorkOrder).scalar_subquery() for way in ways))


def by_number(session: Session, reading: Reading, actor: Actor) -> list[Match]:
    """A job's human number, as a one-dimensional scanner or a person gives it."""
    text = reading.text.strip()
    wanted = (
        select(WorkOrder)
        .where(
            WorkOrder.org_id == actor.org_id,
            or_(WorkOrder.number == text, WorkOrder.number == text.upper()),
            WorkOrder.retired.is_(False),
        )
        .limit(9)
    )
    return [Match("work_order", row.id, row.title) for row in session.scalars(wanted)]


FINDERS = (Finder("work order number", 20, by_number),)

QUERIES = (
    Query(
        "work_orders",
        work_orders,
        "work_orders.read",
        _("Jobs, the newest first; mine=true shows one's own, open=true those not finished."),
    ),
    Query("order_steps", order_steps, "work_orders.read", _("The steps of the work on a job, who did which, and how tight.")),
    Query("order_parts", order_parts, "work_orders.read", _("What is planned on a job, issued to it and returned.")),
)
