"""What issue and return look up: what a job is, which bins to walk to, and which old part came back."""

from __future__ import annotations

from collections.abc import Mapping
from uuid import UUID

from sqlalchemy.orm import Session

from app.cores.commands import ReceiveCore
from app.kernel.commands import Command
from app.kernel.meanings import Match
from app.kernel.problems import Problem
from app.parties.model import Customer, Vehicle
from app.parts.model import WHOLE_UNITS, Part
from app.parts_issue.queries import is_fixed, proposed_bins, quarantine_bin
from app.parts_issue.rules import closed
from app.stock.balances import on_hand
from app.work_orders.model import WorkOrder


def takes_parts(session: Session, ident: UUID) -> Problem | None:
    """Said when the tag is scanned, not when the first part is."""
    order = session.get(WorkOrder, ident)
    return closed(order) if order is not None else None


def about(session: Session, ident: UUID) -> str:
    """What the job is: the vehicle, its plate, its owner, and what is wrong."""
    order = session.get(WorkOrder, ident)
    if order is None:
        return ""
    vehicle = session.get(Vehicle, order.vehicle_id) if order.vehicle_id else None
    customer = session.get(Customer, order.customer_id) if order.customer_id else None
    words = [vehicle.title if vehicle else "", customer.title if customer else "", order.what]
    return " · ".join(word for word in words if word)


def bins_to_take_from(session: Session, ids: Mapping[str, UUID], _damaged: bool) -> list[Match]:
    """The fixed bin, or the only one that has some; otherwise all that have."""
    part, order = ids["part"], session.get(WorkOrder, ids["order"])
    bins = proposed_bins(session, part, order.warehouse_id if order else None)
    sure = bins[:1] if bins and is_fixed(session, part, bins[0].id) else bins
    return [Match("bin", bin.id, bin.title, on_hand(session, part, bin)) for bin in sure]


def bins_to_put_into(session: Session, ids: Mapping[str, UUID], damaged: bool) -> list[Match]:
    """Good parts go back to their bin, damaged ones into quarantine."""
    if not damaged:
        return bins_to_take_from(session, ids, damaged)[:1]
    order = session.get(WorkOrder, ids["order"])
    bin = quarantine_bin(session, order.warehouse_id if order else None)
    return [Match("bin", bin.id, bin.title, on_hand(session, ids["part"], bin))] if bin else []


def in_pieces(session: Session, ident: UUID) -> bool:
    """Whether nobody hands out half of one."""
    part = session.get(Part, ident)
    return part is not None and part.unit in WHOLE_UNITS


def old_part(core: Match) -> Command:
    """The tag of an old part says which one came back."""
    return ReceiveCore(core=core.id)
